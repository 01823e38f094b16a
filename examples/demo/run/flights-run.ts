import { setTimeout as sleep } from 'node:timers/promises';
import { Crew, withCrews } from './crew.js';
import { mergeLastShards, splitFirstShard, type ReshardedStream } from './resharding.js';
import { WorkerProcess, type ProgramEvent } from './worker-process.js';

const CATCH_UP_PATIENCE_MS = 90_000;
const SPLIT_AT = 0.25;
const MERGE_AT = 0.55;
/** From this share on it pays to read all effects to see whether the rest is there. */
const NEARLY_ALL = 0.95;

/** The readers of the example. */
export const READERS = ['delays', 'archive'] as const;
/** One of them. */
export type ReaderName = (typeof READERS)[number];

/** What the flights half needs of the run. */
export interface FlightsRun extends ReshardedStream {
  readonly records: number;
  /** Environment of a producer or reader process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The reader that is killed: some milliseconds after it handled this share of the records. */
  readonly kill: { readonly reader: ReaderName; readonly atShare: number; readonly delayMs: number };
  /** Whether both readers have written down every record, by what they wrote: a killed reader can't report its last batch. */
  readonly isCaughtUp: () => Promise<boolean>;
  readonly onProgress: (name: string, value: number) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/** What the programs said of themselves; the ledger judges without it. */
export interface FlightsOutcome {
  readonly kinesisRecords: number;
  readonly bytes: number;
  /** Records handed to a handler by each reader; more than were produced when a kill made it repeat some. */
  readonly handed: Readonly<Record<ReaderName, number>>;
  readonly killed: ReaderName;
  readonly faults: readonly string[];
}

/** Produces the flights while two readers handle them, one killed and replaced, and the stream is split and merged; resolves when both caught up. */
export async function runFlights(run: FlightsRun): Promise<FlightsOutcome> {
  const handed = { delays: 0, archive: 0 };
  const committed = { delays: 0, archive: 0 };
  const crews = READERS.map((reader) => {
    const crew: Crew = new Crew({
      name: `reader ${reader}`,
      program: `examples/flights/${reader}.ts`,
      environment: run.environment,
      onEvent: (event) => {
        if (event.kind === 'dispatched') handed[reader] += Number(event.records);
        if (event.kind === 'handled') committed[reader] += Number(event.records);
        run.onProgress(reader, committed[reader]);
        if (reader === run.kill.reader && committed[reader] >= run.records * run.kill.atShare)
          killOnce(crew, run, committed[reader]);
      },
    });
    return crew;
  });
  let produced: ProgramEvent = { kind: 'produced' };
  const faults = await withCrews(crews, run.signal, async (signal) => {
    produced = await produce(run, signal);
    await untilCaughtUp(run, signal, () =>
      READERS.every((reader) => committed[reader] >= run.records * NEARLY_ALL),
    );
  });
  if (!crews.some((crew) => crew.isKilled))
    faults.push(`no reader was killed: ${run.kill.reader} never came to ${run.kill.atShare * 100} %`);
  return {
    kinesisRecords: Number(produced.kinesisRecords ?? 0),
    bytes: Number(produced.bytes ?? 0),
    handed,
    killed: run.kill.reader,
    faults,
  };
}

function killOnce(crew: Crew, { onIncident, kill }: FlightsRun, handled: number): void {
  if (crew.isKilled) return;
  onIncident(
    `SIGKILL to ${crew.name} after ${handled.toLocaleString('en-US')} records; another one takes over`,
  );
  void crew.replace(kill.delayMs);
}

async function untilCaughtUp(run: FlightsRun, signal: AbortSignal, isNear: () => boolean): Promise<void> {
  const deadline = performance.now() + CATCH_UP_PATIENCE_MS;
  while (performance.now() < deadline && !(isNear() && (await run.isCaughtUp())))
    await sleep(500, undefined, { signal });
  // Past the deadline the run goes on all the same: the ledger names what is missing.
}

/** Runs the producer to its end, and changes the shards under it. */
async function produce(run: FlightsRun, signal: AbortSignal): Promise<ProgramEvent> {
  let last: ProgramEvent = { kind: 'started' };
  const reshard = new OnceAt(run.records);
  const producer = new WorkerProcess({
    name: 'producer of flights',
    program: 'examples/flights/produce.ts',
    args: [String(run.records)],
    environment: run.environment,
    signal,
    onEvent: (event) => {
      last = event;
      run.onProgress('produced', Number(event.records));
      reshard.at(SPLIT_AT, Number(event.records), () => splitFirstShard(run));
      reshard.at(MERGE_AT, Number(event.records), () => mergeLastShards(run));
    },
  });
  try {
    await producer.ended();
    await reshard.done();
  } finally {
    await producer.stop();
  }
  return last;
}

/** Starts each thing once, when its share of the records is reached, one after the other. */
class OnceAt {
  readonly #total: number;
  readonly #started = new Set<number>();
  #chain: Promise<void> = Promise.resolve();

  constructor(total: number) {
    this.#total = total;
  }

  at(share: number, records: number, act: () => Promise<void>): void {
    if (this.#started.has(share) || records < share * this.#total) return;
    this.#started.add(share);
    this.#chain = this.#chain.then(act);
    this.#chain.catch(() => undefined); // done() hands it to its owner
  }

  done(): Promise<void> {
    return this.#chain;
  }
}

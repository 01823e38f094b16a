import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { Child } from './child.js';
import type { ConsumerOrder, ConsumerReport } from './consumer-process.js';
import type { ConsumerName } from './consumers/names.js';
import type { ServerOrder, ServerReport } from './server-process.js';

/** Message bodies, in bytes beside their envelope. */
export const BODY_BYTES = 1_024;

/** The SQS all consumers of a bench talk to, in a process of its own. */
export type Server = Child<ServerOrder, ServerReport>;

/** Starts the server. */
export const startServer = (): Promise<Server> =>
  Child.start<ServerOrder, ServerReport>('./server-process.ts');

/** One run of one consumer. */
export interface Consumed extends ConsumerReport {
  /** Calls to SQS per message of the whole run. */
  readonly callsPerMessage: number;
  readonly messages: number;
}

/** What one run is. */
export interface ConsumeCase extends Omit<ConsumerOrder, 'place'> {
  /** The Node.js of the consumer. @default - this one */
  readonly node?: string | undefined;
  /** Groups of a FIFO queue; 0 for a standard queue. @default 0 */
  readonly groups?: number;
  /** Messages behind those that count, so that slots are still full when the last of them ends. @default 0 */
  readonly surplus?: number;
}

/** Fills a new queue and has it drained by a new process. */
export async function consumeOnce(
  server: Server,
  { node, groups = 0, surplus = 0, ...work }: ConsumeCase,
): Promise<Consumed> {
  const all = work.warmUp + work.messages;
  const fifo = groups > 0;
  const { place, counts: before } = await server.give({
    kind: 'queue',
    fifo,
    messages: all + surplus,
    bytes: BODY_BYTES,
    groups,
  });
  if (place === undefined) throw new Error('the server made no queue');
  await using consumer = await Child.start<ConsumerOrder, ConsumerReport>('./consumer-process.ts', node);
  const report = await consumer.give({ ...work, place });
  const { counts: after } = await server.give({ kind: 'counts' });
  return { ...report, messages: work.messages, callsPerMessage: (sqsCalls(after) - sqsCalls(before)) / all };
}

const sqsCalls = (counts: ServerReport['counts']): number =>
  Object.entries(counts).reduce((sum, [name, count]) => (name.startsWith('sqs.') ? sum + count : sum), 0);

/** Runs that alternate: a change of the machine's mood then hits all of them. */
export async function consumeInTurns(
  cases: readonly ConsumeCase[],
  rounds: number,
): Promise<ReadonlyMap<ConsumerName, readonly Consumed[]>> {
  await using server = await startServer();
  const runs = new Map<ConsumerName, Consumed[]>(cases.map(({ consumer }) => [consumer, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const each of cases) runs.get(each.consumer)?.push(await consumeOnce(server, each));
  return runs;
}

/** CPU of one run, microseconds per message. */
export const cpuPerMessage = ({ cpuMs, messages }: Consumed): number => (cpuMs / messages) * 1_000;

/** Messages per second of one run. */
export const ratePerSecond = ({ wallMs, messages }: Consumed): number => (messages / wallMs) * 1_000;

/** What is promised of a consumer. */
export interface ConsumeTargets {
  readonly callsPerMessage?: number;
  /** CPU per message, in raw loops. */
  readonly rawLoops?: number;
}

/** The figures of one consumer, beside those of the raw loop of the same round. */
export function* consumeFigures(
  part: string,
  runs: ReadonlyMap<ConsumerName, readonly Consumed[]>,
  targetsOf: (consumer: ConsumerName) => ConsumeTargets,
): Generator<Figure> {
  const raw = runs.get('raw SDK v3 loop') ?? [];
  for (const [consumer, consumed] of runs) {
    const { callsPerMessage, rawLoops } = targetsOf(consumer);
    const shared = { part, runs: consumed.length, isCeiling: true };
    yield {
      ...shared,
      name: `${consumer}: calls`,
      unit: 'calls/message',
      wall: spreadOf(consumed.map((run) => run.callsPerMessage)),
      cpu: undefined,
      target: callsPerMessage,
    };
    yield {
      ...shared,
      name: `${consumer}: CPU`,
      unit: 'µs/message',
      wall: undefined,
      cpu: spreadOf(consumed.map(cpuPerMessage)),
      target: undefined,
    };
    yield {
      ...shared,
      name: `${consumer}: rate`,
      unit: 'messages/s',
      wall: spreadOf(consumed.map(ratePerSecond)),
      cpu: undefined,
      target: undefined,
    };
    if (raw.length > 0 && consumer !== 'raw SDK v3 loop')
      yield {
        ...shared,
        name: `${consumer}: CPU beside the raw loop`,
        unit: 'x',
        wall: undefined,
        cpu: spreadOf(consumed.map((run, round) => cpuPerMessage(run) / cpuPerMessage(raw[round] ?? run))),
        target: rawLoops,
      };
  }
}

/**
 * What consumers are compared by. Workers run for days: the first messages, which cost compilation, are not counted, and
 * so many are that what is compiled late weighs little.
 */
export const EMPTY = { handler: 'empty', concurrency: 10, warmUp: 5_000, messages: 10_000 } as const;

/** Empty handlers, 1 KB: what the client itself costs. */
export async function* measureConsume({ runs, isWanted }: MeasureOptions): AsyncGenerator<Figure> {
  const consumers = (
    ['raw SDK v3 loop', "millrace, user's SQSClient", 'millrace, lean transport'] as const
  ).filter(isWanted);
  const measured = await consumeInTurns(
    consumers.map((consumer) => ({ ...EMPTY, consumer })),
    runs,
  );
  yield* consumeFigures('consume', measured, (consumer) => {
    if (consumer === 'raw SDK v3 loop') return {};
    return { callsPerMessage: 0.21, rawLoops: consumer === 'millrace, lean transport' ? 0.35 : 1.15 };
  });
}

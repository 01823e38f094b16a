import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { Child } from './child.js';
import { BODY_BYTES, startServer } from './consume.js';
import type { MemoryOrder, MemoryReport } from './memory-process.js';

const DEFAULT_MINUTES = 0.5;
const STRETCH_MESSAGES = 10_000;
const TENTHS = 10;
const MIB = 1_048_576;
/** What counts as flat: the last tenth beside the second one, as the first fills caches and compiles. */
const FLAT = 1.1;
const TABLE = 'bench-memory';

/** What was seen in one tenth of the run. */
interface Tenth {
  /** After every stretch of messages, MiB. */
  readonly rss: readonly number[];
  /** At its end, garbage collected, MiB. */
  readonly heap: number;
  /** Messages handled up to its end. */
  readonly handled: number;
}

/** What is known when the run is over. */
interface Outcome {
  readonly messagesPerSecond: number;
  readonly serverRss: number;
  readonly renewals: number;
}

/** The memory of a worker that runs for long. */
export const measureMemory = (options: MeasureOptions): AsyncGenerator<Figure> =>
  measure('memory', options, undefined);

/** The same with an idempotency record per message. */
export const measureLeaseMemory = (options: MeasureOptions): AsyncGenerator<Figure> =>
  measure('memory-lease', options, TABLE);

async function* measure(
  part: string,
  options: MeasureOptions,
  table: string | undefined,
): AsyncGenerator<Figure> {
  const figure = (name: string, unit: string, values: readonly number[], ceiling?: number): Figure => ({
    part,
    name,
    unit,
    runs: values.length,
    wall: spreadOf(values),
    cpu: undefined,
    target: ceiling,
    isCeiling: true,
  });
  const tenths: Tenth[] = [];
  const run = runWorker(options, table);
  let step = await run.next();
  for (; step.done !== true; step = await run.next()) {
    const { rss, heap, handled } = step.value;
    const at = `message ${handled.toLocaleString('en-US')}`;
    tenths.push(step.value);
    yield figure(`RSS up to ${at}`, 'MiB', rss);
    yield figure(`heap held at ${at}`, 'MiB', [heap]);
  }
  const [first, second = first] = tenths;
  const last = tenths.at(-1);
  if (second !== undefined && last !== undefined) {
    const growth = spreadOf(last.rss).median / spreadOf(second.rss).median;
    yield figure('RSS of the last tenth beside the second', 'x', [growth], FLAT);
    yield figure('heap held after the last tenth beside the second', 'x', [last.heap / second.heap], FLAT);
  }
  const { messagesPerSecond, renewals, serverRss } = step.value;
  yield figure('rate', 'messages/s', [messagesPerSecond]);
  yield figure('renewals of visibility timeouts', 'calls', [renewals]);
  yield figure('RSS of the server at the end', 'MiB', [serverRss]);
}

/** Tells every tenth as soon as it is over: such a run takes long. */
async function* runWorker(
  options: MeasureOptions,
  table: string | undefined,
): AsyncGenerator<Tenth, Outcome> {
  await using server = await startServer();
  await using worker = await Child.start<MemoryOrder, MemoryReport>('./memory-process.ts');
  const fill = { messages: STRETCH_MESSAGES, bytes: BODY_BYTES };
  if (table !== undefined) await server.give({ kind: 'table', name: table });
  const { place } = await server.give({ kind: 'queue', fifo: false, ...fill, groups: 0 });
  if (place === undefined) throw new Error('the server made no queue');
  await worker.give({ kind: 'start', place, table });
  const progress = progressOf(options);
  const start = performance.now();
  let tenths = 0;
  let handled = 0;
  for (let rss: number[] = []; progress(handled) < 1;) {
    handled += STRETCH_MESSAGES;
    // A stretch ahead, so that nobody waits for the other, nor for a slow handler.
    const filling = server.give({ kind: 'fill', url: place.url, from: handled, ...fill });
    const [{ rssBytes }] = await Promise.all([worker.give({ kind: 'until', handled }), filling]);
    rss.push(rssBytes / MIB);
    if (progress(handled) * TENTHS < tenths + 1) continue;
    const { heapBytes } = await worker.give({ kind: 'sweep' });
    yield { rss, heap: heapBytes / MIB, handled };
    tenths += 1;
    rss = [];
  }
  const seconds = (performance.now() - start) / 1_000;
  await worker.give({ kind: 'stop' });
  const { rssBytes, counts } = await server.give({ kind: 'counts' });
  return {
    messagesPerSecond: handled / seconds,
    serverRss: rssBytes / MIB,
    renewals: counts['sqs.ChangeMessageVisibilityBatch'] ?? 0,
  };
}

/** How much of the run is over, 0 to 1 and beyond. */
function progressOf({ minutes = DEFAULT_MINUTES, messages }: MeasureOptions): (handled: number) => number {
  const start = performance.now();
  return (handled) =>
    messages === undefined ? (performance.now() - start) / (minutes * 60_000) : handled / messages;
}

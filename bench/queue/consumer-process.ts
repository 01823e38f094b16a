import { answerOrders } from './child.js';
import { CONSUMERS } from './consumers/consumers.js';
import type { ConsumerName } from './consumers/names.js';
import type { QueuePlace } from './work.js';

/** What a consumer process is told to do. */
export interface ConsumerOrder {
  readonly consumer: ConsumerName;
  readonly place: QueuePlace;
  readonly concurrency: number;
  readonly handler: HandlerKind;
  /** Messages before the clock starts: the first ones cost compilation. */
  readonly warmUp: number;
  /** Messages that count. */
  readonly messages: number;
  readonly peers?: string | undefined;
}

/** What a handler does: nothing, or wait; `mixed` waits 20 ms, and each tenth time 500 ms. */
export type HandlerKind = 'empty' | 'mixed' | 'ten-ms';

/** What a stretch of work took. */
export interface ConsumerReport {
  readonly wallMs: number;
  /** User and system time of the whole process. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

const MIXED_MS = { usual: 20, slow: 500, slowEvery: 10 } as const;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const HANDLERS: Readonly<Record<HandlerKind, (count: number) => Promise<void> | void>> = {
  empty: () => undefined,
  'ten-ms': () => wait(10),
  mixed: (count) => wait(count % MIXED_MS.slowEvery === 0 ? MIXED_MS.slow : MIXED_MS.usual),
};

answerOrders(async (order: ConsumerOrder): Promise<ConsumerReport> => {
  const { warmUp, messages } = order;
  const work = HANDLERS[order.handler];
  let begun = 0;
  let done = 0;
  let cpu = process.cpuUsage();
  let start = performance.now();
  let end: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (end = resolve));
  const count = (): void => {
    done += 1;
    if (done === warmUp) [cpu, start] = [process.cpuUsage(), performance.now()];
    if (done === warmUp + messages) end();
  };
  const handle = (): Promise<void> | void => {
    const waiting = work((begun += 1));
    if (waiting === undefined) count();
    else return waiting.then(count);
  };
  const consumer = await CONSUMERS[order.consumer]({ ...order, handle });
  await reached;
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await consumer.stop();
  return { wallMs, cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss() };
});

import { answerOrders } from './child.js';
import { startMillrace } from './consumers/millrace.js';
import type { RunningConsumer } from './consumers/consumer.js';
import type { QueuePlace } from './work.js';

/** What the process is told: to start on a queue, to say when so many messages are handled in all, or to stop. */
export type MemoryOrder =
  | { readonly kind: 'start'; readonly place: QueuePlace }
  | { readonly kind: 'until'; readonly handled: number }
  | { readonly kind: 'stop' };

/** What the process holds. */
export interface MemoryReport {
  readonly rssBytes: number;
}

let consumer: RunningConsumer | undefined;
let handled = 0;
let goal: { readonly handled: number; readonly reach: () => void } | undefined;

const count = (): void => {
  handled += 1;
  if (goal !== undefined && handled >= goal.handled) goal.reach();
};

answerOrders(async (order: MemoryOrder): Promise<MemoryReport> => {
  switch (order.kind) {
    case 'start':
      consumer = await startMillrace('lean')({ place: order.place, concurrency: 10, handle: count });
      break;
    case 'until':
      if (handled < order.handled)
        await new Promise<void>((reach) => (goal = { handled: order.handled, reach }));
      break;
    case 'stop':
      await consumer?.stop();
      break;
  }
  return { rssBytes: process.memoryUsage.rss() };
});

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueueWorker, on, type QueueWorker } from '../../lib/runtime/index.js';
import { createHeapGauge } from '../emulator/heap.js';
import { answerOrders } from './child.js';
import { clientConfig } from './consumers/client-config.js';
import { bindingOf, JobQueued, type QueuePlace } from './work.js';

/** What the process is told. */
export type MemoryOrder =
  | {
      readonly kind: 'start';
      readonly place: QueuePlace;
      /** The table of mode `lease`; without one the mode is `none`. */
      readonly table: string | undefined;
    }
  /** To say when so many messages are handled in all. */
  | { readonly kind: 'until'; readonly handled: number }
  /** Collects garbage, so that the heap says what is held. */
  | { readonly kind: 'sweep' }
  | { readonly kind: 'stop' };

/** What the process holds. */
export interface MemoryReport {
  readonly rssBytes: number;
  /** Bytes of the heap in use. */
  readonly heapBytes: number;
}

const CONCURRENCY = 20;
const VISIBILITY_SECONDS = 10;
/** Some handlers outlast their visibility timeout, so that there is always something to renew. */
const SLOW_EVERY = 50_000;
const SLOW_MS = 15_000;

const sweptHeap = createHeapGauge();
let worker: QueueWorker | undefined;
let ended: Promise<void> = Promise.resolve();
let begun = 0;
let handled = 0;
let goal: { readonly handled: number; readonly reach: () => void } | undefined;

function count(): void {
  handled += 1;
  if (goal !== undefined && handled >= goal.handled) goal.reach();
}

function handle(): Promise<void> | void {
  begun += 1;
  if (begun % SLOW_EVERY !== 0) {
    count();
    return;
  }
  return new Promise<void>((resolve) => setTimeout(resolve, SLOW_MS)).then(count);
}

function start(place: QueuePlace, table: string | undefined): void {
  worker = createQueueWorker({
    queue: bindingOf(place, table),
    idempotency: table === undefined ? 'none' : 'lease',
    handlers: [on(JobQueued, handle)],
    concurrency: CONCURRENCY,
    visibilityTimeoutSeconds: VISIBILITY_SECONDS,
    // As short as may be: the table's time to live then keeps the server's own memory flat.
    rememberSeconds: 60,
    transport: 'lean',
    clients: {
      sqs: new SQSClient(clientConfig(place)),
      ...(table !== undefined && { dynamodb: new DynamoDBClient(clientConfig(place)) }),
    },
    signals: false,
  });
  ended = worker.run();
  ended.catch(() => undefined);
}

answerOrders(async (order: MemoryOrder): Promise<MemoryReport> => {
  switch (order.kind) {
    case 'start':
      start(order.place, order.table);
      break;
    case 'until':
      if (handled < order.handled)
        await new Promise<void>((reach) => (goal = { handled: order.handled, reach }));
      break;
    case 'sweep':
      sweptHeap();
      break;
    case 'stop':
      await worker?.stop();
      await ended;
      break;
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
});

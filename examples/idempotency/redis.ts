import { createQueueWorker, createRedisStore, on } from 'millrace/runtime';
import type { QueueWorker, QueueWorkerOptions, RedisClient } from 'millrace/runtime';
import { PaymentSettled } from './messages.js';

/** Where receipts come from and where they go. */
export interface Receipts {
  readonly queue: QueueWorkerOptions['queue'];
  readonly send: (payment: string, signal: AbortSignal) => Promise<void>;
}

/** Sends receipts, one at a time per payment. The client is `await createClient({ url }).connect()` of the package redis. */
export function createReceiptWorker(client: RedisClient, { queue, send }: Receipts): QueueWorker {
  // #region worker
  return createQueueWorker({
    queue,
    idempotency: 'lease',
    store: createRedisStore({ client }),
    onStoreOutage: 'fail-open', // a second receipt is better than none
    handlers: [on(PaymentSettled, (payment, context) => send(payment.id, context.signal))],
    signals: false,
  });
  // #endregion worker
}

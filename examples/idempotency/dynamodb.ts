import { createQueueWorker, on } from 'millrace/runtime';
import type { PublisherOptions, QueueWorker, QueueWorkerOptions } from 'millrace/runtime';
import { PaymentBooked, PaymentSettled } from './messages.js';

/** Where payments come from, and where it is told that they were booked. */
export interface Payments {
  readonly queue: QueueWorkerOptions['queue'];
  readonly booked: PublisherOptions;
}

/** Books payments in DynamoDB and tells it: booking, telling and the record that it was done are one transaction. */
export function createTellingWorker({ queue, booked }: Payments): QueueWorker {
  // #region worker
  return createQueueWorker({
    queue,
    idempotency: 'transactional',
    outbox: { booked }, // e.g. { topic: 'RepositoryEvents' }: the options of createPublisher
    handlers: [
      on(PaymentSettled, async ({ id, cents }, context) => {
        // Gathered, and committed with the inbox record after the handler returned; nothing is sent before.
        context.write({
          Put: { TableName: 'bookings', Item: { pk: { S: id }, cents: { N: String(cents) } } },
        });
        await context.publish('booked', PaymentBooked, { id });
      }),
    ],
    signals: false,
  });
  // #endregion worker
}

import { createPostgresStore, createQueueWorker, on } from 'millrace/runtime';
import type { QueueWorker, QueueWorkerOptions } from 'millrace/runtime';
import type { Pool } from 'pg';
import { PaymentSettled } from './messages.js';

/** Books payments in PostgreSQL: the booking and the record that it was done are one transaction. */
export async function createBookingWorker(
  pool: Pool,
  queue: QueueWorkerOptions['queue'],
): Promise<QueueWorker> {
  // #region worker
  const store = createPostgresStore({ pool });
  await store.ensureTables();
  return createQueueWorker({
    queue,
    idempotency: 'transactional',
    store,
    handlers: [
      on(PaymentSettled, async (payment, context) => {
        // Committed with the inbox record after the handler returned, or undone with it.
        const { id, cents } = payment;
        await context.sql('INSERT INTO bookings (payment, cents) VALUES ($1, $2)', [id, cents]);
      }),
    ],
    signals: false,
  });
  // #endregion worker
}

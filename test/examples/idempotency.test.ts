import { readFileSync } from 'node:fs';
import { createPublisher } from 'millrace/runtime';
import { createBookingWorker } from '../../examples/idempotency/postgres.js';
import { createReceiptWorker } from '../../examples/idempotency/redis.js';
import { PaymentSettled } from '../../examples/idempotency/messages.js';
import { eventually, openLocalQueue } from '../runtime/support/local-queue.js';
import { openPglite } from '../runtime/stores/postgres-support.js';

const linesOf = (file: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim());

describe('docs/idempotency.md', () => {
  it('shows its snippets as the examples have them', () => {
    const page = readFileSync('docs/idempotency.md', 'utf8');
    const shown = [...page.matchAll(/```ts\n([^]*?)```/g)]
      .flatMap(([, code = '']) => code.split('\n'))
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const known = ['postgres', 'redis'].flatMap((name) => linesOf(`examples/idempotency/${name}.ts`));
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter((line) => !known.includes(line))).toEqual([]);
  });
});

describe('the PostgreSQL example', () => {
  it('books a payment once, however often it is delivered', async () => {
    const local = await openLocalQueue({ messages: [{ name: 'payment.settled', version: 1 }] });
    const { pool, close } = await openPglite();
    await pool.query('CREATE TABLE bookings (payment text, cents int)');
    const worker = await createBookingWorker(pool, local.binding);
    const running = worker.run();
    const publisher = createPublisher({ queue: local.binding });
    try {
      for (const id of ['p1', 'p1', 'p2']) await publisher.publish(PaymentSettled, { id, cents: 5 });
      await eventually('all are handled', () => worker.stats().handled + worker.stats().duplicates === 3);
      const { rows } = await pool.query<{ payment: string }>('SELECT payment FROM bookings ORDER BY payment');
      expect(rows.map(({ payment }) => payment)).toEqual(['p1', 'p2']);
    } finally {
      await worker.stop();
      await running;
      await publisher.stop();
      await close();
      await local.close();
    }
  });
});

describe('the Redis example', () => {
  it('sends a receipt also while Redis is down, and counts it', async () => {
    const local = await openLocalQueue({ messages: [{ name: 'payment.settled', version: 1 }] });
    const sent: string[] = [];
    const worker = createReceiptWorker(
      { sendCommand: () => Promise.reject(new Error('the client is closed')) },
      { queue: local.binding, send: (payment) => Promise.resolve(void sent.push(payment)) },
    );
    const running = worker.run();
    const publisher = createPublisher({ queue: local.binding });
    try {
      await publisher.publish(PaymentSettled, { id: 'p1', cents: 5 });
      await eventually('it is handled', () => worker.stats().handled === 1);
      expect([sent, worker.stats().unguarded]).toEqual([['p1'], 1]);
    } finally {
      await worker.stop();
      await running;
      await publisher.stop();
      await local.close();
    }
  });
});

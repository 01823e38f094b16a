import { CreateTableCommand, DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { createPublisher } from 'millrace/runtime';
import { createTellingWorker } from '../../examples/idempotency/dynamodb.js';
import { createBookingWorker } from '../../examples/idempotency/postgres.js';
import { createReceiptWorker } from '../../examples/idempotency/redis.js';
import { PaymentSettled } from '../../examples/idempotency/messages.js';
import { eventually, openLocalQueue } from '../runtime/support/local-queue.js';
import { openPglite } from '../runtime/stores/postgres-support.js';

describe('the DynamoDB example', () => {
  it('books a payment and tells it once, however often it is delivered', async () => {
    const local = await openLocalQueue({ messages: [{ name: 'payment.settled', version: 1 }] });
    await local.dynamodb.send(
      new CreateTableCommand({
        TableName: 'bookings',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const booked = {
      ...local.binding,
      ...local.binding.deadLetterQueue,
      messages: [{ name: 'payment.booked', version: 1 }],
    };
    const worker = createTellingWorker({ queue: local.binding, booked: { queue: booked } });
    const publisher = createPublisher({ queue: local.binding });
    try {
      await eventually('the table is there', async () => {
        const { Table } = await local.dynamodb.send(new DescribeTableCommand({ TableName: 'bookings' }));
        return Table?.TableStatus === 'ACTIVE';
      });
      const running = worker.run();
      for (const id of ['p1', 'p1', 'p2']) await publisher.publish(PaymentSettled, { id, cents: 5 });
      await eventually('all are handled', () => worker.stats().handled + worker.stats().duplicates === 3);
      const { Count } = await local.dynamodb.send(new ScanCommand({ TableName: 'bookings' }));
      expect(Count).toBe(2);
      const told = (await local.deadLetters()).map(({ Body }) => Body).sort();
      expect(told).toEqual(['{"id":"p1"}', '{"id":"p2"}']);
      await worker.stop();
      await running;
    } finally {
      await worker.stop();
      await publisher.stop();
      await local.close();
    }
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

import { createQueueWorker, on } from 'millrace/runtime';
import { PushReceived } from './messages.js';

const TableName = process.env.BUILDS_TABLE;

const worker = createQueueWorker({
  queue: 'Builds',
  idempotency: 'transactional',
  handlers: [
    on(PushReceived, (push, context) => {
      // Written in one transaction with the inbox record: in effect exactly once.
      context.write({ Put: { TableName, Item: { pk: { S: push.delivery }, ref: { S: push.ref } } } });
    }),
  ],
});
await worker.run(); // until SIGTERM

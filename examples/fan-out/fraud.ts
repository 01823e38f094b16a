import { createLambdaHandler, on } from 'millrace/runtime';
import { OrderPlaced } from './messages.js';

const TableName = process.env.LEDGER_TABLE;

export const handler = createLambdaHandler({
  queue: 'Fraud',
  idempotency: 'transactional',
  handlers: [
    on(OrderPlaced, ({ order, cents }, context) => {
      const Item = { pk: { S: `review ${order}` }, cents: { N: String(cents) } };
      context.write({ Put: { TableName, Item } });
    }),
  ],
});

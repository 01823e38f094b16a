import { createLambdaHandler, on } from 'millrace/runtime';
import { OrderPlaced } from './messages.js';

const TableName = process.env.LEDGER_TABLE;

export const handler = createLambdaHandler({
  queue: 'Shipping',
  idempotency: 'transactional',
  handlers: [
    on(OrderPlaced, ({ order, customer }, context) => {
      context.write({ Put: { TableName, Item: { pk: { S: `parcel ${order}` }, to: { S: customer } } } });
    }),
  ],
});

import { createLambdaHandler, on, type TransactionWrite } from 'millrace/runtime';
import { OrderCancelled, OrderPlaced } from './messages.js';

const TableName = process.env.LEDGER_TABLE;

/** Adds to what a customer owes. Done twice it would be wrong: in one transaction with the inbox record, it is not. */
const charge = (customer: string, cents: number): TransactionWrite => ({
  Update: {
    TableName,
    Key: { pk: { S: `account ${customer}` } },
    UpdateExpression: 'ADD cents :cents',
    ExpressionAttributeValues: { ':cents': { N: String(cents) } },
  },
});

export const handler = createLambdaHandler({
  queue: 'Billing',
  idempotency: 'transactional',
  handlers: [
    on(OrderPlaced, ({ customer, cents }, context) => context.write(charge(customer, cents))),
    on(OrderCancelled, ({ customer, cents }, context) => context.write(charge(customer, -cents))),
  ],
});

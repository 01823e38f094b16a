import { createLambdaHandler, on } from 'millrace/runtime';
import { InvoiceIssued } from './messages.js';

const TableName = process.env.RETURNS_TABLE;

export const handler = createLambdaHandler({
  queue: 'Taxes',
  idempotency: 'transactional',
  handlers: [
    on(InvoiceIssued, ({ country, cents }, context) => {
      context.write({
        Update: {
          TableName,
          Key: { pk: { S: country } },
          UpdateExpression: 'ADD cents :cents',
          ExpressionAttributeValues: { ':cents': { N: String(cents) } },
        },
      });
    }),
  ],
});

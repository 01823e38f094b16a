import { createLambdaHandler, on } from 'millrace/runtime';
import { AccountChanged } from './messages.js';

const TableName = process.env.ACCOUNTS_TABLE;

export const handler = createLambdaHandler({
  queue: 'Ledger',
  idempotency: 'transactional',
  retry: { baseSeconds: 1, maxSeconds: 60 },
  handlers: [
    on(AccountChanged, ({ change, account, cents }, context) => {
      context.write({
        Update: {
          TableName,
          Key: { pk: { S: account } },
          // No balance falls below zero: that is a question of order, and the reason for this template.
          ...(cents < 0 && { ConditionExpression: 'balance >= :out' }),
          UpdateExpression:
            'SET changes = list_append(if_not_exists(changes, :none), :change) ADD balance :in',
          ExpressionAttributeValues: {
            ':in': { N: String(cents) },
            ':none': { L: [] },
            ':change': { L: [{ S: change }] },
            ...(cents < 0 && { ':out': { N: String(-cents) } }),
          },
        },
      });
    }),
  ],
});

import { createLambdaHandler, on } from 'millrace/runtime';
import { PaymentEvent } from './messages.js';

const TableName = process.env.LEDGER_TABLE;

export const handler = createLambdaHandler({
  queue: 'Payments',
  idempotency: 'transactional',
  handlers: [
    on(PaymentEvent, ({ payment, state }, context) => {
      context.write({
        Update: {
          TableName,
          Key: { pk: { S: payment } },
          UpdateExpression: 'SET states = list_append(if_not_exists(states, :none), :state)',
          ExpressionAttributeValues: { ':none': { L: [] }, ':state': { L: [{ S: state }] } },
        },
      });
    }),
  ],
});

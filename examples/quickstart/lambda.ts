import { createLambdaHandler, on } from 'millrace/runtime';
import { PushReceived } from './messages.js';

const TableName = process.env.BUILDS_TABLE;

/** The worker of the README as a Lambda function: `builds.processWithLambda(fn)` in the stack. */
// #region handler
export const handler = createLambdaHandler({
  queue: 'Builds',
  idempotency: 'transactional',
  handlers: [
    on(PushReceived, (push, context) => {
      // Written in one transaction with the inbox record: in effect exactly once.
      context.write({ Put: { TableName, Item: { pk: { S: push.delivery }, ref: { S: push.ref } } } });
    }),
  ],
});
// #endregion handler

import type { SqsBatchResponse, SqsEvent } from 'millrace/runtime';
import { handler } from '../quickstart/lambda.js';

/** Program of docs/lambda.md; test/examples/quickstart-lambda.test.ts runs it. */

// #region event
/** An event as the event source mapping makes it, with one message. */
export function eventOf(
  body: string,
  attributes: Readonly<Record<string, string>>,
  queueArn: string,
): SqsEvent {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
  );
  const attributesOfSqs = { ApproximateReceiveCount: '1', SentTimestamp: '1700000000000' };
  const message = { messageId: 'm1', receiptHandle: 'h1', body, messageAttributes, eventSourceARN: queueArn };
  return { Records: [{ ...message, attributes: attributesOfSqs }] };
}
// #endregion event

export async function invoke(event: SqsEvent): Promise<SqsBatchResponse> {
  // #region invoke
  const { batchItemFailures } = await handler(event, { getRemainingTimeInMillis: () => 30_000 });
  // #endregion invoke
  return { batchItemFailures };
}

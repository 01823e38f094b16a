import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueBinding } from '../../../lib/contract/index.js';
import type { LambdaHandler, SqsEvent, SqsEventAttribute } from '../../../lib/runtime/index.js';

/** The event an event source mapping makes of received messages. */
export function eventOf(messages: readonly Message[], queueArn: string): SqsEvent {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      md5OfBody: message.MD5OfBody ?? '',
      attributes: {
        ...message.Attributes,
        ApproximateReceiveCount: message.Attributes?.ApproximateReceiveCount ?? '',
        SentTimestamp: message.Attributes?.SentTimestamp ?? '',
      },
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(
          ([name, { DataType = 'String', StringValue, BinaryValue }]): [string, SqsEventAttribute] => [
            name,
            BinaryValue === undefined
              ? { dataType: DataType, stringValue: StringValue }
              : { dataType: DataType, binaryValue: Buffer.from(BinaryValue).toString('base64') },
          ],
        ),
      ),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: 'eu-west-1',
    })),
  };
}

/** A running driver. */
export interface EventSourceMapping {
  /** Invocations whose function threw. */
  readonly errors: unknown[];
  /** Ends the loop after the invocation under way. */
  stop(): Promise<void>;
}

/** Receives, invokes, deletes what was not reported as failed, leaves the rest: what Lambda's pollers do. */
export function startEventSourceMapping(
  sqs: SQSClient,
  binding: QueueBinding,
  handler: LambdaHandler,
  functionTimeoutMs = 20_000,
): EventSourceMapping {
  const stopping = new AbortController();
  const errors: unknown[] = [];
  const turn = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: binding.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return;
    const endsAt = performance.now() + functionTimeoutMs;
    const context = { getRemainingTimeInMillis: () => endsAt - performance.now() };
    const { batchItemFailures } = await handler(eventOf(Messages, binding.arn), context);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = Messages.filter(({ MessageId = '' }) => !failed.has(MessageId)).map(
      ({ ReceiptHandle }, position) => ({ Id: String(position), ReceiptHandle }),
    );
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: binding.url, Entries }));
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) await turn().catch((error: unknown) => void errors.push(error));
  };
  const ended = loop();
  return {
    errors,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

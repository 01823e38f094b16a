import type { Message, MessageAttributeValue, SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import { alignOutcomes, entryId } from './batch-outcome.js';
import { http1Config } from './client-config.js';
import { loadSqsModule, type AwsTarget } from './load-sdk.js';
import type {
  OutgoingMessage,
  ReceivedMessage,
  ReceiveRequest,
  SqsApi,
  WireAttribute,
  WireAttributes,
} from './sqs-api.js';

/** A poll that has not come back this long after its wait is a dead socket. */
const POLL_TIMEOUT_MARGIN_MS = 10_000;
const LONGEST_POLL_MS = 20_000;

/**
 * The SQS port over SDK v3. Without a client of the user's it makes two: one for long polls, one for everything else, so
 * that a delete never queues for a socket behind twenty-second polls.
 */
export async function createSqsApi(target: AwsTarget, client?: SQSClient): Promise<SqsApi> {
  const sdk = await loadSqsModule();
  const calls = client ?? new sdk.SQSClient(sqsConfig(target));
  // The worker has its own pace for failed polls; the SDK's retries inside a poll would only hide the time they take.
  const polls =
    client ??
    new sdk.SQSClient({ ...sqsConfig(target, LONGEST_POLL_MS + POLL_TIMEOUT_MARGIN_MS), maxAttempts: 1 });

  return {
    receive: async (request, signal) => {
      const output = await polls.send(new sdk.ReceiveMessageCommand(receiveInput(request)), {
        abortSignal: signal,
      });
      return (output.Messages ?? []).map(readMessage);
    },
    deleteBatch: async (queueUrl, receiptHandles) => {
      const Entries = receiptHandles.map((ReceiptHandle, position) => ({
        Id: entryId(position),
        ReceiptHandle,
      }));
      const answer = await calls.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      return alignOutcomes(answer, Entries.length, () => undefined);
    },
    changeVisibilityBatch: async (queueUrl, changes) => {
      const Entries = changes.map(({ receiptHandle, visibilityTimeoutSeconds }, position) => ({
        Id: entryId(position),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: visibilityTimeoutSeconds,
      }));
      const command = new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
      return alignOutcomes(await calls.send(command), Entries.length, () => undefined);
    },
    sendBatch: async (queueUrl, messages) => {
      const Entries = messages.map((message, position) => sendEntry(message, position));
      const answer = await calls.send(new sdk.SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      return alignOutcomes(answer, Entries.length, ({ MessageId, SequenceNumber }) => ({
        messageId: MessageId ?? '',
        ...(SequenceNumber !== undefined && { sequenceNumber: SequenceNumber }),
      }));
    },
    close: () => {
      if (client !== undefined) return;
      calls.destroy();
      polls.destroy();
    },
  };
}

function sqsConfig(target: AwsTarget, requestTimeout?: number): SQSClientConfig {
  // One body that fails its checksum would throw away the whole receive; the worker checks each message itself.
  return { ...http1Config(target, requestTimeout), md5: false };
}

function receiveInput(request: ReceiveRequest) {
  return {
    QueueUrl: request.queueUrl,
    MaxNumberOfMessages: request.maxMessages,
    WaitTimeSeconds: request.waitSeconds,
    VisibilityTimeout: request.visibilityTimeoutSeconds,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All' as const],
    ...(request.attemptId !== undefined && { ReceiveRequestAttemptId: request.attemptId }),
  };
}

function readMessage(message: Message): ReceivedMessage {
  const system = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody,
    receiveCount: Number(system.ApproximateReceiveCount ?? 1),
    sentAt: Number(system.SentTimestamp ?? 0),
    group: system.MessageGroupId,
    deduplicationId: system.MessageDeduplicationId,
    sequenceNumber: system.SequenceNumber,
    attributes: readAttributes(message.MessageAttributes ?? {}),
  };
}

function readAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): WireAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(
      ([name, { DataType, StringValue, BinaryValue }]): [string, WireAttribute] => {
        const type = DataType ?? 'String';
        return [
          name,
          BinaryValue === undefined ? { type, text: StringValue ?? '' } : { type, bytes: BinaryValue },
        ];
      },
    ),
  );
}

function sendEntry(message: OutgoingMessage, position: number) {
  return {
    Id: entryId(position),
    MessageBody: message.body,
    MessageAttributes: writeAttributes(message.attributes),
    ...(message.group !== undefined && { MessageGroupId: message.group }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(message.delaySeconds !== undefined && { DelaySeconds: message.delaySeconds }),
  };
}

/** Attributes in the SDK's shape, which SQS and SNS share. */
export function writeAttributes(
  attributes: WireAttributes,
): Record<string, { DataType: string; StringValue?: string; BinaryValue?: Uint8Array }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      'bytes' in attribute
        ? { DataType: attribute.type, BinaryValue: attribute.bytes }
        : { DataType: attribute.type, StringValue: attribute.text },
    ]),
  );
}

import { alignOutcomes, entryId, type BatchAnswer, type EntryOutcome } from './batch-outcome.js';
import { isIntact } from './checksums.js';
import type {
  AcceptedMessage,
  OutgoingMessage,
  ReceivedMessage,
  ReceiveRequest,
  VisibilityChange,
  WireAttribute,
  WireAttributes,
} from './sqs-api.js';

/** How bytes stand in a request or an answer: as they are in the SDK's objects, as base64 in JSON. */
export interface BinaryForm<Binary> {
  readonly write: (bytes: Uint8Array) => Binary;
  readonly read: (binary: Binary) => Uint8Array;
}

/** Bytes as they are. */
export const PLAIN_BYTES: BinaryForm<Uint8Array> = { write: (bytes) => bytes, read: (bytes) => bytes };

/** Bytes as base64. */
export const BASE64: BinaryForm<string> = {
  write: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  read: (text) => Buffer.from(text, 'base64'),
};

/** A message attribute as SQS and SNS spell it. */
export interface AttributeShape<Binary> {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Binary | undefined;
}

/** A message as SQS answers it. */
export interface MessageShape<Binary> {
  readonly MessageId?: string | undefined;
  readonly ReceiptHandle?: string | undefined;
  readonly Body?: string | undefined;
  readonly MD5OfBody?: string | undefined;
  readonly MD5OfMessageAttributes?: string | undefined;
  readonly Attributes?: Readonly<Record<string, string>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, AttributeShape<Binary>>> | undefined;
}

/** One sent message as SQS answers it. */
export interface SentShape {
  readonly Id?: string | undefined;
  readonly MessageId?: string | undefined;
  readonly MD5OfMessageBody?: string | undefined;
  readonly MD5OfMessageAttributes?: string | undefined;
  readonly SequenceNumber?: string | undefined;
}

/** What the runtime reads; asking for `All` would bring twice as much to parse. */
const SYSTEM_ATTRIBUTES = [
  'ApproximateReceiveCount',
  'SentTimestamp',
  'MessageGroupId',
  'MessageDeduplicationId',
  'SequenceNumber',
  'AWSTraceHeader',
] as const;

/** The input of `ReceiveMessage`. */
export function receiveInput(request: ReceiveRequest) {
  return {
    QueueUrl: request.queueUrl,
    MaxNumberOfMessages: request.maxMessages,
    WaitTimeSeconds: request.waitSeconds,
    VisibilityTimeout: request.visibilityTimeoutSeconds,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: [...SYSTEM_ATTRIBUTES],
    ...(request.attemptId !== undefined && { ReceiveRequestAttemptId: request.attemptId }),
  };
}

/** The input of `DeleteMessageBatch`. */
export function deleteInput(queueUrl: string, receiptHandles: readonly string[]) {
  const Entries = receiptHandles.map((ReceiptHandle, position) => ({ Id: entryId(position), ReceiptHandle }));
  return { QueueUrl: queueUrl, Entries };
}

/** The input of `ChangeMessageVisibilityBatch`. */
export function visibilityInput(queueUrl: string, changes: readonly VisibilityChange[]) {
  const Entries = changes.map(({ receiptHandle, visibilityTimeoutSeconds }, position) => ({
    Id: entryId(position),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: visibilityTimeoutSeconds,
  }));
  return { QueueUrl: queueUrl, Entries };
}

/** The input of `SendMessageBatch`. */
export function sendInput<Binary>(
  queueUrl: string,
  messages: readonly OutgoingMessage[],
  form: BinaryForm<Binary>,
) {
  const Entries = messages.map((message, position) => ({
    Id: entryId(position),
    MessageBody: message.body,
    MessageAttributes: writeAttributes(message.attributes, form),
    ...(message.group !== undefined && { MessageGroupId: message.group }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(message.delaySeconds !== undefined && { DelaySeconds: message.delaySeconds }),
  }));
  return { QueueUrl: queueUrl, Entries };
}

/** Attributes as SQS and SNS spell them. */
export function writeAttributes<Binary>(
  attributes: WireAttributes,
  form: BinaryForm<Binary>,
): Record<string, { DataType: string; StringValue?: string; BinaryValue?: Binary }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      'bytes' in attribute
        ? { DataType: attribute.type, BinaryValue: form.write(attribute.bytes) }
        : { DataType: attribute.type, StringValue: attribute.text },
    ]),
  );
}

/** A received message. */
export function readMessage<Binary>(
  message: MessageShape<Binary>,
  form: BinaryForm<Binary>,
): ReceivedMessage {
  const system = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody,
    md5OfAttributes: message.MD5OfMessageAttributes,
    receiveCount: Number(system['ApproximateReceiveCount'] ?? 1),
    sentAt: Number(system['SentTimestamp'] ?? 0),
    group: system['MessageGroupId'],
    deduplicationId: system['MessageDeduplicationId'],
    sequenceNumber: system['SequenceNumber'],
    traceHeader: system['AWSTraceHeader'],
    attributes: readAttributes(message.MessageAttributes ?? {}, form),
  };
}

function readAttributes<Binary>(
  attributes: Readonly<Record<string, AttributeShape<Binary>>>,
  form: BinaryForm<Binary>,
): WireAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(
      ([name, { DataType, StringValue, BinaryValue }]): [string, WireAttribute] => {
        const type = DataType ?? 'String';
        return [
          name,
          BinaryValue === undefined
            ? { type, text: StringValue ?? '' }
            : { type, bytes: form.read(BinaryValue) },
        ];
      },
    ),
  );
}

/**
 * What became of each sent message. One that SQS took, but not as it was sent, counts as failed: a good copy is sent after
 * it, and the damaged one fails its schema or has the same business id.
 */
export function sentOutcomes(
  answer: BatchAnswer<SentShape>,
  messages: readonly OutgoingMessage[],
): readonly EntryOutcome<AcceptedMessage>[] {
  const outcomes = alignOutcomes(answer, messages.length, (sent) => sent);
  return outcomes.map((outcome, position): EntryOutcome<AcceptedMessage> => {
    const message = messages[position];
    if (outcome.kind === 'failed') return outcome;
    const { MessageId, SequenceNumber, MD5OfMessageBody, MD5OfMessageAttributes } = outcome.value;
    const stated = { ofBody: MD5OfMessageBody, ofAttributes: MD5OfMessageAttributes };
    if (message !== undefined && !isIntact(message, stated)) return DAMAGED;
    return {
      kind: 'done',
      value: {
        messageId: MessageId ?? '',
        ...(SequenceNumber !== undefined && { sequenceNumber: SequenceNumber }),
      },
    };
  });
}

const DAMAGED = { kind: 'failed', code: 'DamagedInTransit', isSenderFault: false } as const;

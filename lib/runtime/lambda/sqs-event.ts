import type { QueueBinding } from '../../contract/binding.js';
import { MillraceError } from '../../core/errors.js';
import type { ReceivedMessage, WireAttribute } from '../aws/sqs-api.js';

/** A message attribute in an event: lower camel case, binary values in base64. */
export interface SqsEventAttribute {
  /** `String`, `Number` or `Binary`, also with a label of its own after a dot. */
  readonly dataType: string;
  /** The value, unless it is binary. */
  readonly stringValue?: string | undefined;
  /** The value of a binary attribute, in base64. */
  readonly binaryValue?: string | undefined;
}

/** The system attributes that are read; all of them travel as text. */
export interface SqsEventSystemAttributes {
  /** How often SQS has handed it out, this time included, as digits. */
  readonly ApproximateReceiveCount: string;
  /** When it was sent, epoch milliseconds as digits. */
  readonly SentTimestamp: string;
  /** FIFO group, or fair-queue tenant, where it has one. */
  readonly MessageGroupId?: string | undefined;
  /** What SQS tells copies by within five minutes; FIFO only. */
  readonly MessageDeduplicationId?: string | undefined;
  /** Its place in its group; FIFO only. */
  readonly SequenceNumber?: string | undefined;
  /** X-Ray's trace, where the sender had one. */
  readonly AWSTraceHeader?: string | undefined;
}

/** One message of an event. */
export interface SqsEventRecord {
  /** SQS's own id: what a failure is reported by. */
  readonly messageId: string;
  /** The right to it for the time of the invocation. */
  readonly receiptHandle: string;
  /** The text as it was sent, or as SNS delivered it. */
  readonly body: string;
  /** MD5 of the body in hexadecimal; some emulators leave it out. */
  readonly md5OfBody?: string | undefined;
  /** What SQS itself knows of it. */
  readonly attributes: SqsEventSystemAttributes;
  /** What its sender put beside the body. */
  readonly messageAttributes?: Readonly<Record<string, SqsEventAttribute>> | undefined;
  /** The queue it came from. */
  readonly eventSourceARN: string;
}

/**
 * What an SQS event source mapping invokes a function with, as far as it is read here; the event of `@types/aws-lambda`
 * fits.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export interface SqsEvent {
  /** The batch, in the order of the queue. */
  readonly Records: readonly SqsEventRecord[];
}

/**
 * Which messages stay in the queue; the others are deleted by the event source mapping. It must be told to read this:
 * `ReportBatchItemFailures`, which `processWithLambda` sets.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export interface SqsBatchResponse {
  /** The ids of messages that failed: Lambda deletes all others. Empty means that all were handled. */
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Reads an event as the messages a poll would have brought.
 * @throws {EVENT_INVALID} it is no event of an SQS queue
 * @throws {BINDING_MISMATCH} it is from another queue
 */
export function readSqsEvent(event: SqsEvent, binding: QueueBinding): readonly ReceivedMessage[] {
  // An event comes from outside: whatever the function was wired to.
  const records: unknown = (event as Partial<SqsEvent> | null | undefined)?.Records;
  if (!Array.isArray(records) || records.length === 0)
    throw invalid('it has no Records: invoke the function through an SQS event source mapping');
  return records.map((record: unknown, position) => {
    if (!isSqsRecord(record))
      throw invalid(
        `Records[${position}] is no SQS message (messageId, receiptHandle, body, attributes, eventSourceARN): wire the function to a queue, not to another source`,
      );
    if (record.eventSourceARN !== binding.arn)
      throw new MillraceError(
        'BINDING_MISMATCH',
        `the event is from '${record.eventSourceARN}', and this function is bound to '${binding.arn}' ('${binding.name}'): give each queue its own handler, or correct the event source`,
      );
    return readRecord(record);
  });
}

function isSqsRecord(record: unknown): record is SqsEventRecord {
  if (typeof record !== 'object' || record === null) return false;
  const { messageId, receiptHandle, body, attributes, eventSourceARN }: Partial<SqsEventRecord> = record;
  return (
    [messageId, receiptHandle, eventSourceARN].every((text) => typeof text === 'string' && text !== '') &&
    typeof body === 'string' &&
    typeof attributes === 'object'
  );
}

function readRecord(record: SqsEventRecord): ReceivedMessage {
  const { attributes: system, messageAttributes = {} } = record;
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    body: record.body,
    md5OfBody: record.md5OfBody,
    receiveCount: Number(system.ApproximateReceiveCount),
    sentAt: Number(system.SentTimestamp),
    group: system.MessageGroupId,
    deduplicationId: system.MessageDeduplicationId,
    sequenceNumber: system.SequenceNumber,
    traceHeader: system.AWSTraceHeader,
    attributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, attribute]) => [name, readAttribute(attribute)]),
    ),
  };
}

function readAttribute({ dataType, stringValue, binaryValue }: SqsEventAttribute): WireAttribute {
  return typeof binaryValue === 'string'
    ? { type: dataType, bytes: Buffer.from(binaryValue, 'base64') }
    : { type: dataType, text: stringValue ?? '' };
}

function invalid(what: string): MillraceError {
  return new MillraceError('EVENT_INVALID', `the event can't be read: ${what}`);
}

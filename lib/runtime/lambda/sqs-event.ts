import type { QueueBinding } from '../../contract/binding.js';
import { MillraceError } from '../../core/errors.js';
import type { ReceivedMessage, WireAttribute } from '../aws/sqs-api.js';

/** A message attribute in an event: lower camel case, binary values in base64. */
export interface SqsEventAttribute {
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  readonly binaryValue?: string | undefined;
}

/** The system attributes that are read; all of them travel as text. */
export interface SqsEventSystemAttributes {
  readonly ApproximateReceiveCount: string;
  readonly SentTimestamp: string;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly SequenceNumber?: string | undefined;
  readonly AWSTraceHeader?: string | undefined;
}

/** One message of an event. */
export interface SqsEventRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody?: string | undefined;
  readonly attributes: SqsEventSystemAttributes;
  readonly messageAttributes?: Readonly<Record<string, SqsEventAttribute>> | undefined;
  readonly eventSourceARN: string;
}

/**
 * What an SQS event source mapping invokes a function with, as far as it is read here; the event of `@types/aws-lambda`
 * fits.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export interface SqsEvent {
  readonly Records: readonly SqsEventRecord[];
}

/**
 * Which messages stay in the queue; the others are deleted by the event source mapping. It must be told to read this:
 * `ReportBatchItemFailures`, which `processWithLambda` sets.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export interface SqsBatchResponse {
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

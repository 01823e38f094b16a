import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineMessage, encodeEnvelope, type QueueBinding } from '../../../lib/contract/index.js';
import type { WorkerEvent } from '../../../lib/runtime/index.js';

/** The message of these suites. */
export const JobQueued = defineMessage('job.queued', {
  schema: z.object({ job: z.string(), weight: z.number().default(1) }),
  id: (job) => job.job,
  group: (job) => job.job.slice(0, 1),
});

/** A queue binding; give what matters to the test. */
export function queueBinding(over: Partial<QueueBinding> = {}): QueueBinding {
  return {
    v: 1,
    kind: 'queue',
    name: 'Jobs',
    region: 'eu-west-1',
    endpoint: 'http://scripted.invalid',
    url: 'http://scripted.invalid/000000000000/Jobs',
    arn: 'arn:aws:sqs:eu-west-1:000000000000:Jobs',
    fifo: false,
    delivery: 'raw',
    messages: [{ name: 'job.queued', version: 1 }],
    handlerTimeoutSeconds: 60,
    visibilityTimeoutSeconds: 30,
    maxReceiveCount: 5,
    retentionSeconds: 345_600,
    maxMessageBytes: 1_048_576,
    deadLetterQueue: {
      url: 'http://scripted.invalid/000000000000/JobsDlq',
      arn: 'arn:aws:sqs:eu-west-1:000000000000:JobsDlq',
    },
    idempotency: { table: 'jobs-idempotency', ttlAttribute: 'exp' },
    ...over,
  };
}

interface SdkMessageOptions {
  readonly id?: string;
  readonly body?: string;
  readonly handle?: string;
  readonly messageId?: string;
  readonly group?: string;
  readonly receiveCount?: number;
  readonly attributes?: Record<string, { DataType: string; StringValue: string }>;
  readonly md5?: string;
}

/** A message as SQS would answer it on the wire. */
export function sdkMessage(options: SdkMessageOptions = {}): Record<string, unknown> {
  const id = options.id ?? 'a1';
  const body = options.body ?? JSON.stringify({ job: id });
  const envelope = encodeEnvelope({ type: 'job.queued', id, schemaVersion: 1, publishedAt: 1 });
  const attributes = Object.fromEntries(
    Object.entries(envelope).map(([name, text]) => [
      name,
      { DataType: 'String', StringValue: text as string },
    ]),
  );
  return {
    MessageId: options.messageId ?? `m-${id}`,
    ReceiptHandle: options.handle ?? `h-${id}`,
    Body: body,
    MD5OfBody: options.md5 ?? createHash('md5').update(body).digest('hex'),
    Attributes: {
      ApproximateReceiveCount: String(options.receiveCount ?? 1),
      SentTimestamp: '1',
      ...(options.group !== undefined && {
        MessageGroupId: options.group,
        MessageDeduplicationId: id,
        SequenceNumber: '1',
      }),
    },
    MessageAttributes: options.attributes ?? attributes,
  };
}

/** Entries of a batch call. */
export function entriesOf(input: Record<string, unknown>): Record<string, unknown>[] {
  return input['Entries'] as Record<string, unknown>[];
}

/** A batch answer that accepts every entry. */
export function acceptAll(input: Record<string, unknown>): Record<string, unknown> {
  return {
    Successful: entriesOf(input).map(({ Id }) => ({
      Id,
      MessageId: `sent-${String(Id)}`,
      MD5OfMessageBody: '',
    })),
  };
}

/** Collects events; `of` picks one kind. */
export function eventLog(): {
  readonly events: WorkerEvent[];
  readonly onEvent: (event: WorkerEvent) => void;
  readonly of: <Kind extends WorkerEvent['kind']>(kind: Kind) => Extract<WorkerEvent, { kind: Kind }>[];
} {
  const events: WorkerEvent[] = [];
  return {
    events,
    onEvent: (event) => void events.push(event),
    of: <Kind extends WorkerEvent['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<WorkerEvent, { kind: Kind }> => event.kind === kind),
  };
}

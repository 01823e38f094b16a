import { z } from 'zod';
import {
  defineMessage,
  encodeEnvelope,
  type QueueBinding,
  type TopicBinding,
} from '../../lib/contract/index.js';

/** The message of these benches; its body is about as long as asked for. */
export const JobQueued = defineMessage('job.queued', {
  schema: z.object({
    id: z.string(),
    type: z.literal('job.queued'),
    timestamp: z.string(),
    padding: z.string(),
  }),
  id: (job) => job.id,
  group: (job) => job.id.slice(0, job.id.indexOf('/')),
});

const SENT_AT = '2026-01-01T00:00:00.000Z';

/** Where a consumer's queue is. */
export interface QueuePlace {
  readonly endpoint: string;
  readonly region: string;
  readonly url: string;
  readonly deadLetterUrl: string;
  readonly fifo: boolean;
}

/** Where a publisher's topic is. */
export type TopicPlace = Pick<QueuePlace, 'endpoint' | 'region'> & { readonly arn: string };

/** Seconds a message stays invisible; every consumer that can renew it does. */
export const VISIBILITY_SECONDS = 60;

const arnOf = (place: QueuePlace, url: string): string =>
  `arn:aws:sqs:${place.region}:000000000000:${url.slice(url.lastIndexOf('/') + 1)}`;

/** The binding that a construct would have made for the queue. */
export function bindingOf(place: QueuePlace, idempotencyTable?: string): QueueBinding {
  return {
    v: 1,
    kind: 'queue',
    name: 'Bench',
    region: place.region,
    endpoint: place.endpoint,
    url: place.url,
    arn: arnOf(place, place.url),
    fifo: place.fifo,
    delivery: 'raw',
    messages: [{ name: JobQueued.name, version: JobQueued.version }],
    handlerTimeoutSeconds: VISIBILITY_SECONDS,
    visibilityTimeoutSeconds: VISIBILITY_SECONDS,
    maxReceiveCount: 5,
    retentionSeconds: 345_600,
    maxMessageBytes: 262_144,
    deadLetterQueue: { url: place.deadLetterUrl, arn: arnOf(place, place.deadLetterUrl) },
    ...(idempotencyTable !== undefined && {
      idempotency: { table: idempotencyTable, ttlAttribute: 'exp' },
    }),
  };
}

/** The same of a topic. */
export function topicBindingOf({ endpoint, region, arn }: TopicPlace): TopicBinding {
  return {
    v: 1,
    kind: 'topic',
    name: 'Bench',
    region,
    endpoint,
    arn,
    fifo: false,
    contentBasedDeduplication: false,
    maxMessageBytes: 262_144,
    messages: [{ name: JobQueued.name, version: JobQueued.version }],
  };
}

/** The payload of one message; the members that message-queue-toolkit routes by are there for all. */
export function payloadOf(number: number, bytes: number, group = 'g0') {
  return {
    id: `${group}/${number}`,
    type: JobQueued.name,
    timestamp: SENT_AT,
    padding: 'x'.repeat(bytes),
  };
}

/** Entries of a SendMessageBatch: messages `from` and following, as our publisher would send them. */
export function batchEntries(
  from: number,
  { count, bytes, groups }: { readonly count: number; readonly bytes: number; readonly groups: number },
): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, at) => {
    const number = from + at;
    const group = `g${number % Math.max(1, groups)}`;
    const payload = payloadOf(number, bytes, group);
    const { id } = payload;
    const envelope = encodeEnvelope({ type: JobQueued.name, id, schemaVersion: 1, publishedAt: 0 });
    return {
      Id: String(at),
      MessageBody: JSON.stringify(payload),
      MessageAttributes: Object.fromEntries(
        Object.entries(envelope).map(([name, text]: [string, string]) => [
          name,
          { DataType: 'String', StringValue: text },
        ]),
      ),
      ...(groups > 0 && { MessageGroupId: group, MessageDeduplicationId: id }),
    };
  });
}

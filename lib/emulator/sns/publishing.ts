import { hash } from 'node:crypto';
import { limitOf } from '../../contract/limits.js';
import type { ApiFault, ApiResult, Hazard } from '../engine.js';
import { CallInput } from '../structures/call-input.js';
import { readMessageAttributes } from '../structures/message-attributes.js';
import type { SnsAccount } from './account.js';
import { fault } from './answers.js';
import type { SnsCall } from './call.js';
import { publishToEndpoint, publishToPhone } from './direct-publishing.js';
import { fanOut } from './fan-out.js';
import { readBodies } from './message-bodies.js';
import { readArn, refuseNoArn } from './arn.js';
import { snsInputRefusals, snsRefusals } from './refusals.js';
import { maxBytesOf } from './topic-attributes.js';
import type { PublishedMessage } from './published-message.js';
import type { Topic } from './topic.js';

/** A message found publishable, before it has an id. */
type Draft = Pick<
  PublishedMessage,
  'subject' | 'body' | 'bodies' | 'attributes' | 'groupId' | 'deduplicationId'
> & { readonly bytes: number };

type DraftReading =
  { readonly kind: 'draft'; readonly draft: Draft } | { readonly kind: 'refused'; readonly fault: ApiFault };

const ID = /^[!-~]{1,128}$/;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;
/** One line of at most 100 characters, none of them a control character. */
const SUBJECT = /^[^\p{Cc}]{1,100}$/u;

const refused = (refusal: ApiFault): DraftReading => ({ kind: 'refused', fault: refusal });

/**
 * `Publish` to a topic, to an app on one device or to one telephone.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function publish(call: SnsCall): ApiResult {
  const { account, input, now, hazard } = call;
  const [phoneNumber, topicArn, targetArn] = ['PhoneNumber', 'TopicArn', 'TargetArn'].map((name) =>
    input.optionalString(name),
  );
  if ([phoneNumber, topicArn, targetArn].filter((target) => target !== undefined).length > 1)
    return fault(
      snsRefusals.invalidParameter('PhoneNumber, TopicArn or TargetArn Reason: only one may be given'),
    );
  if (phoneNumber !== undefined) return publishToPhone(call);
  if (targetArn?.includes(':endpoint/') === true) return publishToEndpoint(call, targetArn);
  const arn = topicArn ?? targetArn;
  if (arn === undefined)
    return fault(
      snsRefusals.invalidParameter('TopicArn or TargetArn Reason: no value for required parameter'),
    );
  refuseNoArn(input, 'TopicArn', arn);
  if (input.fault !== undefined) return fault(input.fault);
  const topic = account.topic(arn);
  if (topic === undefined) return fault(snsRefusals.noTopic(arn));
  const reading = readDraft(topic, input);
  if (reading.kind === 'refused') return fault(reading.fault);
  if (isThrottled(account, topic, { drafts: [reading.draft], now })) return fault(snsRefusals.throttled());
  return { kind: 'output', output: accept(account, topic, { draft: reading.draft, now, hazard }) };
}

/**
 * `PublishBatch`: entries succeed or fail alone; too many, too long or ill-named ones fail the whole.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export function publishBatch({ account, input, now, hazard }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  const entries = input.records('PublishBatchRequestEntries');
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  const refusal = refuseBatch(entries);
  if (refusal !== undefined) return fault(refusal);
  const readings = entries.map((entry) => readDraft(topic, new CallInput(entry, snsInputRefusals)));
  const bytes = readings.reduce((sum, one) => sum + (one.kind === 'draft' ? one.draft.bytes : 0), 0);
  const limit = maxBytesOf(topic);
  if (bytes > limit) return fault(snsRefusals.batchTooLong(limit));
  const drafts = readings.flatMap((one) => (one.kind === 'draft' ? [one.draft] : []));
  if (isThrottled(account, topic, { drafts, now })) return fault(snsRefusals.throttled());
  const successful: Readonly<Record<string, unknown>>[] = [];
  const failed: Readonly<Record<string, unknown>>[] = [];
  readings.forEach((reading, at) => {
    const id = entries[at]?.['Id'];
    if (reading.kind === 'draft')
      successful.push({ Id: id, ...accept(account, topic, { draft: reading.draft, now, hazard }) });
    else failed.push(failedEntry(id, reading.fault));
  });
  return { kind: 'output', output: { Successful: successful, Failed: failed } };
}

function isThrottled(
  { options }: SnsAccount,
  topic: Topic,
  { drafts, now }: { readonly drafts: readonly Draft[]; readonly now: number },
): boolean {
  if (!topic.isFifo || options.areLimitsEnforced === false) return false;
  const groups = drafts.map(({ groupId }) => groupId ?? '');
  const isPerTopic = topic.attributes.get('FifoThroughputScope') !== 'MessageGroup';
  return !topic.throughput.admits(groups, { isPerTopic, now });
}

const failedEntry = (
  id: unknown,
  { code, queryCode, message, status }: ApiFault,
): Readonly<Record<string, unknown>> => ({
  Id: id,
  Code: queryCode ?? code,
  Message: message,
  SenderFault: status < 500,
});

function refuseBatch(entries: readonly Readonly<Record<string, unknown>>[]): ApiFault | undefined {
  if (entries.length === 0) return snsRefusals.emptyBatch();
  if (entries.length > limitOf('sns.batch.maxEntries')) return snsRefusals.tooManyEntries();
  const ids = entries.map((entry) => entry['Id']);
  if (!ids.every((id) => typeof id === 'string' && ENTRY_ID.test(id)))
    return snsRefusals.invalidBatchEntryId();
  return new Set(ids).size === ids.length ? undefined : snsRefusals.entryIdsNotDistinct();
}

function readDraft(topic: Topic, input: CallInput): DraftReading {
  const text = input.string('Message');
  const subject = input.optionalString('Subject');
  const groupId = input.optionalString('MessageGroupId');
  const givenDeduplicationId = input.optionalString('MessageDeduplicationId');
  const attributeInput = input.map('MessageAttributes');
  refuseIds(topic, input, { groupId, deduplicationId: givenDeduplicationId });
  if (text === '') input.refuse(snsRefusals.invalidParameter('Empty message'));
  if (subject !== undefined && !SUBJECT.test(subject)) input.refuse(snsRefusals.invalidParameter('Subject'));
  const bodies = readBodies(input, text);
  if (input.fault !== undefined) return refused(input.fault);
  const reading = readMessageAttributes(attributeInput);
  if (reading.kind === 'refused') return refused(snsRefusals.invalidValue(reading.reason));
  const badArray = Object.entries(reading.attributes).find(
    ([, one]) => one.DataType === 'String.Array' && !isJsonArray(one.StringValue),
  );
  if (badArray !== undefined)
    return refused(
      snsRefusals.invalidValue(
        `The message attribute '${badArray[0]}' is a String.Array and must be a JSON array of strings, numbers, true, false or null`,
      ),
    );
  const bytes = Buffer.byteLength(text) + reading.bytes;
  if (bytes > maxBytesOf(topic)) return refused(snsRefusals.invalidParameter('Message too long'));
  const body = bodies['default'] ?? text;
  const deduplicationId = deduplicationIdOf(topic, givenDeduplicationId, text);
  return {
    kind: 'draft',
    draft: { subject, body, bodies, attributes: reading.attributes, groupId, deduplicationId, bytes },
  };
}

function isJsonArray(text: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return Array.isArray(value) && value.every((one) => one === null || typeof one !== 'object');
  } catch {
    return false;
  }
}

interface GivenIds {
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

function refuseIds(topic: Topic, input: CallInput, { groupId, deduplicationId }: GivenIds): void {
  for (const [name, value] of [
    ['MessageGroupId', groupId],
    ['MessageDeduplicationId', deduplicationId],
  ] as const) {
    if (value !== undefined && !ID.test(value))
      input.refuse(
        snsRefusals.invalidMember(
          name,
          `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
        ),
      );
  }
  if (!topic.isFifo) {
    if (deduplicationId !== undefined)
      input.refuse(
        snsRefusals.invalidMember(
          'MessageDeduplicationId',
          'The request includes MessageDeduplicationId parameter that is not valid for this topic type',
        ),
      );
    return;
  }
  if (groupId === undefined)
    input.refuse(snsRefusals.invalidParameter('The MessageGroupId parameter is required for FIFO topics'));
  if (deduplicationId === undefined && topic.attributes.get('ContentBasedDeduplication') !== 'true')
    input.refuse(
      snsRefusals.invalidParameter(
        'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      ),
    );
}

const deduplicationIdOf = (topic: Topic, given: string | undefined, text: string): string | undefined =>
  given ?? (topic.isFifo ? hash('sha256', text) : undefined);

/** Gives the message its id and sends it on its way; a FIFO duplicate is answered like its first and goes nowhere. */
function accept(
  account: SnsAccount,
  topic: Topic,
  {
    draft,
    now,
    hazard,
  }: { readonly draft: Draft; readonly now: number; readonly hazard: Hazard | undefined },
): Readonly<Record<string, string>> {
  const key = deduplicationKey(topic, draft);
  const first = key === undefined ? undefined : topic.deduplication.find(key, now);
  if (first !== undefined) return { MessageId: first.messageId, SequenceNumber: first.sequenceNumber };
  const messageId = account.options.randomId();
  const sequenceNumber = topic.isFifo ? nextSequenceNumber(topic) : undefined;
  if (key !== undefined && sequenceNumber !== undefined)
    topic.deduplication.remember(key, { messageId, sequenceNumber, at: now });
  const message: PublishedMessage = {
    messageId,
    topicArn: topic.arn,
    subject: draft.subject,
    body: draft.body,
    bodies: draft.bodies,
    attributes: draft.attributes,
    groupId: draft.groupId,
    deduplicationId: draft.deduplicationId,
    sequenceNumber,
    publishedAt: now,
    isReplayed: false,
  };
  fanOut(account, topic, { message, hazard });
  return {
    MessageId: messageId,
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
  };
}

/** Deduplication is per topic, or per group where the throughput scope is the group. */
function deduplicationKey(topic: Topic, { groupId, deduplicationId }: Draft): string | undefined {
  if (!topic.isFifo || deduplicationId === undefined) return undefined;
  return topic.attributes.get('FifoThroughputScope') === 'MessageGroup'
    ? `${groupId ?? ''} ${deduplicationId}`
    : deduplicationId;
}

function nextSequenceNumber(topic: Topic): string {
  topic.lastSequence += 1000;
  return `1${String(topic.lastSequence).padStart(19, '0')}`;
}

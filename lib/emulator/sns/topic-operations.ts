import type { ApiFault, ApiResult } from '../engine.js';
import { TopicArchive } from './archive.js';
import { fault, output } from './answers.js';
import { readArn } from './arn.js';
import { pageOf } from './paging.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';
import { readArchiveDays, refuseTopicAttributes, topicAttributes } from './topic-attributes.js';
import type { Topic } from './topic.js';

const NAME = /^(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?$/;
const MAX_TAGS = 50;
const PAGE = 100;

/**
 * `CreateTopic`: a second call with the same name answers with the topic there is, unless attributes or tags differ.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
export function createTopic({ account, input, now }: SnsCall): ApiResult {
  const name = input.string('Name');
  const attributes = input.stringMap('Attributes');
  const tags = readTags(input);
  if (input.optionalString('DataProtectionPolicy') !== undefined)
    input.refuse(
      snsRefusals.invalidAction(
        'the local SNS has no message data protection, see https://docs.aws.amazon.com/sns/latest/dg/message-data-protection.html',
      ),
    );
  if (input.fault !== undefined) return fault(input.fault);
  const isFifo = name.endsWith('.fifo');
  if (!NAME.test(name)) return fault(snsRefusals.invalidParameter('Topic Name'));
  if (isFifo !== (attributes['FifoTopic'] === 'true'))
    return fault(
      isFifo
        ? snsRefusals.invalidParameter(
            'Topic Name Reason: a name that ends with .fifo needs the attribute FifoTopic',
          )
        : snsRefusals.invalidParameter('Topic Name Reason: the name of a FIFO topic must end with .fifo'),
    );
  const refusal = refuseTopicAttributes(attributes, isFifo);
  if (refusal !== undefined) return fault(refusal);
  const existing = account.topic(account.arnOf(name));
  if (existing !== undefined)
    return answerExisting(existing, { attributes, tags, accountId: account.options.accountId });
  if (tags.size > MAX_TAGS) return fault(snsRefusals.tagLimit());
  const topic = account.createTopic(name, attributes);
  setArchive(topic, attributes['ArchivePolicy'] ?? '', now);
  for (const [key, value] of tags) topic.tags.set(key, value);
  return output({ TopicArn: topic.arn });
}

interface SecondCreation {
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  readonly accountId: string;
}

function answerExisting(topic: Topic, { attributes, tags, accountId }: SecondCreation): ApiResult {
  const current = topicAttributes(topic, accountId);
  if (Object.entries(attributes).some(([name, value]) => current[name] !== value))
    return fault(snsRefusals.invalidMember('Attributes', 'Topic already exists with different attributes'));
  if ([...tags].some(([key, value]) => topic.tags.get(key) !== value))
    return fault(snsRefusals.invalidMember('Tags', 'Topic already exists with different tags'));
  return output({ TopicArn: topic.arn });
}

/** `DeleteTopic`: deleting one that is not there succeeds; one with an archive policy can't be deleted. */
export function deleteTopic({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (topic?.attributes.has('ArchivePolicy') === true)
    return fault(snsRefusals.invalidState('Cannot delete a topic with an ArchivePolicy'));
  if (topic !== undefined) account.deleteTopic(topic);
  return output();
}

/** `GetTopicAttributes`. */
export function getTopicAttributes({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  return output({ Attributes: topicAttributes(topic, account.options.accountId) });
}

/** Protocols that take messages above 256 KiB. */
const LARGE_PROTOCOLS = new Set(['sqs', 'lambda', 'firehose']);
const LARGE_FROM = 262_144;
const LARGE_MAX_SUBSCRIPTIONS = 100;

/** `SetTopicAttributes`, one at a time. */
export function setTopicAttributes({ account, input, now }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  const name = input.string('AttributeName');
  const value = input.optionalString('AttributeValue') ?? '';
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  if (name === 'FifoTopic') return fault(snsRefusals.invalidParameter('AttributeName'));
  const refusal = refuseTopicAttributes({ [name]: value }, topic.isFifo) ?? refuseLarge(topic, name, value);
  if (refusal !== undefined) return fault(refusal);
  const isOff = value === '' || (name === 'ArchivePolicy' && value === '{}');
  if (isOff) topic.attributes.delete(name);
  else topic.attributes.set(name, value);
  if (name === 'ArchivePolicy') setArchive(topic, value, now);
  return output();
}

/** Turning the archive off drops what it has; a new retention keeps it. */
function setArchive(topic: Topic, policy: string, now: number): void {
  const days = readArchiveDays(policy) ?? 0;
  topic.archive = days === 0 ? undefined : new TopicArchive(days, now, topic.archive);
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html */
function refuseLarge(topic: Topic, name: string, value: string): ApiFault | undefined {
  if (name !== 'MaximumMessageSize' || Number(value) <= LARGE_FROM) return undefined;
  const subscriptions = [...topic.subscriptions.values()];
  const fits =
    subscriptions.length <= LARGE_MAX_SUBSCRIPTIONS &&
    subscriptions.every(({ protocol }) => LARGE_PROTOCOLS.has(protocol));
  return fits
    ? undefined
    : snsRefusals.invalidMember(
        'MaximumMessageSize',
        'above 262144 bytes a topic can have at most 100 subscriptions, all of them sqs, lambda or firehose',
      );
}

/** True when a subscription of this protocol may be added as far as message size goes. */
export const allowsLarge = (topic: Topic, protocol: string): boolean =>
  Number(topic.attributes.get('MaximumMessageSize') ?? 0) <= LARGE_FROM ||
  (LARGE_PROTOCOLS.has(protocol) && topic.subscriptions.size < LARGE_MAX_SUBSCRIPTIONS);

/** `ListTopics`, 100 a page. */
export function listTopics({ account, input }: SnsCall): ApiResult {
  const token = input.optionalString('NextToken');
  if (input.fault !== undefined) return fault(input.fault);
  const page = pageOf(account.topics(), token, PAGE);
  if (page === undefined) return fault(snsRefusals.invalidParameter('NextToken'));
  return output({ Topics: page.items.map(({ arn }) => ({ TopicArn: arn })), ...page.next });
}

/** `TagResource`. */
export function tagResource({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'ResourceArn'));
  const tags = readTags(input);
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.resourceNotFound());
  const merged = new Map([...topic.tags, ...tags]);
  if (merged.size > MAX_TAGS) return fault(snsRefusals.tagLimit());
  for (const [key, value] of tags) topic.tags.set(key, value);
  return output();
}

/** `UntagResource`. */
export function untagResource({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'ResourceArn'));
  const keys = input.strings('TagKeys');
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.resourceNotFound());
  for (const key of keys) topic.tags.delete(key);
  return output();
}

/** `ListTagsForResource`. */
export function listTagsForResource({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'ResourceArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.resourceNotFound());
  return output({ Tags: [...topic.tags].map(([Key, Value]) => ({ Key, Value })) });
}

function readTags(input: SnsCall['input']): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const { Key, Value } of input.records('Tags')) {
    if (typeof Key === 'string' && typeof Value === 'string') tags.set(Key, Value);
    else input.refuse(snsRefusals.invalidMember('Tags', 'each tag has a Key and a Value'));
  }
  return tags;
}

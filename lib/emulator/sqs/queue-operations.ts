import type { ApiFault, ApiResult } from '../engine.js';
import type { CallInput } from '../structures/call-input.js';
import type { SqsAccount } from './account.js';
import type { QueueCall } from './message-operations.js';
import {
  isKnownAttribute,
  readRedrivePolicy,
  refuseAttributes,
  refuseCombination,
  withDefaults,
  type QueueAttributes,
} from './queue-attributes.js';
import type { SqsQueue } from './queue.js';
import { sqsRefusals } from './refusals.js';

/** One call that names no existing queue. */
export interface AccountCall {
  readonly account: SqsAccount;
  readonly input: CallInput;
  readonly now: number;
}

const NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/;
const PURGE_REST_MS = 60_000;
const MAX_TAGS = 50;
const PAGE = { min: 1, max: 1_000 };

const fault = (refusal: ApiFault): ApiResult => ({ kind: 'fault', fault: refusal });
const output = (members: Readonly<Record<string, unknown>> = {}): ApiResult => ({
  kind: 'output',
  output: members,
});

/**
 * `CreateQueue`: a second call with the same name is answered with the queue there is, unless it names an attribute
 * with another value.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 */
export function createQueue({ account, input, now }: AccountCall): ApiResult {
  const name = input.string('QueueName');
  const attributes = input.stringMap('Attributes');
  const tags = input.stringMap('tags');
  if (Object.keys(tags).length > MAX_TAGS) input.refuse(tooManyTags(name));
  if (input.fault !== undefined) return fault(input.fault);
  const refusal = refuseNewQueue(account, { name, attributes, now });
  if (refusal !== undefined) return fault(refusal);
  const existing = account.byName(name, now);
  if (existing !== undefined) {
    const differing = differingAttribute(existing, attributes);
    return differing === undefined
      ? output({ QueueUrl: account.urlOf(name) })
      : fault(sqsRefusals.queueNameExists(differing));
  }
  if (account.isResting(name, now)) return fault(sqsRefusals.queueDeletedRecently());
  const queue = account.create(name, withoutEmpty(attributes), now);
  for (const [key, value] of Object.entries(tags)) queue.tags.set(key, value);
  return output({ QueueUrl: account.urlOf(name) });
}

interface NewQueue {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly now: number;
}

function refuseNewQueue(account: SqsAccount, { name, attributes, now }: NewQueue): ApiFault | undefined {
  const isFifo = name.endsWith('.fifo');
  if (!NAME.test(name))
    return sqsRefusals.invalidParameter(
      'QueueName',
      name,
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  if (isFifo !== (attributes['FifoQueue'] === 'true'))
    return isFifo
      ? sqsRefusals.invalidParameter(
          'QueueName',
          name,
          'Can only include alphanumeric characters, hyphens, or underscores; .fifo needs the attribute FifoQueue',
        )
      : attributes['FifoQueue'] === 'true'
        ? sqsRefusals.invalidParameter('QueueName', name, 'The name of a FIFO queue can only end with .fifo')
        : undefined;
  return (
    refuseAttributes(attributes, isFifo) ??
    refuseCombination(withDefaults(attributes, isFifo)) ??
    refuseTarget(account, { arn: account.arnOf(name), attributes, now })
  );
}

/** A redrive policy must name a queue that exists, is of the same type and lets itself be named. */
function refuseTarget(
  account: SqsAccount,
  {
    arn,
    attributes,
    now,
  }: { readonly arn: string; readonly attributes: QueueAttributes; readonly now: number },
): ApiFault | undefined {
  const text = attributes['RedrivePolicy'] ?? '';
  const policy = readRedrivePolicy(text);
  if (policy === undefined) return undefined;
  const invalid = (reason: string): ApiFault => sqsRefusals.invalidParameter('RedrivePolicy', text, reason);
  const target = account.byArn(policy.deadLetterTargetArn, now);
  if (policy.deadLetterTargetArn === arn) return invalid('A queue can not be its own dead letter target');
  if (target === undefined) return invalid('Dead letter target does not exist');
  if (target.settings.isFifo !== arn.endsWith('.fifo'))
    return invalid('Dead-letter queue must be same type of queue as the source');
  const allow = target.settings.redriveAllow;
  const mayBeNamed =
    allow.kind === 'allowAll' || (allow.kind === 'byQueue' && allow.sourceQueueArns.includes(arn));
  return mayBeNamed
    ? undefined
    : invalid('The RedriveAllowPolicy of the dead letter target does not allow this source queue');
}

function differingAttribute(queue: SqsQueue, attributes: QueueAttributes): string | undefined {
  const current = withDefaults(queue.attributes, queue.settings.isFifo);
  return Object.entries(attributes).find(([name, value]) => (current[name] ?? '') !== value)?.[0];
}

const withoutEmpty = (attributes: QueueAttributes): QueueAttributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));

/** `DeleteQueue`. */
export function deleteQueue({ account, queue, now }: QueueCall): ApiResult {
  account.delete(queue, now);
  return output();
}

/** `GetQueueUrl`. */
export function getQueueUrl({ account, input, now }: AccountCall): ApiResult {
  const name = input.string('QueueName');
  const owner = input.optionalString('QueueOwnerAWSAccountId') ?? account.options.accountId;
  if (input.fault !== undefined) return fault(input.fault);
  if (owner !== account.options.accountId || account.byName(name, now) === undefined)
    return fault(sqsRefusals.queueDoesNotExist());
  return output({ QueueUrl: account.urlOf(name) });
}

/** `ListQueues`. */
export function listQueues({ account, input }: AccountCall): ApiResult {
  const prefix = input.optionalString('QueueNamePrefix') ?? '';
  const names = account
    .all()
    .map((queue) => queue.identity.name)
    .filter((name) => name.startsWith(prefix));
  return listPage(account, { input, names, member: 'QueueUrls' });
}

/** `ListDeadLetterSourceQueues`. */
export function listDeadLetterSourceQueues({ account, queue, input }: QueueCall): ApiResult {
  const names = account
    .all()
    .filter((source) => source.settings.redrive?.deadLetterTargetArn === queue.identity.arn)
    .map((source) => source.identity.name);
  return listPage(account, { input, names, member: 'queueUrls' });
}

interface Listing {
  readonly input: CallInput;
  readonly names: readonly string[];
  readonly member: string;
}

/** A page in name order; the token is the last name of the page before. Without `MaxResults` there is no token. */
function listPage(account: SqsAccount, { input, names, member }: Listing): ApiResult {
  const max = input.optionalInteger('MaxResults', PAGE);
  const token = input.optionalString('NextToken');
  if (input.fault !== undefined) return fault(input.fault);
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  const sorted = [...names].sort().filter((name) => name > after);
  const page = sorted.slice(0, max ?? PAGE.max);
  const last = page.at(-1);
  const hasMore = max !== undefined && page.length < sorted.length && last !== undefined;
  return output({
    ...(page.length > 0 ? { [member]: page.map((name) => account.urlOf(name)) } : {}),
    ...(hasMore ? { NextToken: Buffer.from(last).toString('base64url') } : {}),
  });
}

/** `GetQueueAttributes`. */
export function getQueueAttributes({ queue, input }: QueueCall): ApiResult {
  const names = input.strings('AttributeNames');
  if (input.fault !== undefined) return fault(input.fault);
  const unknown = names.find((name) => !isKnownAttribute(name));
  if (unknown !== undefined) return fault(sqsRefusals.invalidAttributeName(unknown));
  const all = { ...computedAttributes(queue), ...withDefaults(queue.attributes, queue.settings.isFifo) };
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return output(wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) });
}

function computedAttributes(queue: SqsQueue): QueueAttributes {
  const { counts, identity } = queue;
  return {
    ApproximateNumberOfMessages: String(counts.ready),
    ApproximateNumberOfMessagesNotVisible: String(counts['in-flight']),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(identity.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    QueueArn: identity.arn,
  };
}

/** `SetQueueAttributes`: an empty value takes a policy away. */
export function setQueueAttributes({ account, queue, input, now }: QueueCall): ApiResult {
  const attributes = input.stringMap('Attributes');
  const { isFifo } = queue.settings;
  if (Object.keys(attributes).length === 0) input.refuse(sqsRefusals.missingParameter('Attributes'));
  if (input.fault !== undefined) return fault(input.fault);
  if ('FifoQueue' in attributes) return fault(sqsRefusals.invalidAttributeName('FifoQueue'));
  const merged = withoutEmpty({ ...withoutRivals(queue.attributes, attributes), ...attributes });
  const refusal =
    refuseAttributes(attributes, isFifo) ??
    refuseCombination(withDefaults(merged, isFifo)) ??
    refuseTarget(account, { arn: queue.identity.arn, attributes, now });
  if (refusal !== undefined) return fault(refusal);
  queue.configure(merged, now);
  return output();
}

/** Choosing one kind of encryption ends the other. */
function withoutRivals(current: QueueAttributes, change: QueueAttributes): QueueAttributes {
  const { KmsMasterKeyId: key, SqsManagedSseEnabled: managed, ...rest } = current;
  return {
    ...rest,
    ...(key !== undefined && change['SqsManagedSseEnabled'] !== 'true' ? { KmsMasterKeyId: key } : {}),
    ...(managed !== undefined && change['KmsMasterKeyId'] === undefined
      ? { SqsManagedSseEnabled: managed }
      : {}),
  };
}

/** `PurgeQueue`, once a minute. */
export function purgeQueue({ queue, now }: QueueCall): ApiResult {
  if (queue.purgedAt !== undefined && now < queue.purgedAt + PURGE_REST_MS)
    return fault(sqsRefusals.purgeInProgress(queue.identity.name));
  queue.purgedAt = now;
  queue.purge();
  return output();
}

/** `TagQueue`. */
export function tagQueue({ queue, input }: QueueCall): ApiResult {
  const tags = Object.entries(input.stringMap('Tags'));
  if (tags.length === 0) input.refuse(sqsRefusals.missingParameter('Tags'));
  const merged = new Set([...queue.tags.keys(), ...tags.map(([key]) => key)]);
  if (merged.size > MAX_TAGS) input.refuse(tooManyTags(queue.identity.name));
  if (input.fault !== undefined) return fault(input.fault);
  for (const [key, value] of tags) queue.tags.set(key, value);
  return output();
}

const tooManyTags = (queue: string): ApiFault =>
  sqsRefusals.invalidMessage(`Too many tags added for queue ${queue}, ${MAX_TAGS} are allowed`);

/** `UntagQueue`. */
export function untagQueue({ queue, input }: QueueCall): ApiResult {
  const keys = input.strings('TagKeys');
  if (keys.length === 0) input.refuse(sqsRefusals.missingParameter('TagKeys'));
  if (input.fault !== undefined) return fault(input.fault);
  for (const key of keys) queue.tags.delete(key);
  return output();
}

/** `ListQueueTags`. */
export const listQueueTags = ({ queue }: QueueCall): ApiResult =>
  output(queue.tags.size === 0 ? {} : { Tags: Object.fromEntries(queue.tags) });

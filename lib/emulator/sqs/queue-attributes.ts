import { limitOf } from '../../contract/limits.js';
import type { ApiFault } from '../engine.js';
import { isRecord } from '../structures/call-input.js';
import { parsePolicy, type PolicyStatement } from './queue-policy.js';
import { sqsRefusals } from './refusals.js';

/** When and where a message is dead-lettered. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Which queues may name this one as their dead-letter queue. */
export type RedriveAllowPolicy =
  | { readonly kind: 'allowAll' }
  | { readonly kind: 'denyAll' }
  | { readonly kind: 'byQueue'; readonly sourceQueueArns: readonly string[] };

/** A queue's attributes, read once when they are set, in the units the queue works in. */
export interface QueueSettings {
  readonly isFifo: boolean;
  readonly delayMs: number;
  readonly maxBytes: number;
  readonly retentionMs: number;
  readonly waitSeconds: number;
  readonly visibilityMs: number;
  readonly hasContentDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
  readonly throughputLimit: 'perQueue' | 'perMessageGroupId';
  readonly redrive: RedrivePolicy | undefined;
  readonly redriveAllow: RedriveAllowPolicy;
  readonly policy: readonly PolicyStatement[];
}

/** Attributes of a queue as they were set, by name. */
export type QueueAttributes = Readonly<Record<string, string>>;

type Check = (value: string) => string | undefined;

const wholeNumber =
  (min: number, max: number): Check =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`;

const flag = oneOf('true', 'false');

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Every attribute that can be set, with what it may hold; an empty value takes a policy or a key away. */
const CHECKS: Readonly<Record<string, Check>> = {
  DelaySeconds: wholeNumber(0, limitOf('sqs.delay.max')),
  MaximumMessageSize: wholeNumber(
    limitOf('sqs.message.minConfigurableBytes'),
    limitOf('sqs.message.maxBytes'),
  ),
  MessageRetentionPeriod: wholeNumber(limitOf('sqs.retention.min'), limitOf('sqs.retention.max')),
  ReceiveMessageWaitTimeSeconds: wholeNumber(0, limitOf('sqs.longPoll.max')),
  VisibilityTimeout: wholeNumber(0, limitOf('sqs.visibilityTimeout.max')),
  Policy: (value) => (parsePolicy(value) === undefined ? 'must be a valid policy document' : undefined),
  RedrivePolicy: (value) =>
    readRedrivePolicy(value) === undefined
      ? 'must be JSON with deadLetterTargetArn and maxReceiveCount from 1 to 1000'
      : undefined,
  RedriveAllowPolicy: (value) =>
    readRedriveAllowPolicy(value) === undefined
      ? 'must be JSON with redrivePermission allowAll, denyAll or byQueue and up to 10 sourceQueueArns'
      : undefined,
  KmsMasterKeyId: () => undefined,
  KmsDataKeyReusePeriodSeconds: wholeNumber(60, 86_400),
  SqsManagedSseEnabled: flag,
  FifoQueue: oneOf('true'),
  ContentBasedDeduplication: flag,
  DeduplicationScope: oneOf('queue', 'messageGroup'),
  FifoThroughputLimit: oneOf('perQueue', 'perMessageGroupId'),
};

const ONLY_FIFO = new Set([
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);
const MAY_BE_EMPTY = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);

/** What `GetQueueAttributes` can be asked for beyond what can be set. */
export const COMPUTED_ATTRIBUTES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

/** True for every attribute name `GetQueueAttributes` knows. */
export const isKnownAttribute = (name: string): boolean =>
  name === 'All' || name in CHECKS || COMPUTED_ATTRIBUTES.some((computed) => computed === name);

/** Values a queue has when nothing is set. */
export const DEFAULT_ATTRIBUTES: QueueAttributes = {
  DelaySeconds: '0',
  MaximumMessageSize: String(limitOf('sqs.message.maxBytes')),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
  SqsManagedSseEnabled: 'true',
};

const FIFO_DEFAULTS: QueueAttributes = {
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

/** The attributes a queue answers with: defaults under what was set. */
export const withDefaults = (set: QueueAttributes, isFifo: boolean): QueueAttributes => ({
  ...DEFAULT_ATTRIBUTES,
  ...(isFifo ? FIFO_DEFAULTS : {}),
  ...(set['KmsMasterKeyId'] === undefined
    ? {}
    : { SqsManagedSseEnabled: 'false', KmsDataKeyReusePeriodSeconds: '300' }),
  ...set,
});

/** Finds the first attribute that may not be set to its value on a queue of this kind. */
export function refuseAttributes(attributes: QueueAttributes, isFifo: boolean): ApiFault | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    const check = CHECKS[name];
    if (check === undefined || (ONLY_FIFO.has(name) && !isFifo))
      return sqsRefusals.invalidAttributeName(name);
    if (value === '' && MAY_BE_EMPTY.has(name)) continue;
    const reason = check(value);
    if (reason !== undefined) return sqsRefusals.invalidAttributeValue(name, reason);
  }
  return undefined;
}

/** Rules between attributes, checked on the whole after a change. */
export function refuseCombination(all: QueueAttributes): ApiFault | undefined {
  if (all['FifoThroughputLimit'] === 'perMessageGroupId' && all['DeduplicationScope'] !== 'messageGroup')
    return sqsRefusals.invalidAttributeValue(
      'FifoThroughputLimit',
      'perMessageGroupId is allowed only when DeduplicationScope is messageGroup',
    );
  if (all['KmsMasterKeyId'] !== undefined && all['SqsManagedSseEnabled'] === 'true')
    return sqsRefusals.invalidAttributeValue(
      'SqsManagedSseEnabled',
      'you can use one type of server-side encryption at one time',
    );
  return undefined;
}

/** Reads checked attributes into settings. */
export function compileSettings(set: QueueAttributes, isFifo: boolean): QueueSettings {
  const all = withDefaults(set, isFifo);
  const seconds = (name: string): number => Number(all[name] ?? '0');
  return {
    isFifo,
    delayMs: seconds('DelaySeconds') * 1000,
    maxBytes: seconds('MaximumMessageSize'),
    retentionMs: seconds('MessageRetentionPeriod') * 1000,
    waitSeconds: seconds('ReceiveMessageWaitTimeSeconds'),
    visibilityMs: seconds('VisibilityTimeout') * 1000,
    hasContentDeduplication: all['ContentBasedDeduplication'] === 'true',
    deduplicationScope: all['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue',
    throughputLimit: all['FifoThroughputLimit'] === 'perMessageGroupId' ? 'perMessageGroupId' : 'perQueue',
    redrive: readRedrivePolicy(all['RedrivePolicy'] ?? ''),
    redriveAllow: readRedriveAllowPolicy(all['RedriveAllowPolicy'] ?? '') ?? { kind: 'allowAll' },
    policy: parsePolicy(all['Policy'] ?? '') ?? [],
  };
}

/** Reads a redrive policy; AWS takes `maxReceiveCount` as a number or as text. */
export function readRedrivePolicy(text: string): RedrivePolicy | undefined {
  const json = readJson(text);
  if (!isRecord(json)) return undefined;
  const target = json['deadLetterTargetArn'];
  const count = Number(json['maxReceiveCount'] ?? 10);
  if (typeof target !== 'string' || !/^arn:aws[a-z-]*:sqs:/.test(target)) return undefined;
  if (!Number.isInteger(count) || count < 1 || count > limitOf('sqs.maxReceiveCount.max')) return undefined;
  return { deadLetterTargetArn: target, maxReceiveCount: count };
}

function readRedriveAllowPolicy(text: string): RedriveAllowPolicy | undefined {
  const json = readJson(text);
  if (!isRecord(json)) return undefined;
  const arns = json['sourceQueueArns'];
  switch (json['redrivePermission']) {
    case 'allowAll':
      return arns === undefined ? { kind: 'allowAll' } : undefined;
    case 'denyAll':
      return arns === undefined ? { kind: 'denyAll' } : undefined;
    case 'byQueue':
      if (!Array.isArray(arns) || arns.length === 0 || arns.length > limitOf('sqs.redriveAllow.maxSources'))
        return undefined;
      return arns.every((arn): arn is string => typeof arn === 'string')
        ? { kind: 'byQueue', sourceQueueArns: arns }
        : undefined;
    default:
      return undefined;
  }
}

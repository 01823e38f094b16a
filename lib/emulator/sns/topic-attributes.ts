import { limitOf } from '../../contract/limits.js';
import type { ApiFault } from '../engine.js';
import { isRecord } from '../structures/call-input.js';
import { snsRefusals } from './refusals.js';
import { readDeliveryPolicy } from './retry-policy.js';
import type { Topic } from './topic.js';

type Check = (value: string) => string | undefined;

const flag: Check = (value) => (value === 'true' || value === 'false' ? undefined : 'must be true or false');
const anything: Check = () => undefined;
const jsonObject: Check = (value) => {
  try {
    return isRecord(JSON.parse(value)) ? undefined : 'must be a JSON object';
  } catch {
    return 'must be a JSON object';
  }
};

const CHECKS: Readonly<Record<string, Check>> = {
  DeliveryPolicy: (value) =>
    value === '' || readDeliveryPolicy(value) !== undefined ? undefined : 'not a valid delivery policy',
  DisplayName: (value) => (value.length <= 100 ? undefined : 'must be at most 100 characters long'),
  Policy: jsonObject,
  TracingConfig: (value) =>
    value === 'PassThrough' || value === 'Active' ? undefined : 'must be PassThrough or Active',
  KmsMasterKeyId: anything,
  SignatureVersion: (value) => (value === '1' || value === '2' ? undefined : 'must be 1 or 2'),
  MaximumMessageSize: (value) => {
    const max = limitOf('sns.message.maxBytes');
    const isInRange = /^\d+$/.test(value) && Number(value) >= 1024 && Number(value) <= max;
    return isInRange ? undefined : `must be an integer from 1024 to ${max}`;
  },
  FifoTopic: flag,
  ContentBasedDeduplication: flag,
  FifoThroughputScope: (value) =>
    value === 'Topic' || value === 'MessageGroup' ? undefined : 'must be Topic or MessageGroup',
  ArchivePolicy: (value) =>
    readArchiveDays(value) === undefined
      ? 'must be JSON with MessageRetentionPeriod from 1 to 365 days'
      : undefined,
};

const FEEDBACK = /^(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)Feedback(RoleArn|SampleRate)$/;
const ONLY_FIFO = new Set(['ContentBasedDeduplication', 'FifoThroughputScope', 'ArchivePolicy']);

/** Days a topic's archive keeps messages; 0 when it is off, undefined when the policy is not one. */
export function readArchiveDays(text: string): number | undefined {
  if (text === '' || text === '{}') return 0;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const days = isRecord(json) ? Number(json['MessageRetentionPeriod']) : NaN;
  return Number.isInteger(days) && days >= 1 && days <= 365 ? days : undefined;
}

/** Finds the first attribute a topic of this kind may not have. */
export function refuseTopicAttributes(
  attributes: Readonly<Record<string, string>>,
  isFifo: boolean,
): ApiFault | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    const check = FEEDBACK.test(name) ? anything : CHECKS[name];
    if (check === undefined || (ONLY_FIFO.has(name) && !isFifo))
      return snsRefusals.invalidParameter('AttributeName');
    const reason = check(value);
    if (reason !== undefined) return snsRefusals.invalidMember('Attributes', `${name} ${reason}`);
  }
  return undefined;
}

/** Bytes a message of this topic may have, attributes included. */
export const maxBytesOf = (topic: Topic): number =>
  Number(topic.attributes.get('MaximumMessageSize') ?? limitOf('sns.message.defaultBytes'));

const DEFAULT_DELIVERY_POLICY = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
});

/** What `GetTopicAttributes` answers. */
export function topicAttributes(topic: Topic, accountId: string): Readonly<Record<string, string>> {
  const states = [...topic.subscriptions.values()].map((subscription) => subscription.state);
  const count = (state: string): string => String(states.filter((one) => one === state).length);
  return {
    Policy: ownerPolicy(topic.arn, accountId),
    DisplayName: '',
    EffectiveDeliveryPolicy: topic.attributes.get('DeliveryPolicy') ?? DEFAULT_DELIVERY_POLICY,
    ...(topic.isFifo
      ? { FifoTopic: 'true', ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' }
      : {}),
    ...Object.fromEntries(topic.attributes),
    ...(topic.archive === undefined
      ? {}
      : { BeginningArchiveTime: new Date(topic.archive.since).toISOString() }),
    Owner: accountId,
    TopicArn: topic.arn,
    SubscriptionsConfirmed: count('confirmed'),
    SubscriptionsPending: count('pending'),
    SubscriptionsDeleted: String(topic.deletedSubscriptions),
  };
}

const ownerPolicy = (topicArn: string, accountId: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['SNS:Publish', 'SNS:Subscribe', 'SNS:GetTopicAttributes', 'SNS:SetTopicAttributes'],
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  });

import { Stack, Token, aws_sns as sns, type RemovalPolicy } from 'aws-cdk-lib';
import type { SubscriptionProtocol, TopicSubscriptionConfig } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import type { MessageDefinition } from '../../contract/message.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { CompiledFanoutTopic } from './fanout-topic-options.js';
import {
  filterPolicyOf,
  filterViolations,
  type AnyConditions,
  type AttributeConditions,
} from './filter-policy.js';
import type { FilterPolicy } from './filter-size.js';
import { choiceViolations, messageViolations } from '../messages.js';
import { constructViolations, nameViolations, removalViolations } from '../shared-props.js';
import { show } from '../bounds.js';
import { isOther } from '../foreign-account.js';

/** What one subscriber gets of a topic, whatever its kind. */
export interface SubscriptionOptions<Chosen extends MessageDefinition = MessageDefinition> {
  /**
   * The messages this subscriber gets.
   *
   * @default - all messages of the topic, without a filter on their type
   */
  readonly messages?: readonly Chosen[];

  /**
   * Values the messages' attributes must have, or conditions by aws-cdk-lib's `SubscriptionFilter`. All must hold.
   *
   * @default - no condition
   */
  readonly where?: AttributeConditions<Chosen>;

  /**
   * Where deliveries go that SNS could not make: denied, deleted, or out of reach for 23 days (an hour for HTTPS, 6
   * hours for e-mail and SMS).
   *
   * @default - a queue of its own, of the subscribed queue's type, 14 days of retention
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * What happens to the subscription's own dead-letter queue when it leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The subscription's id under its subscriber. Changing it replaces the subscription.
   *
   * @default - `From` and the topic's id; for addresses, which have no construct, `To` and the address under the topic
   */
  readonly id?: string;
}

/** The subscribing topic, as far as the decision needs it. */
export interface SubscribingTopic extends CompiledFanoutTopic {
  readonly path: string;
  /** The construct people wrote. */
  readonly scope: Construct;
  /** Where it is, and with it its subscriptions; a token where only the deployment knows. */
  readonly region: string;
  /** Whether another app manages it, and knows whether it has an archive. */
  readonly isImported: boolean;
  readonly id: string;
  readonly subscribed: readonly { readonly queue?: IQueue; readonly endpoint: string }[];
}

/** A subscription's decided values. */
export interface CompiledEndpoint {
  readonly id: string;
  readonly filterPolicy?: FilterPolicy;
}

const OPTIONS = {
  deadLetterQueue: true,
  id: true,
  messages: true,
  removalPolicy: true,
  where: true,
} satisfies Record<keyof SubscriptionOptions, true>;

/** Who may subscribe to a topic of messages over 256 KiB. */
const LARGE_PROTOCOLS: readonly SubscriptionProtocol[] = [
  sns.SubscriptionProtocol.SQS,
  sns.SubscriptionProtocol.LAMBDA,
  sns.SubscriptionProtocol.FIREHOSE,
];

/**
 * Decides one subscription of a function, a delivery stream or an address.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileEndpoint<Chosen extends MessageDefinition>(
  topic: SubscribingTopic,
  endpoint: TopicSubscriptionConfig,
  options: SubscriptionOptions<Chosen>,
): CompiledEndpoint {
  const where: AnyConditions = options.where ?? {};
  const chosen = messageViolations('messages', options.messages ?? topic.messages);
  const idViolations =
    options.id === undefined &&
    endpoint.subscriberScope === undefined &&
    Token.isUnresolved(endpoint.subscriberId)
      ? ['id must be given: the address is known at deployment only, so no stable id can be made of it']
      : [];
  const subscriber = { scope: endpoint.subscriberScope ?? topic.scope, is: 'subscriber' } as const;
  refuseAll(`addSubscription of topic '${topic.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...subscriptionViolations(options),
    ...idViolations,
    ...endpointViolations(topic, endpoint),
    ...regionViolations(topic, subscriber, options.deadLetterQueue),
    ...(options.deadLetterQueue?.fifo === true
      ? ['deadLetterQueue must be standard: only FIFO queues have FIFO dead letters']
      : []),
    ...chosen,
    ...(chosen.length === 0 ? choiceViolations(topic.messages, options.messages, where) : []),
    ...(chosen.length === 0 ? filterViolations(options.messages, where) : []),
    ...topicViolations(topic, endpoint),
  ]);
  const filterPolicy = filterPolicyOf(options.messages, where);
  const derived = endpoint.subscriberScope ? `From${topic.id}` : `To${endpoint.subscriberId}`;
  return { id: options.id ?? derived, ...(filterPolicy && { filterPolicy }) };
}

/** What is wrong with what all subscriptions take. */
export function subscriptionViolations(options: SubscriptionOptions): string[] {
  const where: unknown = options.where;
  const isObject =
    where === undefined || (typeof where === 'object' && where !== null && !Array.isArray(where));
  return [
    ...nameViolations('id', options.id),
    ...constructViolations('deadLetterQueue', options.deadLetterQueue, { is: 'queue', by: 'queueArn' }),
    ...removalViolations(options.removalPolicy),
    ...(isObject ? [] : [`where must be an object of attributes and their values, got ${show(where)}`]),
  ];
}

/** SNS takes dead letters of a subscription in its own Region only, which is the topic's. */
export function regionViolations(
  { region }: Pick<SubscribingTopic, 'region'>,
  subscriber: { readonly scope: Construct; readonly is: 'queue' | 'subscriber' },
  given: IQueue | undefined,
): string[] {
  // What is no construct is refused by other words.
  if (given !== undefined && !Construct.isConstruct(given)) return [];
  const theirs = given ? given.env.region : Stack.of(subscriber.scope).region;
  if (!isOther(theirs, region)) return [];
  const got = given
    ? `'${given.node.path}' in ${theirs}`
    : `none, and one made beside the ${subscriber.is} would be in ${theirs}`;
  return [
    `deadLetterQueue must be in the topic's Region ${region}, where the subscription is, got ${got}: make one there and give it here`,
  ];
}

/** What a topic of this kind can't have one more of, whoever subscribes. */
export function countViolations(topic: SubscribingTopic): string[] {
  const most = limitOf('sns.fifo.maxSubscriptions');
  const isLarge = topic.maxMessageBytes > limitOf('sns.message.defaultBytes');
  return (topic.fifo || isLarge) && topic.subscribed.length >= most
    ? [
        `a ${topic.fifo ? 'FIFO topic' : 'topic of messages over 256 KiB'} takes ${most} subscriptions, this would be one more`,
      ]
    : [];
}

function topicViolations(topic: SubscribingTopic, { protocol }: TopicSubscriptionConfig): string[] {
  const isLarge = topic.maxMessageBytes > limitOf('sns.message.defaultBytes');
  return [
    ...(topic.fifo
      ? [`a FIFO topic delivers to SQS queues only, got ${protocol}: put a queue between them`]
      : []),
    ...(isLarge && !LARGE_PROTOCOLS.includes(protocol)
      ? [`a topic of messages over 256 KiB delivers to queues, functions and Firehose only, got ${protocol}`]
      : []),
    ...countViolations(topic),
  ];
}

function endpointViolations(topic: SubscribingTopic, config: TopicSubscriptionConfig): string[] {
  const { protocol, endpoint, filterPolicy, filterPolicyWithMessageBody, deadLetterQueue } = config;
  return [
    ...(protocol === sns.SubscriptionProtocol.SQS
      ? ['a queue is subscribed with fanOutTo: give the queue itself to it']
      : []),
    ...(protocol === sns.SubscriptionProtocol.HTTP
      ? ['http sends messages in plain text: use an https address']
      : []),
    ...(filterPolicy || filterPolicyWithMessageBody
      ? ['filterPolicy of the subscription class is not used here: say messages and where']
      : []),
    ...(deadLetterQueue
      ? ['deadLetterQueue of the subscription class is not used here: give it to addSubscription']
      : []),
    ...(topic.subscribed.some((other) => other.endpoint === endpoint)
      ? [
          'this endpoint is subscribed already, and SNS keeps one subscription per topic and endpoint: name all messages in one addSubscription',
        ]
      : []),
  ];
}

import type { RemovalPolicy } from 'aws-cdk-lib';
import { QueueEncryption, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { limitOf } from '../contract/limits.js';
import type { MessageDefinition } from '../contract/message.js';
import { MillraceError, refuseAll } from '../core/errors.js';
import { unknownNames } from '../core/options.js';
import { show, switchViolations } from './bounds.js';
import type { CompiledFanoutTopic } from './fanout-topic-options.js';
import {
  filterPolicyOf,
  filterViolations,
  type AnyConditions,
  type AttributeConditions,
  type FilterPolicy,
} from './filter-policy.js';
import { messageViolations } from './messages.js';
import type { QueueSource } from './queue-contents.js';

/** What one queue gets of a topic. */
export interface FanOutOptions<Chosen extends MessageDefinition = MessageDefinition> {
  /**
   * The messages this queue gets.
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
   * Whether the queue gets the message as it was published. Otherwise SNS wraps it in its own JSON, which costs about
   * 1 KB a message and is wanted only by workers that need SNS's signature.
   *
   * @default true
   */
  readonly raw?: boolean;

  /**
   * Where deliveries go that SNS could not make (denied, deleted, out of reach for 23 days).
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
   * The subscription's id under the queue. Changing it replaces the subscription.
   *
   * @default - `From` and the topic's id
   */
  readonly id?: string;
}

/** The subscribing topic, as far as the decision needs it. */
export interface FanOutSide extends CompiledFanoutTopic {
  readonly path: string;
  readonly id: string;
  readonly subscribed: readonly { readonly queue: IQueue }[];
}

/** The subscribed queue: ours with its contents, or any other. */
export interface FanOutTarget {
  readonly queue: IQueue;
  /** Where the subscription is made: beside the queue, so that both are in the queue's stack. */
  readonly scope: Construct;
  readonly work?: LearningQueue;
}

/** A queue that keeps account of what reaches it: a `WorkQueueWithDLQ`. */
export interface LearningQueue extends IConstruct {
  readonly queue: IQueue;
  _violationsOf(source: QueueSource): string[];
  _learn(source: QueueSource): void;
}

/** A subscription's decided values. */
export interface CompiledFanOut {
  readonly id: string;
  readonly raw: boolean;
  readonly filterPolicy?: FilterPolicy;
  readonly source: QueueSource;
}

const OPTIONS = {
  deadLetterQueue: true,
  id: true,
  messages: true,
  raw: true,
  removalPolicy: true,
  where: true,
} satisfies Record<keyof FanOutOptions, true>;

/**
 * Tells our queues from aws-cdk-lib's.
 * @throws {INVALID_OPTIONS} it is neither
 */
export function fanOutTarget(given: IQueue | LearningQueue): FanOutTarget {
  const scope: unknown = given;
  if (Construct.isConstruct(scope)) {
    if (isLearning(given)) return { queue: given.queue, scope, work: given };
    if ('queueArn' in given) return { queue: given, scope };
  }
  throw new MillraceError(
    'INVALID_OPTIONS',
    `fanOutTo takes a WorkQueueWithDLQ or a queue of aws-cdk-lib, got ${show(given)}`,
  );
}

const isLearning = (given: IQueue | LearningQueue): given is LearningQueue => '_learn' in given;

/**
 * Decides one subscription.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileFanOut<Chosen extends MessageDefinition>(
  topic: FanOutSide,
  target: FanOutTarget,
  options: FanOutOptions<Chosen>,
): CompiledFanOut {
  const where: AnyConditions = options.where ?? {};
  const raw = options.raw ?? true;
  const source: QueueSource = {
    from: topic.path,
    messages: options.messages ?? topic.messages,
    delivery: raw ? 'raw' : 'sns-envelope',
  };
  const chosen = messageViolations('messages', source.messages);
  refuseAll(`fanOutTo of topic '${topic.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...switchViolations({ ...options }, ['raw']),
    ...queueViolations(topic, target.queue),
    ...(options.deadLetterQueue ? deadLetterViolations(target.queue, options.deadLetterQueue) : []),
    ...chosen,
    ...(chosen.length === 0 ? choiceViolations(topic, options.messages, where) : []),
    ...(chosen.length === 0 ? filterViolations(options.messages, where) : []),
    ...(chosen.length === 0 ? (target.work?._violationsOf(source) ?? []) : []),
  ]);
  const filterPolicy = filterPolicyOf(options.messages, where);
  return { id: options.id ?? `From${topic.id}`, raw, source, ...(filterPolicy && { filterPolicy }) };
}

function queueViolations(topic: FanOutSide, queue: IQueue): string[] {
  const maxSubscriptions = limitOf('sns.fifo.maxSubscriptions');
  const isLarge = topic.maxMessageBytes > limitOf('sns.message.defaultBytes');
  return [
    ...(queue.fifo && !topic.fifo
      ? [
          `a standard topic can't deliver to a FIFO queue ('${queue.node.path}'): make the topic FIFO (fifo: true), or the queue standard`,
        ]
      : []),
    ...(topic.subscribed.some((subscription) => subscription.queue === queue)
      ? [
          `queue '${queue.node.path}' is subscribed already, and SNS keeps one subscription per topic and queue: name all messages in one fanOutTo`,
        ]
      : []),
    ...((topic.fifo || isLarge) && topic.subscribed.length >= maxSubscriptions
      ? [
          `a ${topic.fifo ? 'FIFO topic' : 'topic of messages over 256 KiB'} takes ${maxSubscriptions} subscriptions, this would be one more`,
        ]
      : []),
    ...(queue.encryptionType === QueueEncryption.KMS_MANAGED
      ? [
          `queue '${queue.node.path}' is encrypted with the key AWS manages (alias/aws/sqs), which SNS can't use: use SSE-SQS or a customer managed key`,
        ]
      : []),
  ];
}

function deadLetterViolations(queue: IQueue, deadLetterQueue: IQueue): string[] {
  return [
    ...(queue.fifo !== deadLetterQueue.fifo
      ? [
          `deadLetterQueue must be ${queue.fifo ? 'FIFO' : 'standard'} as the subscribed queue is, got ${deadLetterQueue.fifo ? 'FIFO' : 'standard'} ('${deadLetterQueue.node.path}')`,
        ]
      : []),
    ...(deadLetterQueue.encryptionType === QueueEncryption.KMS_MANAGED
      ? [
          `deadLetterQueue '${deadLetterQueue.node.path}' is encrypted with the key AWS manages, which SNS can't use: use SSE-SQS or a customer managed key`,
        ]
      : []),
  ];
}

function choiceViolations(
  topic: FanOutSide,
  messages: readonly MessageDefinition[] | undefined,
  where: AnyConditions,
): string[] {
  const chosen = messages ?? topic.messages;
  const carried = topic.messages.map(({ name }) => name);
  const mute =
    Object.keys(where).length === 0 ? [] : chosen.filter((message) => message.attributes === undefined);
  return [
    ...(messages?.length === 0
      ? ['messages is an empty list and would match nothing: leave it out to get all']
      : []),
    ...chosen
      .filter(({ name }) => !carried.includes(name))
      .map(
        ({ name }) =>
          `message '${name}' is not carried by this topic (it carries ${carried.join(', ')}): add it to the topic's messages`,
      ),
    ...mute.map(
      ({ name }) =>
        `message '${name}' declares no attributes, so no copy of it would pass where: choose other messages, or add attributes to its defineMessage()`,
    ),
  ];
}

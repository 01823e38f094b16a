import { aws_sqs as sqs } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { MessageDefinition } from '../../contract/message.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { show, switchViolations } from '../bounds.js';
import {
  countViolations,
  regionViolations,
  subscriptionViolations,
  type SubscribingTopic,
  type SubscriptionOptions,
} from './endpoint-options.js';
import { filterPolicyOf, filterViolations, type AnyConditions } from './filter-policy.js';
import type { FilterPolicy } from './filter-size.js';
import { unionViolations, type Wish } from './filter-union.js';
import { choiceViolations, messageViolations } from '../messages.js';
import type { QueueSource } from '../queue/queue-contents.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';

/** What one queue gets of a topic. */
export interface FanOutOptions<
  Chosen extends MessageDefinition = MessageDefinition,
> extends SubscriptionOptions<Chosen> {
  /**
   * Whether the queue gets the message as it was published. Otherwise SNS wraps it in its own JSON, which costs about
   * 1 KB a message and is wanted only by workers that need SNS's signature.
   *
   * @default true
   */
  readonly raw?: boolean;

  /**
   * From when on the queue gets archived messages once more, on a FIFO topic with `archiveRetention`. New messages go on
   * arriving meanwhile. Take it away when the replay is done: each new value is another one.
   *
   * @default - no replay
   * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
   */
  readonly replayFrom?: Date;
}

/** The subscribed queue: ours with its contents, or any other. */
export interface FanOutTarget {
  readonly queue: IQueue;
  /** Where the subscription is made: beside the queue, so that both are in the queue's stack. */
  readonly scope: Construct;
  readonly work?: IWorkQueue;
}

/** The two ends of a subscription, and what is between them already. */
export interface FanOutPair {
  readonly topic: SubscribingTopic;
  readonly target: FanOutTarget;
  readonly earlier?: EarlierFanOut | undefined;
}

/** The subscription that a queue has of the topic already. */
export interface EarlierFanOut {
  readonly id: string;
  readonly raw: boolean;
  readonly deadLetterQueue: IQueue;
  readonly options: FanOutOptions;
  /** What the calls for this queue asked for so far. */
  readonly wishes: readonly Wish[];
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
  replayFrom: true,
  removalPolicy: true,
  where: true,
} satisfies Record<keyof FanOutOptions, true>;

/**
 * Tells our queues from aws-cdk-lib's.
 * @throws {INVALID_OPTIONS} it is neither
 */
export function fanOutTarget(given: IQueue | IWorkQueue): FanOutTarget {
  const scope: unknown = given;
  if (Construct.isConstruct(scope)) {
    if (isWorkQueue(given)) return { queue: given.queue, scope, work: given };
    if ('queueArn' in given) return { queue: given, scope };
  }
  throw new MillraceError(
    'INVALID_OPTIONS',
    `fanOutTo takes a WorkQueueWithDLQ or a queue of aws-cdk-lib, got ${show(given)}`,
  );
}

const isWorkQueue = (given: IQueue | IWorkQueue): given is IWorkQueue => '_learn' in given;

/**
 * Decides one subscription.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileFanOut<Chosen extends MessageDefinition>(
  { topic, target, earlier }: FanOutPair,
  options: FanOutOptions<Chosen>,
): CompiledFanOut {
  const where: AnyConditions = options.where ?? {};
  const raw = options.raw ?? earlier?.raw ?? true;
  const source: QueueSource = {
    from: topic.path,
    messages: options.messages ?? topic.messages,
    delivery: raw ? 'raw' : 'sns-envelope',
  };
  const chosen = messageViolations('messages', source.messages);
  refuseAll(`fanOutTo of topic '${topic.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...subscriptionViolations(options),
    ...switchViolations({ ...options }, ['raw']),
    ...queueViolations(topic, target.queue),
    ...replayViolations(topic, options.replayFrom),
    ...regionViolations(
      topic,
      { scope: target.scope, is: 'queue' },
      options.deadLetterQueue ?? earlier?.deadLetterQueue,
    ),
    ...deadLetterViolations(target.queue, options.deadLetterQueue),
    ...chosen,
    ...(chosen.length === 0 ? choiceViolations(topic.messages, options.messages, where) : []),
    ...(chosen.length === 0 ? filterViolations(options.messages, where) : []),
    ...(earlier ? earlierViolations(earlier, options) : countViolations(topic)),
    ...(chosen.length === 0 ? (target.work?._violationsOf(source) ?? []) : []),
  ]);
  const filterPolicy = filterPolicyOf(options.messages, where);
  refuseAll(
    `fanOutTo of topic '${topic.path}' can't be used`,
    earlier ? unionViolations([...earlier.wishes, filterPolicy]) : [],
  );
  return { id: options.id ?? `From${topic.id}`, raw, source, ...(filterPolicy && { filterPolicy }) };
}

/** SNS keeps one subscription per topic and queue: a further call adds messages to it, and can't change how it works. */
function earlierViolations(earlier: EarlierFanOut, options: FanOutOptions): string[] {
  const { removalPolicy, replayFrom } = earlier.options;
  const differs = {
    raw: isOther(options.raw, earlier.raw),
    id: isOther(options.id, earlier.id),
    deadLetterQueue: isOther(options.deadLetterQueue, earlier.deadLetterQueue),
    removalPolicy: isOther(options.removalPolicy, removalPolicy),
    replayFrom: isOther(options.replayFrom?.valueOf(), replayFrom?.valueOf()),
  } satisfies Partial<Record<keyof FanOutOptions, boolean>>;
  return Object.entries(differs)
    .filter(([, isDifferent]) => isDifferent)
    .map(
      ([option]) =>
        `${option} is that of the subscription which the queue has of this topic already ('${earlier.id}'): SNS keeps one per topic and queue, so leave it out here, or say it in the first fanOutTo`,
    );
}

const isOther = (said: unknown, known: unknown): boolean => said !== undefined && said !== known;

function replayViolations(topic: SubscribingTopic, from: unknown): string[] {
  if (from === undefined) return [];
  if (!(from instanceof Date) || Number.isNaN(from.getTime())) {
    return [`replayFrom must be a Date, got ${from instanceof Date ? 'an invalid one' : show(from)}`];
  }
  return topic.isImported || topic.archiveDays !== undefined
    ? []
    : ['replayFrom needs an archive to replay: give the topic fifo: true and archiveRetention'];
}

function queueViolations(topic: SubscribingTopic, queue: IQueue): string[] {
  return [
    ...(queue.fifo && !topic.fifo
      ? [
          `a standard topic can't deliver to a FIFO queue ('${queue.node.path}'): make the topic FIFO (fifo: true), or the queue standard`,
        ]
      : []),
    ...(queue.encryptionType === sqs.QueueEncryption.KMS_MANAGED
      ? [
          `queue '${queue.node.path}' is encrypted with the key AWS manages (alias/aws/sqs), which SNS can't use: use SSE-SQS or a customer managed key`,
        ]
      : []),
  ];
}

function deadLetterViolations(queue: IQueue, deadLetterQueue: IQueue | undefined): string[] {
  if (!Construct.isConstruct(deadLetterQueue)) return [];
  return [
    ...(queue.fifo !== deadLetterQueue.fifo
      ? [
          `deadLetterQueue must be ${queue.fifo ? 'FIFO' : 'standard'} as the subscribed queue is, got ${deadLetterQueue.fifo ? 'FIFO' : 'standard'} ('${deadLetterQueue.node.path}')`,
        ]
      : []),
    ...(deadLetterQueue.encryptionType === sqs.QueueEncryption.KMS_MANAGED
      ? [
          `deadLetterQueue '${deadLetterQueue.node.path}' is encrypted with the key AWS manages, which SNS can't use: use SSE-SQS or a customer managed key`,
        ]
      : []),
  ];
}

import type { FilterPolicy } from '../filter/policy.js';
import { DeduplicationWindow } from '../sqs/deduplication.js';
import type { MessageAttributeMap } from '../structures/message-attributes.js';
import { TopicThroughput } from './topic-throughput.js';

/** Protocols a topic can be subscribed with. */
export type Protocol =
  'sqs' | 'lambda' | 'http' | 'https' | 'firehose' | 'email' | 'email-json' | 'sms' | 'application';

/** A subscription; it changes in place, as its attributes are set and it is confirmed. */
export interface Subscription {
  readonly arn: string;
  readonly topic: Topic;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  state: 'pending' | 'confirmed' | 'deleted';
  /** What `ConfirmSubscription` must bring; undefined for protocols that need no confirmation. */
  readonly token: string | undefined;
  wasAuthenticated: boolean;
  filter: FilterPolicy | undefined;
  isRaw: boolean;
  deadLetterArn: string | undefined;
}

/** A topic; it changes in place. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly isFifo: boolean;
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  /** By ARN, in the order they were made. */
  readonly subscriptions: Map<string, Subscription>;
  readonly deduplication: DeduplicationWindow;
  readonly throughput: TopicThroughput;
  deletedSubscriptions: number;
  lastSequence: number;
}

/** A message as it was published, before it takes the form its subscribers get. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** The text, or the `default` of a `MessageStructure` of `json`. */
  readonly body: string;
  /** Texts for single protocols, from a `MessageStructure` of `json`. */
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: MessageAttributeMap;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  /** Epoch ms. */
  readonly publishedAt: number;
}

/** A topic without subscriptions. */
export const newTopic = (arn: string, attributes: Readonly<Record<string, string>>): Topic => ({
  arn,
  name: arn.slice(arn.lastIndexOf(':') + 1),
  isFifo: arn.endsWith('.fifo'),
  attributes: new Map(Object.entries(attributes)),
  tags: new Map(),
  subscriptions: new Map(),
  deduplication: new DeduplicationWindow(),
  throughput: new TopicThroughput(),
  deletedSubscriptions: 0,
  lastSequence: 0,
});

/** The text a protocol gets. */
export const bodyFor = (message: PublishedMessage, protocol: Protocol): string =>
  message.bodies[protocol] ?? message.body;

import type { FilterPolicy } from '../filter/policy.js';
import { DeduplicationWindow } from '../sqs/deduplication.js';
import type { ReplayPolicy, TopicArchive } from './archive.js';
import type { SnsProtocol } from './published-message.js';
import { TopicThroughput } from './topic-throughput.js';

/** A subscription; it changes in place, as its attributes are set and it is confirmed. */
export interface Subscription {
  readonly arn: string;
  readonly topic: Topic;
  readonly protocol: SnsProtocol;
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  state: 'pending' | 'confirmed' | 'deleted';
  /** Epoch ms of the Subscribe; a token is good for two days. */
  readonly subscribedAt: number;
  /** What `ConfirmSubscription` must bring; undefined for protocols that need no confirmation. */
  readonly token: string | undefined;
  wasAuthenticated: boolean;
  filter: FilterPolicy | undefined;
  isRaw: boolean;
  deadLetterArn: string | undefined;
  replay: ReplayPolicy | undefined;
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
  archive: TopicArchive | undefined;
  deletedSubscriptions: number;
  lastSequence: number;
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
  archive: undefined,
  deletedSubscriptions: 0,
  lastSequence: 0,
});

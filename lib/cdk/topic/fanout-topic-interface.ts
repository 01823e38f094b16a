import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic, ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { TopicBinding } from '../../contract/binding.js';
import type { MessageDefinition } from '../../contract/message.js';
import type { IBoundResource } from '../bound-resource.js';
import type { SubscriptionOptions } from './endpoint-options.js';
import type { FanOutOptions } from './fan-out-options.js';
import type { FanoutSubscription } from './fanout-subscription.js';
import type { TopicPublisher } from './topic-publisher.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';

/** A topic that hands its messages to subscribers, of this app or imported. */
export interface IFanoutTopic<M extends MessageDefinition = MessageDefinition>
  extends IConstruct, IBoundResource {
  /** The topic. */
  readonly topic: ITopic;

  /** What publishers read: where the topic is, what it carries, and how large a message may be. */
  readonly binding: TopicBinding;

  /** The subscriptions this app made so far. */
  readonly subscriptions: readonly FanoutSubscription[];

  /**
   * Delivers messages of this topic to a queue: those named in `messages` whose attributes fit `where`, and all of them
   * when nothing is named. The subscription lives beside the queue, in the queue's stack.
   *
   * SNS keeps one subscription per topic and queue. A further call for a queue widens its filter to what either asks for,
   * and returns the same subscription.
   * @throws {INVALID_OPTIONS} with all violations at once: messages the topic does not carry, a filter beyond SNS's
   * limits, a standard topic to a FIFO queue, a further call for a queue with another `raw`, dead-letter queue or id
   */
  fanOutTo<Chosen extends M>(queue: IWorkQueue | IQueue, options?: FanOutOptions<Chosen>): FanoutSubscription;

  /**
   * Delivers messages of this topic to a function, Firehose, an HTTPS address, e-mail, SMS or a mobile app, which
   * aws-cdk-lib's own subscription classes describe: `LambdaSubscription`, `FirehoseSubscription`, `UrlSubscription`,
   * `EmailSubscription`, `SmsSubscription`. Addresses get nothing until somebody confirms them.
   * @throws {INVALID_OPTIONS} with all violations at once: a FIFO topic, plain http, what `fanOutTo` refuses
   */
  addSubscription<Chosen extends M>(
    subscription: ITopicSubscription,
    options?: SubscriptionOptions<Chosen>,
  ): FanoutSubscription;

  /** Lets a publisher publish, and use the topic's key if it has one. */
  grantPublish(grantee: IGrantable): Grant;

  /**
   * Lets an AWS service publish, by the topic's policy and by its customer managed key's. What of the service needs the
   * policy at its own creation waits for it with `applyBefore`.
   *
   * Services set no message attributes: subscribe without `messages` and `where` to get what they publish.
   * @throws {INVALID_OPTIONS} a service that can't publish to FIFO topics, or the key AWS manages, which no service can use
   * @example
   * events.allowPublishFrom(TopicPublisher.rds()).applyBefore(subscription);
   */
  allowPublishFrom(publisher: TopicPublisher): Grant;
}

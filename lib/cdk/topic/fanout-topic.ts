import { Size, Stack, aws_sns as sns } from 'aws-cdk-lib';
import type { Alarm, CompositeAlarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopicSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TopicBinding } from '../../contract/binding.js';
import type { MessageDefinition } from '../../contract/message.js';
import { alarmPropsOf, ALARM_PERIOD, type AlarmProps } from '../alarms.js';
import { environmentOf, referenceTo } from '../bound-resource.js';
import {
  compileFanoutTopic,
  FANOUT_TOPIC_DEFAULTS,
  type CompiledFanoutTopic,
  type FanoutTopicProps,
} from './fanout-topic-options.js';
import type { SubscriptionOptions } from './endpoint-options.js';
import type { FanOutOptions } from './fan-out-options.js';
import type { FanoutSubscription } from './fanout-subscription.js';
import type { IFanoutTopic } from './fanout-topic-interface.js';
import { ImportedFanoutTopic, type FanoutTopicAttributes } from './imported-topic.js';
import { LargeMessages } from '../mixins/large-payloads.js';
import type { AlarmPrecedence } from '../monitoring/alarm-precedence.js';
import { showOnDashboards } from '../monitoring/own-dashboard.js';
import { topicGraphs } from './topic-graphs.js';
import { DeliveryLogging } from './delivery-logging.js';
import { settledProps } from '../settled-props.js';
import { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';
import { createTopicAlarms } from './topic-alarms.js';
import { allowPublishFrom } from './service-publishing.js';
import { ownerStatement } from './topic-policy.js';
import type { TopicPublisher } from './topic-publisher.js';
import { TopicSubscriptions } from './topic-subscriptions.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';

/**
 * A topic that hands every message to each queue that wants it. Filters come from the messages' declarations, failed
 * deliveries are kept in a dead-letter queue per subscription, publishing takes TLS.
 *
 * A plain `Topic` of the same id can be replaced by this construct: its logical id stays.
 *
 * @example
 * const events = new FanoutTopic(this, 'RepositoryEvents', { messages: [PushReceived, IssueOpened] });
 * events.fanOutTo(builds, { messages: [PushReceived], where: { branch: ['refs/heads/main'] } });
 */
export class FanoutTopic<M extends MessageDefinition = MessageDefinition>
  extends Construct
  implements IFanoutTopic<M>
{
  /**
   * A topic of another app, so that queues of this one can subscribe and publishers know it. What its policy and key need
   * for that is in their app's hands.
   * @throws {INVALID_OPTIONS} with all violations at once
   */
  static fromFanoutTopicAttributes<M extends MessageDefinition>(
    scope: Construct,
    id: string,
    attributes: FanoutTopicAttributes<M>,
  ): IFanoutTopic<M> {
    return new ImportedFanoutTopic(scope, id, attributes);
  }

  /** The topic. */
  readonly topic: Topic;

  /** Where payloads are kept that are too large for a message, if `claimCheck` is on. */
  readonly claimCheckBucket?: Bucket;

  /** SNS's log of deliveries, if `deliveryLogging` is on. */
  readonly deliveryLogging?: DeliveryLogging;

  /** Rings when SNS gave up on a delivery. Undefined when alarms are off. */
  readonly failedDeliveryAlarm?: Alarm;

  /** Rings when a failed delivery did not reach its dead-letter queue either. Undefined when alarms are off. */
  readonly lostDeliveryAlarm?: Alarm;

  /** Rings when no filter could read a message's attributes. Undefined when alarms are off. */
  readonly invalidAttributesAlarm?: Alarm;

  /**
   * What publishers read: where the topic is, what it carries, and how large a message may be. Values of the deployment
   * are tokens until then.
   */
  readonly binding: TopicBinding;

  private readonly precedence: AlarmPrecedence | undefined;
  private readonly settings: CompiledFanoutTopic<M>;
  private readonly claimCheck: ClaimCheckBucket<Bucket> | undefined;
  private readonly alarmProps: AlarmProps;
  private readonly made: TopicSubscriptions;

  constructor(scope: Construct, id: string, props: FanoutTopicProps<M>) {
    super(scope, id);
    const settled = settledProps(this, props);
    this.settings = compileFanoutTopic(this.node.path, settled);
    this.alarmProps = alarmPropsOf(settled);
    this.topic = this.createTopic(settled);
    this.letOwnerManage();
    const logging = this.createDeliveryLogging(settled);
    if (logging) this.deliveryLogging = logging;
    this.claimCheck = this.createClaimCheck(settled, settled.bindingName ?? id);
    if (this.claimCheck) this.claimCheckBucket = this.claimCheck.bucket;
    this.made = new TopicSubscriptions({
      ...this.settings,
      ...(this.claimCheck && { claimCheckBucket: this.claimCheck }),
      construct: this,
      topic: this.topic,
      alarmProps: this.alarmProps,
    });
    this.binding = this.describe(settled.bindingName ?? id);
    const alarms = createTopicAlarms(this, this.topic, this.alarmProps);
    this.precedence = alarms.failed?.precedence;
    if (alarms.failed) this.failedDeliveryAlarm = alarms.failed.alarm;
    if (alarms.lost) this.lostDeliveryAlarm = alarms.lost;
    if (alarms.invalidAttributes) this.invalidAttributesAlarm = alarms.invalidAttributes;
    showOnDashboards(this, { kind: 'Topic', graphs: topicGraphs(this.topic) }, settled);
  }

  /** The subscriptions made so far, in the order of the calls; a queue that was named again has one. */
  get subscriptions(): readonly FanoutSubscription[] {
    return this.made.all;
  }

  /**
   * Rings in place of `failedDeliveryAlarm`, unless an alarm on lost deliveries or on a subscription's dead letters rings for
   * them already. Undefined without an alarm topic or actions.
   */
  get failedDeliveryComposite(): CompositeAlarm | undefined {
    return this.precedence?.composite;
  }

  /** `MILLRACE_TOPIC_…` with the binding as JSON, for a container or a function that publishes. */
  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /**
   * Delivers messages of this topic to a queue: those named in `messages` whose attributes fit `where`, and all of them
   * when nothing is named. The subscription lives beside the queue, in the queue's stack; failed deliveries get a
   * dead-letter queue there.
   *
   * A further call for a queue widens its filter to what either asks for, and returns the same subscription.
   * @throws {INVALID_OPTIONS} with all violations at once: messages the topic does not carry, a filter beyond SNS's
   * limits, a standard topic to a FIFO queue, a further call for a queue with another `raw`, dead-letter queue or id
   */
  fanOutTo<Chosen extends M>(
    queue: IWorkQueue | IQueue,
    options: FanOutOptions<Chosen> = {},
  ): FanoutSubscription {
    return this.watch(this.made.fanOutTo(queue, options));
  }

  /**
   * Delivers messages of this topic to a function, Firehose, an HTTPS address, e-mail, SMS or a mobile app, which
   * aws-cdk-lib's own subscription classes describe.
   * @throws {INVALID_OPTIONS} with all violations at once: a FIFO topic, plain http, what `fanOutTo` refuses
   */
  addSubscription<Chosen extends M>(
    subscription: ITopicSubscription,
    options: SubscriptionOptions<Chosen> = {},
  ): FanoutSubscription {
    return this.watch(this.made.addSubscription(subscription, options));
  }

  /**
   * Lets a publisher publish, use the topic's key if it has one, and leave large payloads in the claim-check bucket.
   */
  grantPublish(grantee: IGrantable): Grant {
    const grant = this.topic.grantPublish(grantee);
    return this.claimCheck ? grant.combine(this.claimCheck.grantStore(grantee)) : grant;
  }

  /**
   * Lets an AWS service publish, by the topic's policy and by its customer managed key's.
   * @throws {INVALID_OPTIONS} a service that can't publish to FIFO topics, or the key AWS manages, which no service can
   * use
   * @example
   * events.allowPublishFrom(TopicPublisher.rds()).applyBefore(subscription);
   */
  allowPublishFrom(publisher: TopicPublisher): Grant {
    const { topic, settings } = this;
    return allowPublishFrom(this, { topic, fifo: settings.fifo, key: topic.masterKey }, publisher);
  }

  /** Deliveries SNS gave up on. Sum over 1 minute. */
  metricNumberOfNotificationsFailed(props?: MetricOptions): Metric {
    return this.topic.metricNumberOfNotificationsFailed({ ...TOTAL, ...props });
  }

  /** Failed deliveries that did not reach their dead-letter queue either. Sum over 1 minute. */
  metricNumberOfNotificationsFailedToRedriveToDlq(props?: MetricOptions): Metric {
    return this.topic.metric('NumberOfNotificationsFailedToRedriveToDlq', { ...TOTAL, ...props });
  }

  /** Messages published. Sum over 1 minute. */
  metricNumberOfMessagesPublished(props?: MetricOptions): Metric {
    return this.topic.metricNumberOfMessagesPublished({ ...TOTAL, ...props });
  }

  private watch(subscription: FanoutSubscription): FanoutSubscription {
    this.precedence?.waitFor(subscription.deadLetterAlarm);
    return subscription;
  }

  private createTopic(props: FanoutTopicProps<M>): Topic {
    const { fifo, highThroughput, contentBasedDeduplication, maxMessageBytes, archiveDays } = this.settings;
    const topic = new sns.Topic(this, 'Default', {
      enforceSSL: true,
      // SHA-256, for what is posted to URLs; FIFO topics post nothing.
      ...(!fifo && { signatureVersion: '2' }),
      ...(fifo && { fifo, contentBasedDeduplication }),
      ...(archiveDays !== undefined && { messageRetentionPeriodInDays: archiveDays }),
      ...(highThroughput && { fifoThroughputScope: sns.FifoThroughputScope.MESSAGE_GROUP }),
      ...(props.displayName !== undefined && { displayName: props.displayName }),
      ...(props.encryptionKey && { masterKey: props.encryptionKey }),
    });
    if (maxMessageBytes !== FANOUT_TOPIC_DEFAULTS.maxMessageSize.toBytes()) {
      topic.with(new LargeMessages(Size.bytes(maxMessageBytes)));
    }
    if (props.removalPolicy) topic.applyRemovalPolicy(props.removalPolicy);
    return topic;
  }

  /** The TLS rule makes a topic policy, and any policy replaces the default one that let the account use its topic. */
  private letOwnerManage(): void {
    this.topic.addToResourcePolicy(ownerStatement(this.topic.topicArn));
  }

  private createDeliveryLogging({
    deliveryLogging = false,
  }: FanoutTopicProps<M>): DeliveryLogging | undefined {
    if (deliveryLogging === false) return undefined;
    const given = typeof deliveryLogging === 'object' ? deliveryLogging : {};
    return new DeliveryLogging(this, 'DeliveryLogging', { ...given, topic: this.topic });
  }

  private createClaimCheck(
    props: FanoutTopicProps<M>,
    bindingName: string,
  ): ClaimCheckBucket<Bucket> | undefined {
    const { claimCheck } = this.settings;
    const owner = { owner: this.topic, ownersKey: props.encryptionKey, bindingName };
    return claimCheck && ClaimCheckBucket.create(this, { ...claimCheck, ...owner });
  }

  private describe(name: string): TopicBinding {
    const { fifo, contentBasedDeduplication, maxMessageBytes, messages } = this.settings;
    return {
      v: 1,
      kind: 'topic',
      name,
      region: Stack.of(this).region,
      arn: this.topic.topicArn,
      fifo,
      contentBasedDeduplication,
      maxMessageBytes,
      messages: messages.map(referenceTo),
      ...(this.claimCheck && { claimCheck: this.claimCheck.binding }),
    };
  }
}

const TOTAL: MetricOptions = { statistic: 'Sum', period: ALARM_PERIOD };

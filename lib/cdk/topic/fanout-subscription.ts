import { Duration, RemovalPolicy, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnSubscription, ITopic, Subscription, TopicSubscriptionConfig } from 'aws-cdk-lib/aws-sns';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, type AlarmProps } from '../alarms.js';
import { refuseAll } from '../../core/errors.js';
import { FilterScope } from '../mixins/delivery-mixins.js';
import { postureViolations } from '../posture/posture.js';
import { settledProps } from '../settled-props.js';
import { plainPolicy, type FilterPolicy } from './filter-size.js';
import { keyStatement, warnOfForeignPolicies } from './foreign-policies.js';

/** Properties of a {@link FanoutSubscription}. */
export interface FanoutSubscriptionProps extends AlarmProps {
  /** The topic that delivers. */
  readonly topic: ITopic;

  /** Where it delivers, as aws-cdk-lib's subscription classes say it. */
  readonly endpoint: TopicSubscriptionConfig;

  /**
   * The queue behind the endpoint.
   *
   * @default - the endpoint is no queue
   */
  readonly queue?: IQueue;

  /**
   * Conditions on message attributes.
   *
   * @default - every message is delivered
   */
  readonly filterPolicy?: FilterPolicy;

  /**
   * Where deliveries go that SNS could not make.
   *
   * @default - a queue of its own
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * From when on archived messages of a FIFO topic are delivered once more.
   *
   * @default - no replay
   */
  readonly replayFrom?: Date;

  /**
   * What happens to its own dead-letter queue when it leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** One subscription to a topic, with the dead-letter queue of deliveries that failed. Made by `FanoutTopic`. */
export class FanoutSubscription extends Construct {
  /** The subscription. */
  readonly subscription: Subscription;

  /** The subscribed queue, if it is one. */
  readonly queue?: IQueue;

  /** Where SNS delivers: an ARN or an address. */
  readonly endpoint: string;

  /** Where deliveries wait that SNS could not make. */
  readonly deadLetterQueue: IQueue;

  /** Rings on the first failed delivery. Undefined when alarms are off, or the dead-letter queue was given. */
  readonly deadLetterAlarm?: Alarm;

  constructor(scope: Construct, id: string, props: FanoutSubscriptionProps) {
    super(scope, id);
    if (props.queue) this.queue = props.queue;
    this.endpoint = props.endpoint.endpoint;
    this.deadLetterQueue = props.deadLetterQueue ?? this.createDeadLetterQueue(props);
    this.subscription = this.subscribe(props);
    this.openKeyOfDeadLetters(props);
    this.warnOfForeigners(props);
    const alarm = props.deadLetterQueue ? undefined : this.createAlarm(props);
    if (alarm) this.deadLetterAlarm = alarm;
  }

  /**
   * Changes what is delivered, when the queue is given more messages.
   * @internal
   */
  _filterBy(policy: FilterPolicy | undefined): void {
    const resource = this.subscription.node.defaultChild as CfnSubscription;
    resource.filterPolicy = policy && plainPolicy(policy);
    resource.filterPolicyScope = policy && 'MessageAttributes';
  }

  private subscribe({ topic, endpoint, filterPolicy, replayFrom }: FanoutSubscriptionProps): Subscription {
    const { subscriberScope, subscriberId, subscriptionDependency, ...options } = endpoint;
    const subscription = new sns.Subscription(this, 'Default', {
      ...options,
      topic,
      deadLetterQueue: this.deadLetterQueue,
      ...(filterPolicy && { filterPolicy }),
    });
    // A delivery before the policy stands would be denied.
    if (subscriptionDependency) subscription.node.addDependency(subscriptionDependency);
    subscription.with(new FilterScope());
    if (replayFrom) {
      // Subscription has no prop for this yet; its default child is always the CfnSubscription.
      (subscription.node.defaultChild as CfnSubscription).replayPolicy = {
        PointType: 'Timestamp',
        StartingPoint: replayFrom.toISOString(),
      };
    }
    return subscription;
  }

  private createDeadLetterQueue(props: FanoutSubscriptionProps): Queue {
    const { queue, removalPolicy } = props;
    const settled = settledProps(this, {
      ...alarmPropsOf(props),
      ...(removalPolicy && { removalPolicy }),
      ...(queue?.encryptionMasterKey && { encryptionKey: queue.encryptionMasterKey }),
    });
    refuseAll(`subscription '${this.node.path}' can't be made`, postureViolations(settled));
    return new sqs.Queue(this, 'DeadLetterQueue', {
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
      removalPolicy: settled.removalPolicy ?? RemovalPolicy.DESTROY,
      ...(settled.encryptionKey
        ? { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: settled.encryptionKey }
        : { encryption: sqs.QueueEncryption.SQS_MANAGED }),
      ...(queue?.fifo === true && { fifo: true }),
    });
  }

  /** The queue's policy alone is not enough: without its key the failed delivery fails once more, unseen. */
  private openKeyOfDeadLetters({ queue, topic }: FanoutSubscriptionProps): void {
    const key = this.deadLetterQueue.encryptionMasterKey;
    if (key !== queue?.encryptionMasterKey)
      key?.addToResourcePolicy(keyStatement(topic, this.deadLetterQueue));
  }

  private warnOfForeigners({ queue, topic }: FanoutSubscriptionProps): void {
    if (queue) warnOfForeignPolicies(this, { topic, queue, role: 'queue' });
    warnOfForeignPolicies(this, { topic, queue: this.deadLetterQueue, role: 'deadLetterQueue' });
  }

  private createAlarm(props: FanoutSubscriptionProps): Alarm | undefined {
    return createAlarm(this, 'DeadLetterAlarm', {
      ...alarmPropsOf(props),
      name: 'undelivered',
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: ALARM_PERIOD,
      }),
      threshold: 1,
      description: `SNS could not deliver messages by ${props.endpoint.protocol} (${this.node.path}): mend the policy, the key or the address, then send what waits in the subscription's dead-letter queue again.`,
    });
  }
}

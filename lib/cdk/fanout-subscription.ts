import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Subscription, type CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, type AlarmProps } from './alarms.js';
import type { FilterPolicy } from './filter-policy.js';

/** Properties of a {@link FanoutSubscription}. */
export interface FanoutSubscriptionProps extends AlarmProps {
  /** The topic that delivers. */
  readonly topic: ITopic;

  /** The queue it delivers to. */
  readonly queue: IQueue;

  /** Whether the queue gets the message as it was published. */
  readonly raw: boolean;

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
   * What happens to its own dead-letter queue when it leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** One queue's subscription to a topic, with the dead-letter queue of deliveries that failed. Made by `fanOutTo`. */
export class FanoutSubscription extends Construct {
  /** The subscription. */
  readonly subscription: Subscription;

  /** The subscribed queue. */
  readonly queue: IQueue;

  /** Where deliveries wait that SNS could not make. */
  readonly deadLetterQueue: IQueue;

  /** Rings on the first failed delivery. Undefined when alarms are off, or the dead-letter queue was given. */
  readonly deadLetterAlarm?: Alarm;

  constructor(scope: Construct, id: string, props: FanoutSubscriptionProps) {
    super(scope, id);
    this.queue = props.queue;
    this.deadLetterQueue = props.deadLetterQueue ?? this.createDeadLetterQueue(props);
    this.subscription = this.subscribe(props);
    if (this.deadLetterQueue.encryptionMasterKey !== props.queue.encryptionMasterKey) {
      letSnsUseKeyOf(this.deadLetterQueue, props.topic);
    }
    const alarm = props.deadLetterQueue ? undefined : this.createAlarm(props);
    if (alarm) this.deadLetterAlarm = alarm;
  }

  private subscribe(props: FanoutSubscriptionProps): Subscription {
    // bind() writes the queue's policy and its key's, pinned to this topic.
    const { subscriptionDependency, endpoint, protocol, region } = new SqsSubscription(props.queue).bind(
      props.topic,
    );
    const subscription = new Subscription(this, 'Default', {
      topic: props.topic,
      endpoint,
      protocol,
      rawMessageDelivery: props.raw,
      deadLetterQueue: this.deadLetterQueue,
      ...(region !== undefined && { region }),
      ...(props.filterPolicy && { filterPolicy: props.filterPolicy }),
    });
    // A delivery before the policy stands would be denied.
    if (subscriptionDependency) subscription.node.addDependency(subscriptionDependency);
    if (props.filterPolicy) {
      // Said always: a subscription that once had it and then leaves it out fails to update (aws-cdk#24804).
      (subscription.node.defaultChild as CfnSubscription).filterPolicyScope = 'MessageAttributes';
    }
    return subscription;
  }

  private createDeadLetterQueue({ queue, removalPolicy }: FanoutSubscriptionProps): Queue {
    return new Queue(this, 'DeadLetterQueue', {
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
      removalPolicy: removalPolicy ?? RemovalPolicy.DESTROY,
      ...(queue.encryptionMasterKey
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: queue.encryptionMasterKey }
        : { encryption: QueueEncryption.SQS_MANAGED }),
      ...(queue.fifo && { fifo: true }),
    });
  }

  private createAlarm(props: FanoutSubscriptionProps): Alarm | undefined {
    return createAlarm(this, 'DeadLetterAlarm', {
      ...alarmPropsOf(props),
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: ALARM_PERIOD,
      }),
      threshold: 1,
      description: `SNS could not deliver messages to ${this.queue.node.path.replace(/\/Default$/, '')}: mend the queue's policy or key, then send what waits in the subscription's dead-letter queue again.`,
    });
  }
}

/** The queue's policy alone is not enough: without its key the failed delivery fails once more, unseen. */
function letSnsUseKeyOf(deadLetterQueue: IQueue, topic: ITopic): void {
  deadLetterQueue.encryptionMasterKey?.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      // By account: the topic's ARN here would be a cycle wherever topic and queue share the key (aws-cdk#35418).
      conditions: { StringEquals: { 'aws:SourceAccount': topic.env.account } },
    }),
  );
}

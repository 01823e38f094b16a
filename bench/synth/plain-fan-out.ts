import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  CfnCompositeAlarm,
  ComparisonOperator,
  Stats,
  TreatMissingData,
  type IAlarmRule,
  type IMetric,
  type MetricOptions,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { SubscriptionFilter, Topic, type CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

const MIB = 1_048_576;
const MINUTE = Duration.minutes(1);

/**
 * `examples/fan-out` as one would write it without the constructs: the same resources with the same properties, from
 * aws-cdk-lib alone. Bindings are left out, and so are the words of the alarms; a test holds it to the example in all else.
 */
export class PlainFanOutStack extends Stack {
  private readonly alarmTopic: Topic;
  private readonly orders: Topic;
  private readonly ledger: Table;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true });
    this.alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.alarmTopic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    this.orders = this.createOrders();
    this.ledger = new Table(this, 'Ledger', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const undelivered = [
      this.addConsumer('billing'),
      this.addConsumer('shipping', {
        'millrace-type': SubscriptionFilter.stringFilter({ allowlist: ['order.placed'] }),
        kind: SubscriptionFilter.stringFilter({ allowlist: ['goods'] }),
      }),
      this.addConsumer('fraud', {
        'millrace-type': SubscriptionFilter.stringFilter({ allowlist: ['order.placed'] }),
        cents: SubscriptionFilter.numericFilter({ greaterThanOrEqualTo: 100_000 }),
      }),
    ];
    this.watchOrders(undelivered);
  }

  private createOrders(): Topic {
    const topic = new Topic(this, 'Orders', { enforceSSL: true, signatureVersion: '2' });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountRootPrincipal()],
        actions: [
          'sns:AddPermission',
          'sns:DeleteTopic',
          'sns:GetTopicAttributes',
          'sns:ListSubscriptionsByTopic',
          'sns:Publish',
          'sns:RemovePermission',
          'sns:SetTopicAttributes',
          'sns:Subscribe',
        ],
        resources: [topic.topicArn],
      }),
    );
    return topic;
  }

  /** A queue with its dead letters, its subscription, its alarms and its function; returns the alarm on what was not delivered. */
  private addConsumer(name: string, filterPolicy?: Record<string, SubscriptionFilter>): Alarm {
    const deadLetters = this.createDeadLetterQueue(`${name}-dead-letters`, MIB);
    const queue = new Queue(this, name, {
      deliveryDelay: Duration.seconds(0),
      maxMessageSizeBytes: MIB,
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      visibilityTimeout: Duration.minutes(3),
      redriveAllowPolicy: { redrivePermission: RedrivePermission.DENY_ALL },
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const inbox = new Table(this, `${name}-inbox`, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.watchQueue(name, queue, deadLetters);
    const undelivered = this.subscribe(name, queue, filterPolicy);
    this.addWorker(name, { queue, deadLetters, inbox });
    return undelivered;
  }

  private createDeadLetterQueue(id: string, maxMessageSizeBytes?: number): Queue {
    return new Queue(this, id, {
      ...(maxMessageSizeBytes !== undefined && { maxMessageSizeBytes }),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private subscribe(name: string, queue: Queue, filterPolicy?: Record<string, SubscriptionFilter>): Alarm {
    const deadLetterQueue = this.createDeadLetterQueue(`${name}-undelivered`);
    const subscription = this.orders.addSubscription(
      new SqsSubscription(queue, {
        rawMessageDelivery: true,
        deadLetterQueue,
        ...(filterPolicy && { filterPolicy }),
      }),
    );
    if (filterPolicy)
      (subscription.node.defaultChild as CfnSubscription).filterPolicyScope = 'MessageAttributes';
    return this.createAlarm(`${name}-undelivered-alarm`, visible(deadLetterQueue), { threshold: 1 });
  }

  private addWorker(
    name: string,
    {
      queue,
      deadLetters,
      inbox,
    }: Readonly<Record<'queue' | 'deadLetters', Queue>> & { readonly inbox: Table },
  ): void {
    const worker = new NodejsFunction(this, `${name}-worker`, {
      entry: `examples/fan-out/${name}.ts`,
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(30),
      environment: { LEDGER_TABLE: this.ledger.tableName, QUEUE_URL: queue.queueUrl, INBOX: inbox.tableName },
    });
    this.ledger.grantWriteData(worker);
    queue.grantConsumeMessages(worker);
    deadLetters.grantSendMessages(worker);
    inbox.grant(worker, ...INBOX_ACTIONS);
    worker.addEventSource(
      new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }),
    );
  }

  private watchQueue(name: string, queue: Queue, deadLetters: Queue): void {
    const inFlight = queue.metricApproximateNumberOfMessagesNotVisible(PEAK);
    this.createAlarm(`${name}-dead-letters-alarm`, visible(deadLetters), { threshold: 1 });
    this.createAlarm(`${name}-expiry-alarm`, age(deadLetters), { threshold: 648_000 });
    this.createAlarm(`${name}-backlog-alarm`, age(queue), { threshold: 900, evaluationPeriods: 5 });
    this.createAlarm(`${name}-in-flight-alarm`, inFlight, { threshold: 96_000, evaluationPeriods: 5 });
  }

  /** The alarm on failed deliveries waits while a more specific one rings. */
  private watchOrders(undelivered: readonly Alarm[]): void {
    const { orders } = this;
    const total = { statistic: Stats.SUM, period: MINUTE };
    const lost = orders.metric('NumberOfNotificationsFailedToRedriveToDlq', total);
    const invalid = orders.metric('NumberOfNotificationsFilteredOut-InvalidAttributes', total);
    const specific = [this.createAlarm('lost-alarm', lost, { threshold: 1 }), ...undelivered];
    this.createAlarm('invalid-alarm', invalid, { threshold: 1 });
    const failed = alarmOf(this, 'failed-alarm', {
      metric: orders.metricNumberOfNotificationsFailed(total),
      threshold: 1,
    });
    const suppressor = new CfnCompositeAlarm(this, 'failed-suppressor', {
      alarmRule: AlarmRule.anyOf(...specific.map(inAlarm)).renderAlarmRule(),
    });
    new CfnCompositeAlarm(this, 'failed-composite', {
      alarmRule: inAlarm(failed).renderAlarmRule(),
      alarmActions: [this.alarmTopic.topicArn],
      actionsSuppressor: suppressor.attrArn,
      actionsSuppressorWaitPeriod: 300,
      actionsSuppressorExtensionPeriod: 300,
    });
  }

  private createAlarm(id: string, metric: IMetric, rule: Omit<AlarmRuleProps, 'metric'>): Alarm {
    const alarm = alarmOf(this, id, { metric, ...rule });
    alarm.addAlarmAction(new SnsAction(this.alarmTopic));
    return alarm;
  }
}

interface AlarmRuleProps {
  readonly metric: IMetric;
  readonly threshold: number;
  readonly evaluationPeriods?: number;
}

function alarmOf(scope: Construct, id: string, rule: AlarmRuleProps): Alarm {
  return new Alarm(scope, id, {
    evaluationPeriods: 1,
    ...rule,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `See the runbook: ${id}`,
  });
}

const PEAK: MetricOptions = { statistic: Stats.MAXIMUM, period: MINUTE };
const visible = (queue: Queue): IMetric => queue.metricApproximateNumberOfMessagesVisible(PEAK);
const age = (queue: Queue): IMetric => queue.metricApproximateAgeOfOldestMessage(PEAK);
const inAlarm = (alarm: Alarm): IAlarmRule => AlarmRule.fromAlarm(alarm, AlarmState.ALARM);

const INBOX_ACTIONS = [
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
];

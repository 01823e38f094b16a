import { Duration, RemovalPolicy, Stack, type App, type Environment } from 'aws-cdk-lib';
import { Alarm, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, type QueueProps } from 'aws-cdk-lib/aws-sqs';

/** What a shop leaves out or does otherwise. */
export interface ShopFaults {
  readonly without?:
    | 'publisher policy'
    | 'publisher key'
    | 'subscription policy'
    | 'subscription key'
    | 'undelivered policy'
    | 'dead-letter alarm'
    | 'alarm action'
    | 'pager policy'
    | 'pager key';
  readonly work?: QueueProps;
  readonly dead?: QueueProps;
  readonly maxReceiveCount?: number;
  readonly functionTimeout?: Duration;
  readonly reportsBatchItemFailures?: boolean;
}

/** Where its stacks are deployed; nowhere said when left out. */
export interface ShopPlaces {
  readonly ingest?: Environment;
  readonly orders?: Environment;
  readonly watch?: Environment;
}

const from = (service: string, actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    principals: [new ServicePrincipal(service)],
    conditions: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
  });

const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/**
 * The whole way of a message through plain constructs of aws-cdk-lib, in four stacks: bucket, topic, subscription, queue,
 * function, dead letters, alarm, pager, and a key for each that holds messages.
 */
export function buildShop(app: App, { without, ...faults }: ShopFaults = {}, places: ShopPlaces = {}): void {
  const stack = (id: string, env: Environment | undefined): Stack => new Stack(app, id, env && { env });
  const [ingest, orders] = [stack('Ingest', places.ingest), stack('Orders', places.orders)];
  const [workers, watch] = [stack('Workers', places.orders), stack('Watch', places.watch)];

  const topicKey = new Key(ingest, 'TopicKey', { removalPolicy: RemovalPolicy.RETAIN });
  const topic = new Topic(ingest, 'Uploads', { masterKey: topicKey, enforceSSL: true });
  if (without !== 'publisher key') topicKey.addToResourcePolicy(from('s3.amazonaws.com', KEY_ACTIONS, ['*']));
  const publish = from('s3.amazonaws.com', ['sns:Publish'], [topic.topicArn]);
  // With another Allow, so that the policy does not only deny.
  if (without === 'publisher policy')
    topic.addToResourcePolicy(from('ses.amazonaws.com', ['sns:Publish'], ['*']));
  else topic.addToResourcePolicy(publish);
  new CfnBucket(ingest, 'Bucket', {
    notificationConfiguration: {
      topicConfigurations: [{ event: 's3:ObjectCreated:*', topic: topic.topicArn }],
    },
  });

  const encryptionMasterKey = new Key(orders, 'QueueKey');
  const shared: QueueProps = { encryptionMasterKey, enforceSSL: true };
  const dead = new Queue(orders, 'Dead', { ...shared, retentionPeriod: Duration.days(14), ...faults.dead });
  const undelivered = new Queue(orders, 'Undelivered', { ...shared, retentionPeriod: Duration.days(14) });
  const work = new Queue(orders, 'Work', {
    ...shared,
    visibilityTimeout: Duration.minutes(1),
    deadLetterQueue: { queue: dead, maxReceiveCount: faults.maxReceiveCount ?? 5 },
    ...faults.work,
  });
  const subscription = new CfnSubscription(orders, 'Subscription', {
    protocol: 'sqs',
    endpoint: work.queueArn,
    topicArn: topic.topicArn,
    redrivePolicy: { deadLetterTargetArn: undelivered.queueArn },
  });
  if (without !== 'subscription key')
    encryptionMasterKey.addToResourcePolicy(from('sns.amazonaws.com', KEY_ACTIONS, ['*']));
  const send = from('sns.amazonaws.com', ['sqs:SendMessage'], ['*']);
  if (without !== 'undelivered policy') undelivered.addToResourcePolicy(send);
  if (without !== 'subscription policy') {
    const { policyDependable } = work.addToResourcePolicy(send);
    if (policyDependable) subscription.node.addDependency(policyDependable);
  }

  const worker = new LambdaFunction(workers, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: faults.functionTimeout ?? Duration.seconds(10),
  });
  const reportBatchItemFailures = faults.reportsBatchItemFailures ?? true;
  worker.addEventSource(new SqsEventSource(work, { reportBatchItemFailures, maxConcurrency: 10 }));

  const pagerKey = new Key(watch, 'PagerKey');
  const pager = new Topic(watch, 'Pager', { masterKey: pagerKey, enforceSSL: true });
  if (without !== 'pager key')
    pagerKey.addToResourcePolicy(from('cloudwatch.amazonaws.com', KEY_ACTIONS, ['*']));
  const ring = without === 'pager policy' ? 'ses.amazonaws.com' : 'cloudwatch.amazonaws.com';
  pager.addToResourcePolicy(from(ring, ['sns:Publish'], [pager.topicArn]));
  const alarm = (id: string, metric: Metric, threshold: number): Alarm => {
    const made = new Alarm(orders, id, { metric, threshold, evaluationPeriods: 1 });
    if (without !== 'alarm action' || id !== 'DeadAlarm') made.addAlarmAction(new SnsAction(pager));
    return made;
  };
  const statistic = { statistic: 'Maximum' };
  alarm('BacklogAlarm', work.metricApproximateAgeOfOldestMessage(statistic), 900);
  alarm('UndeliveredAlarm', undelivered.metricApproximateNumberOfMessagesVisible(statistic), 1);
  if (without !== 'dead-letter alarm')
    alarm('DeadAlarm', dead.metricApproximateNumberOfMessagesVisible(statistic), 1);
}

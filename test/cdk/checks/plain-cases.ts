import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, CfnResource, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnStreamConsumer, Stream, type CfnStream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { KinesisEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSubscription, CfnTopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  CfnQueue,
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
import { defineMessage } from '../../../lib/contract/index.js';
import { ShardedStream, WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { createFargateStage } from '../fargate-stage.js';
import { FlightLanded, IssueOpened } from '../declarations.js';
import { alarmOn, createPair, createWorker, type CasesOfRule } from './cases-of-rule.js';

/** A subscription by hand: aws-cdk-lib's own would write the policies. */
function subscribeByHand(stack: Stack, queue: Queue, dead?: Queue): CfnSubscription {
  return new CfnSubscription(stack, 'Subscription', {
    protocol: 'sqs',
    endpoint: queue.queueArn,
    topicArn: new Topic(stack, 'Topic').topicArn,
    ...(dead && { redrivePolicy: { deadLetterTargetArn: dead.queueArn } }),
  });
}

function letSnsSend(queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      principals: [new ServicePrincipal('sns.amazonaws.com')],
    }),
  );
}

/** A task by hand, with a queue's binding as far as the checks look at it. */
function createTask(
  stack: Stack,
  { stopTimeout, queueUrl }: { readonly stopTimeout?: Duration; readonly queueUrl: string },
): FargateTaskDefinition {
  const task = new FargateTaskDefinition(stack, 'Task');
  task.addContainer('Worker', {
    image: ContainerImage.fromRegistry('example/worker'),
    environment: { MILLRACE_QUEUE_WORK: stack.toJsonString({ url: queueUrl }) },
    ...(stopTimeout && { stopTimeout }),
  });
  return task;
}

/** A stream of the service's own retention, 24 hours, and an alarm on how far its readers are behind. */
function lagAlarmAt(stack: Stack, milliseconds: number): Stream {
  const stream = new Stream(stack, 'Stream', { retentionPeriod: Duration.hours(24) });
  alarmOn(stack, stream.metricGetRecordsIteratorAgeMilliseconds(), milliseconds);
  return stream;
}

const HOUR_MS = 3_600_000;

/** The plain breach of most rules: what a team writes by hand and forgets. */
export const PLAIN_CASES: readonly CasesOfRule[] = [
  {
    rule: 'queue-dead-letters',
    broken: [
      {
        when: 'a queue stands alone',
        build: (stack) => new Queue(stack, 'Work'),
        says: 'has no dead-letter queue',
      },
    ],
    fine: [
      {
        when: 'the redrive policy is JSON text',
        build: (stack) => {
          const RedrivePolicy = JSON.stringify({
            deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111111111111:elsewhere',
          });
          new CfnResource(stack, 'Work', { type: 'AWS::SQS::Queue', properties: { RedrivePolicy } });
        },
      },
    ],
  },
  {
    rule: 'dead-letter-type',
    broken: [
      {
        when: 'the types differ',
        build: (stack) => {
          const { queue } = createPair(stack);
          (queue.node.defaultChild as CfnQueue).fifoQueue = true;
        },
        says: 'is FIFO, its dead-letter queue Dead is standard: the deployment fails',
      },
    ],
    fine: [],
  },
  {
    rule: 'dead-letter-retention',
    broken: [
      {
        when: 'both keep messages equally long (trap 23)',
        build: (stack) => {
          const queue = new Queue(stack, 'Dead');
          new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
        },
        says: 'keeps messages 345600 s, and Work 345600 s',
      },
    ],
    fine: [
      {
        when: 'only the deployment knows it',
        build: (stack) => {
          const dead = new CfnQueue(stack, 'Dead', {
            messageRetentionPeriod: Fn.ref('AWS::NoValue') as unknown as number,
          });
          new CfnQueue(stack, 'Work', {
            messageRetentionPeriod: Fn.ref('AWS::NoValue') as unknown as number,
            redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: 5 },
          });
        },
      },
    ],
  },
  {
    rule: 'dead-letter-size',
    broken: [
      {
        when: 'the dead-letter queue takes less',
        build: (stack) => {
          const queue = new Queue(stack, 'Dead', { maxMessageSizeBytes: 1_024 });
          new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
        },
        says: 'takes 1024 bytes, and Work 1048576 bytes',
      },
    ],
    fine: [],
  },
  {
    rule: 'retry-time',
    broken: [
      {
        when: 'receives take longer than the retention',
        build: (stack) => {
          const { queue } = createPair(stack, 100);
          (queue.node.defaultChild as CfnQueue).visibilityTimeout = 7_200;
        },
        says: '100 receives of 7200 s take 720000 s',
      },
    ],
    fine: [],
  },
  {
    rule: 'queue-tls',
    broken: [
      {
        when: 'no rule denies plain text',
        build: (stack) => new Queue(stack, 'Work'),
        says: 'without TLS',
      },
    ],
    fine: [],
  },
  {
    rule: 'topic-tls',
    broken: [
      {
        when: 'no rule denies plain text',
        build: (stack) => new Topic(stack, 'Topic'),
        says: 'without TLS',
      },
    ],
    fine: [],
  },
  {
    rule: 'topic-owner',
    broken: [
      {
        when: 'enforceSSL is all there is',
        build: (stack) => new Topic(stack, 'Topic', { enforceSSL: true }),
        says: 'has a policy that only denies',
      },
    ],
    fine: [],
  },
  {
    rule: 'public-policy',
    broken: [
      {
        when: 'everybody may send',
        build: (stack) => {
          const queue = new Queue(stack, 'Work');
          queue.addToResourcePolicy(
            new PolicyStatement({
              actions: ['sqs:SendMessage'],
              resources: ['*'],
              principals: [new AnyPrincipal()],
            }),
          );
        },
        says: 'allows sqs:SendMessage on Work to everybody in the world',
      },
    ],
    fine: [],
  },
  {
    rule: 'confused-deputy',
    broken: [
      {
        when: 'a service may send for anybody',
        build: (stack) => letSnsSend(new Queue(stack, 'Work')),
        says: "lets sns.amazonaws.com into Work on anybody's behalf",
      },
    ],
    fine: [],
  },
  {
    rule: 'subscription-policy',
    broken: [
      {
        when: 'a queue was subscribed by hand',
        build: (stack) => subscribeByHand(stack, new Queue(stack, 'Work')),
        says: 'is subscribed to Topic, but no policy lets SNS send to it',
      },
      {
        when: 'another topic is let in',
        build: (stack) => {
          const queue = new Queue(stack, 'Work');
          new SqsSubscription(queue).bind(new Topic(stack, 'Other'));
          subscribeByHand(stack, queue);
        },
        says: 'is subscribed to Topic, but no policy lets SNS send to it',
      },
    ],
    fine: [
      {
        when: 'a pattern of topics opens the queue',
        build: (stack) => {
          const queue = new Queue(stack, 'Work', { removalPolicy: RemovalPolicy.RETAIN });
          queue.addToResourcePolicy(
            new PolicyStatement({
              actions: ['SQS:Send*'],
              resources: [queue.queueArn],
              principals: [new ServicePrincipal('sns.eu-south-2.amazonaws.com')],
              conditions: { ArnLike: { 'AWS:SourceArn': 'arn:aws:sns:*:111111111111:*' } },
            }),
          );
          subscribeByHand(stack, queue);
        },
      },
    ],
  },
  {
    rule: 'subscription-types',
    broken: [
      {
        when: 'a standard topic feeds a FIFO queue',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(
            new SqsSubscription(new Queue(stack, 'Work', { fifo: true })),
          );
        },
        says: 'subscribes a FIFO queue to standard topic Topic',
      },
      {
        when: 'a FIFO topic feeds e-mail',
        build: (stack) => {
          new Topic(stack, 'Topic', { fifo: true }).addSubscription(new EmailSubscription('ops@example.com'));
        },
        says: 'subscribes email to FIFO topic Topic',
      },
    ],
    fine: [],
  },
  {
    rule: 'subscription-dead-letters',
    broken: [
      {
        when: 'there is no redrive policy (trap 33)',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new SqsSubscription(new Queue(stack, 'Work')));
        },
        says: 'what SNS can not deliver by sqs is dropped',
      },
    ],
    fine: [],
  },
  {
    rule: 'subscription-dead-letter-policy',
    broken: [
      {
        when: 'SNS may not send there',
        build: (stack) => subscribeByHand(stack, new Queue(stack, 'Work'), new Queue(stack, 'Dead')),
        says: 'keeps the failed deliveries of Subscription, but no policy lets SNS send to it',
      },
    ],
    fine: [],
  },
  {
    rule: 'subscription-keys',
    broken: [
      {
        when: 'the key is the one AWS manages',
        build: (stack) => {
          const queue = new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED });
          subscribeByHand(stack, queue);
        },
        says: 'is encrypted with alias/aws/sqs, the key AWS manages',
      },
      {
        when: 'the key of the dead-letter queue does not know SNS',
        build: (stack) => {
          const deadLetterQueue = new Queue(stack, 'Dead', {
            encryptionMasterKey: new Key(stack, 'DeadKey'),
            encryption: QueueEncryption.KMS,
          });
          new Topic(stack, 'Topic').addSubscription(
            new SqsSubscription(new Queue(stack, 'Work'), { deadLetterQueue }),
          );
        },
        says: 'is encrypted with DeadKey, whose policy does not let sns.amazonaws.com use it',
      },
    ],
    fine: [],
  },
  {
    rule: 'filter-limits',
    broken: [
      {
        when: 'a filter on the body is too deep (trap 32)',
        build: (stack) => {
          const values = Array.from({ length: 26 }, (_, index) => `v${index}`);
          subscribeByHand(stack, new Queue(stack, 'Work')).filterPolicy = {
            a: { b: values, c: ['x'] },
            d: ['x'],
            e: ['x'],
            f: ['x'],
            g: ['x'],
          };
        },
        says: 'has a filter policy of 6 keys, SNS takes 5',
      },
    ],
    fine: [],
  },
  {
    rule: 'filter-scope',
    broken: [
      {
        when: 'only the filter is there',
        build: (stack) => {
          const filterPolicy = { kind: SubscriptionFilter.stringFilter({ allowlist: ['a'] }) };
          new Topic(stack, 'Topic').addSubscription(
            new SqsSubscription(new Queue(stack, 'Work'), { filterPolicy }),
          );
        },
        says: 'has a filter policy without its scope',
      },
    ],
    fine: [],
  },
  {
    rule: 'fifo-throughput',
    broken: [
      {
        when: 'half the pair is set',
        build: (stack) =>
          new Queue(stack, 'Work', {
            fifo: true,
            fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          }),
        says: 'SQS refuses the pair',
      },
    ],
    fine: [
      {
        when: 'both halves of the pair are set',
        build: (stack) => {
          new Queue(stack, 'Work', {
            fifo: true,
            fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
          });
        },
      },
    ],
  },
  {
    rule: 'lambda-visibility',
    broken: [
      {
        when: 'the function may outlive it (trap 21)',
        build: (stack) => {
          createWorker(stack, { timeout: Duration.seconds(60) }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
        says: 'hides messages 30 s, but its function Worker may run 60 s',
      },
    ],
    fine: [],
  },
  {
    rule: 'lambda-retries',
    broken: [
      {
        when: 'it is below six times the timeout',
        build: (stack) => {
          createWorker(stack, { timeout: Duration.seconds(10) }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
        says: 'hides messages 30 s; AWS advises 60 s',
      },
    ],
    fine: [],
  },
  {
    rule: 'lambda-receives',
    broken: [
      {
        when: 'it is below five (trap 20)',
        build: (stack) => {
          createWorker(stack, { timeout: Duration.seconds(5) }).addEventSource(
            new SqsEventSource(createPair(stack, 3).queue),
          );
        },
        says: 'gives up after 3 receives, AWS advises 5',
      },
    ],
    fine: [],
  },
  {
    rule: 'lambda-partial-batches',
    broken: [
      {
        when: 'it fails whole batches',
        build: (stack) => {
          createWorker(stack, { timeout: Duration.seconds(5) }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
        says: 'fails whole batches',
      },
    ],
    fine: [
      {
        when: 'a batch is one message',
        build: (stack) => {
          const { queue } = createPair(stack);
          new CfnEventSourceMapping(stack, 'Mapping', {
            functionName: 'elsewhere',
            eventSourceArn: queue.queueArn,
            batchSize: 1,
          });
        },
      },
    ],
  },
  {
    rule: 'lambda-environment',
    broken: [
      {
        when: 'a queue carries more types than fit',
        build: (stack) => {
          const accepts = Array.from({ length: 200 }, (_, index) =>
            defineMessage(`order-of-some-kind-${index}`, { schema: IssueOpened.schema, id: () => '1' }),
          );
          const queue = new WorkQueueWithDLQ(stack, 'Work', { accepts });
          queue.processWithLambda(createWorker(stack));
        },
        says: 'bytes of environment variables before the deployment fills in its names, Lambda takes 4096',
      },
    ],
    fine: [],
  },
  {
    rule: 'stream-retries',
    broken: [
      {
        when: 'a mapping retries for ever and drops',
        build: (stack) => {
          const startingPosition = StartingPosition.TRIM_HORIZON;
          createWorker(stack).addEventSource(
            new KinesisEventSource(new Stream(stack, 'Stream'), { startingPosition }),
          );
        },
        says: 'retries a failing batch until its records expire',
      },
    ],
    fine: [],
  },
  {
    rule: 'stream-retention',
    broken: [
      {
        when: 'nothing is said',
        build: (stack) => new Stream(stack, 'Stream'),
        says: 'keeps records 24 h',
      },
    ],
    fine: [],
  },
  {
    rule: 'stream-encryption',
    broken: [
      {
        when: 'it is off',
        build: (stack) => new Stream(stack, 'Stream', { encryption: StreamEncryption.UNENCRYPTED }),
        says: 'keeps records unencrypted',
      },
    ],
    fine: [],
  },
  {
    rule: 'stream-lag-alarm',
    broken: [
      {
        when: 'there is none',
        build: (stack) => new Stream(stack, 'Stream'),
        says: 'has no alarm on how far',
      },
      {
        when: 'it rings when records are gone',
        build: (stack) => {
          const stream = new Stream(stack, 'Stream');
          alarmOn(stack, stream.metricGetRecordsIteratorAgeMilliseconds(), 90_000_000);
        },
        says: 'has a lag alarm that rings at 90000000 ms, when records of 86400000 ms are gone already',
      },
      {
        when: 'there is one for scaling only',
        build: (stack) => {
          const { given } = createFargateStage(stack);
          const flights = new ShardedStream(stack, 'Stream', { record: FlightLanded, alarms: false });
          flights.addReader('delays').processWithFargate(given);
        },
        says: 'has no alarm on how far',
      },
      {
        when: 'it leaves less than half of the retention',
        build: (stack) => lagAlarmAt(stack, 13 * HOUR_MS),
        says: "has a lag alarm that rings at 46800000 ms, when 39600000 ms of the retention's 86400000 are left to mend the reader",
        fix: 'at half the retention at most (43200000 ms): as much time is left',
      },
    ],
    fine: [
      { when: 'it rings at half of the retention', build: (stack) => lagAlarmAt(stack, 12 * HOUR_MS) },
      {
        when: 'an earlier one is beside it',
        build: (stack) => {
          const stream = lagAlarmAt(stack, 13 * HOUR_MS);
          const metric = stream.metricGetRecordsIteratorAgeMilliseconds();
          new Alarm(stack, 'Early', { metric, threshold: HOUR_MS, evaluationPeriods: 1 });
        },
      },
      {
        when: 'only the deployment knows the retention',
        build: (stack) => {
          const hours = new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber;
          const resource = lagAlarmAt(stack, 13 * HOUR_MS).node.defaultChild as CfnStream;
          resource.retentionPeriodHours = hours;
        },
      },
    ],
  },
  {
    rule: 'consumer-lag-alarm',
    broken: [
      {
        when: 'there is none',
        build: (stack) => {
          const { streamArn } = new Stream(stack, 'Stream');
          new CfnStreamConsumer(stack, 'Consumer', { consumerName: 'c', streamArn });
        },
        says: 'the metric of the stream does not see it',
      },
    ],
    fine: [],
  },
  {
    rule: 'archive-freshness',
    broken: [
      {
        when: 'there is no alarm',
        build: (stack) => {
          const flights = new ShardedStream(stack, 'Stream', { record: FlightLanded, alarms: false });
          flights.archiveTo(Bucket.fromBucketName(stack, 'Bucket', 'flights'));
        },
        says: 'copies a stream into a bucket, and nobody hears when it stops',
      },
    ],
    fine: [],
  },
  {
    rule: 'worker-stop',
    broken: [
      {
        when: 'a container is killed in its drain',
        build: (stack) => {
          const { queue } = createPair(stack);
          createTask(stack, { stopTimeout: Duration.seconds(20), queueUrl: queue.queueUrl });
        },
        says: 'is killed 20 s after it was told to stop, and a queue worker drains 28 s by default',
      },
    ],
    fine: [],
  },
  {
    rule: 'worker-rights',
    broken: [
      {
        when: 'a task has a binding and no rights',
        build: (stack) => {
          const { queue, dead } = createPair(stack);
          const task = createTask(stack, { queueUrl: queue.queueUrl });
          dead.grantConsumeMessages(task.taskRole);
          queue.grantSendMessages(task.taskRole);
        },
        says: 'has the binding of Work, and its task role may not sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility there',
      },
    ],
    fine: [],
  },
  {
    rule: 'fargate-spot',
    broken: [
      {
        when: 'the cluster has no capacity providers',
        build: (stack) => {
          const { given } = createFargateStage(stack);
          new WorkQueueWithDLQ(stack, 'Work').processWithFargate({ ...given, capacity: 'SPOT' });
        },
        says: 'runs on FARGATE_SPOT, which its cluster Cluster does not have',
      },
    ],
    fine: [],
  },
  {
    rule: 'dead-letter-alarm',
    broken: [
      {
        when: 'there is none',
        build: (stack) => createPair(stack),
        says: 'has no alarm: what dies here',
      },
      {
        when: 'it watches what never moves',
        build: (stack) => alarmOn(stack, createPair(stack).dead.metricNumberOfMessagesSent()),
        says: 'has an alarm on NumberOfMessagesSent',
      },
    ],
    fine: [],
  },
  {
    rule: 'alarm-action',
    broken: [
      {
        when: 'there is none',
        build: (stack) => alarmOn(stack, createPair(stack).dead.metricApproximateNumberOfMessagesVisible()),
        says: 'changes its state and tells nobody',
      },
    ],
    fine: [],
  },
  {
    rule: 'alarm-delivery',
    broken: [
      {
        when: 'the topic’s key is the one AWS manages',
        build: (stack) => {
          const topic = new CfnTopic(stack, 'Pager', { kmsMasterKeyId: 'alias/aws/sns' });
          const action = { bind: () => ({ alarmActionArn: topic.ref }) };
          alarmOn(stack, new Queue(stack, 'Work').metricApproximateNumberOfMessagesVisible()).addAlarmAction(
            action,
          );
        },
        says: 'is encrypted with alias/aws/sns',
      },
      {
        when: 'the topic’s policy does not know CloudWatch',
        build: (stack) => {
          const topic = new Topic(stack, 'Pager', { enforceSSL: true });
          alarmOn(stack, new Queue(stack, 'Work').metricApproximateNumberOfMessagesVisible()).addAlarmAction(
            new SnsAction(topic),
          );
        },
        says: 'its policy does not let CloudWatch publish',
      },
    ],
    fine: [],
  },
  {
    rule: 'claim-check-lifecycle',
    broken: [
      {
        when: 'payloads expire before messages do',
        build: (stack) => {
          const { node } = new WorkQueueWithDLQ(stack, 'Work', { claimCheck: true });
          const bucket = node.findChild('ClaimCheckBucket').node.defaultChild as CfnBucket;
          bucket.addPropertyOverride('LifecycleConfiguration.Rules.0.ExpirationInDays', 3);
        },
        says: 'deletes payloads after 3 days',
      },
    ],
    fine: [],
  },
];

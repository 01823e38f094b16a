import { CfnResource, Duration, Fn, RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { Alarm, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnStreamConsumer, Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  CfnEventSourceMapping,
  Code,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { KinesisEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSubscription, CfnTopic, CfnTopicPolicy, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  CfnQueue,
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
import { defineMessage } from '../../../lib/contract/index.js';
import {
  CHECK_RULES,
  FanoutTopic,
  POSTURE_CONTEXT,
  POSTURES,
  ShardedStream,
  WorkQueueWithDLQ,
} from '../../../lib/cdk/index.js';
import { createFargateStage } from '../fargate-stage.js';
import { CommitSeen, createApp, FlightLanded, IssueOpened } from '../declarations.js';
import { BROKEN_ALARMS, FINE_ALARMS } from './alarm-cases.js';
import { BROKEN_ARCHIVES, FINE_ARCHIVES } from './archive-cases.js';
import { checkApp } from './check-app.js';
import { BROKEN_KEYS, FINE_KEYS } from './key-cases.js';
import { BROKEN_MAPPINGS, FINE_MAPPINGS } from './mapping-cases.js';
import { PUBLISHER_CASES } from './publisher-cases.js';
import { QUEUE_CASES } from './queue-cases.js';
import { BROKEN_POLICIES, FINE_POLICIES } from './policy-cases.js';
import { saidBy, type FineCase, type RuleCase } from './rule-case.js';
import { BROKEN_SERVICES, FINE_SERVICES } from './service-cases.js';
import { BROKEN_STREAMS, FINE_STREAMS } from './stream-cases.js';
import { SUBSCRIPTION_CASES } from './subscription-cases.js';
import { TOPIC_CASES } from './topic-cases.js';
import { WORKER_CASES } from './worker-cases.js';

function setup(): { readonly app: App; readonly stack: Stack } {
  const app = createApp();
  return { app, stack: new Stack(app, 'Shop') };
}

function createWorker(stack: Stack, seconds = 30, id = 'Worker'): LambdaFunction {
  return new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: Duration.seconds(seconds),
  });
}

function createPair(stack: Stack, maxReceiveCount = 5): { readonly queue: Queue; readonly dead: Queue } {
  const dead = new Queue(stack, 'Dead', { retentionPeriod: Duration.days(14) });
  return { dead, queue: new Queue(stack, 'Work', { deadLetterQueue: { queue: dead, maxReceiveCount } }) };
}

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

function alarmOn(stack: Stack, metric: Metric, threshold = 1): Alarm {
  return new Alarm(stack, 'Alarm', { metric, threshold, evaluationPeriods: 1 });
}

const BROKEN: readonly RuleCase[] = [
  ...BROKEN_POLICIES,
  ...BROKEN_STREAMS,
  ...BROKEN_ARCHIVES,
  ...BROKEN_MAPPINGS,
  ...BROKEN_SERVICES,
  ...BROKEN_KEYS,
  ...BROKEN_ALARMS,
  {
    rule: 'queue-dead-letters',
    when: 'a queue stands alone',
    build: (stack) => new Queue(stack, 'Work'),
    says: 'has no dead-letter queue',
  },
  {
    rule: 'dead-letter-type',
    when: 'the types differ',
    build: (stack) => {
      const { queue } = createPair(stack);
      (queue.node.defaultChild as CfnQueue).fifoQueue = true;
    },
    says: 'is FIFO, its dead-letter queue Dead is standard: the deployment fails',
  },
  {
    rule: 'dead-letter-retention',
    when: 'both keep messages equally long (trap 23)',
    build: (stack) => {
      const queue = new Queue(stack, 'Dead');
      new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
    },
    says: 'keeps messages 345600 s, and Work 345600 s',
  },
  {
    rule: 'dead-letter-size',
    when: 'the dead-letter queue takes less',
    build: (stack) => {
      const queue = new Queue(stack, 'Dead', { maxMessageSizeBytes: 1_024 });
      new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
    },
    says: 'takes 1024 bytes, and Work 1048576 bytes',
  },
  {
    rule: 'retry-time',
    when: 'receives take longer than the retention',
    build: (stack) => {
      const { queue } = createPair(stack, 100);
      (queue.node.defaultChild as CfnQueue).visibilityTimeout = 7_200;
    },
    says: '100 receives of 7200 s take 720000 s',
  },
  {
    rule: 'queue-tls',
    when: 'no rule denies plain text',
    build: (stack) => new Queue(stack, 'Work'),
    says: 'without TLS',
  },
  {
    rule: 'topic-tls',
    when: 'no rule denies plain text',
    build: (stack) => new Topic(stack, 'Topic'),
    says: 'without TLS',
  },
  {
    rule: 'topic-owner',
    when: 'enforceSSL is all there is',
    build: (stack) => new Topic(stack, 'Topic', { enforceSSL: true }),
    says: 'has a policy that only denies',
  },
  {
    rule: 'public-policy',
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
  {
    rule: 'confused-deputy',
    when: 'a service may send for anybody',
    build: (stack) => letSnsSend(new Queue(stack, 'Work')),
    says: "lets sns.amazonaws.com into Work on anybody's behalf",
  },
  {
    rule: 'subscription-policy',
    when: 'a queue was subscribed by hand',
    build: (stack) => subscribeByHand(stack, new Queue(stack, 'Work')),
    says: 'is subscribed to Topic, but no policy lets SNS send to it',
  },
  {
    rule: 'subscription-policy',
    when: 'another topic is let in',
    build: (stack) => {
      const queue = new Queue(stack, 'Work');
      new SqsSubscription(queue).bind(new Topic(stack, 'Other'));
      subscribeByHand(stack, queue);
    },
    says: 'is subscribed to Topic, but no policy lets SNS send to it',
  },
  {
    rule: 'subscription-types',
    when: 'a standard topic feeds a FIFO queue',
    build: (stack) => {
      new Topic(stack, 'Topic').addSubscription(
        new SqsSubscription(new Queue(stack, 'Work', { fifo: true })),
      );
    },
    says: 'subscribes a FIFO queue to standard topic Topic',
  },
  {
    rule: 'subscription-types',
    when: 'a FIFO topic feeds e-mail',
    build: (stack) => {
      new Topic(stack, 'Topic', { fifo: true }).addSubscription(new EmailSubscription('ops@example.com'));
    },
    says: 'subscribes email to FIFO topic Topic',
  },
  {
    rule: 'subscription-dead-letters',
    when: 'there is no redrive policy (trap 33)',
    build: (stack) => {
      new Topic(stack, 'Topic').addSubscription(new SqsSubscription(new Queue(stack, 'Work')));
    },
    says: 'what SNS can not deliver by sqs is dropped',
  },
  {
    rule: 'subscription-dead-letter-policy',
    when: 'SNS may not send there',
    build: (stack) => subscribeByHand(stack, new Queue(stack, 'Work'), new Queue(stack, 'Dead')),
    says: 'keeps the failed deliveries of Subscription, but no policy lets SNS send to it',
  },
  {
    rule: 'subscription-keys',
    when: 'the key is the one AWS manages',
    build: (stack) => {
      const queue = new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED });
      subscribeByHand(stack, queue);
    },
    says: 'is encrypted with alias/aws/sqs, the key AWS manages',
  },
  {
    rule: 'subscription-keys',
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
  {
    rule: 'filter-limits',
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
  {
    rule: 'filter-scope',
    when: 'only the filter is there',
    build: (stack) => {
      const filterPolicy = { kind: SubscriptionFilter.stringFilter({ allowlist: ['a'] }) };
      new Topic(stack, 'Topic').addSubscription(
        new SqsSubscription(new Queue(stack, 'Work'), { filterPolicy }),
      );
    },
    says: 'has a filter policy without its scope',
  },
  {
    rule: 'fifo-throughput',
    when: 'half the pair is set',
    build: (stack) =>
      new Queue(stack, 'Work', { fifo: true, fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID }),
    says: 'SQS refuses the pair',
  },
  {
    rule: 'lambda-visibility',
    when: 'the function may outlive it (trap 21)',
    build: (stack) => {
      createWorker(stack, 60).addEventSource(new SqsEventSource(createPair(stack).queue));
    },
    says: 'hides messages 30 s, but its function Worker may run 60 s',
  },
  {
    rule: 'lambda-retries',
    when: 'it is below six times the timeout',
    build: (stack) => {
      createWorker(stack, 10).addEventSource(new SqsEventSource(createPair(stack).queue));
    },
    says: 'hides messages 30 s; AWS advises 60 s',
  },
  {
    rule: 'lambda-receives',
    when: 'it is below five (trap 20)',
    build: (stack) => {
      createWorker(stack, 5).addEventSource(new SqsEventSource(createPair(stack, 3).queue));
    },
    says: 'gives up after 3 receives, AWS advises 5',
  },
  {
    rule: 'lambda-partial-batches',
    when: 'it fails whole batches',
    build: (stack) => {
      createWorker(stack, 5).addEventSource(new SqsEventSource(createPair(stack).queue));
    },
    says: 'fails whole batches',
  },
  {
    rule: 'lambda-environment',
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
  {
    rule: 'stream-retries',
    when: 'a mapping retries for ever and drops',
    build: (stack) => {
      const startingPosition = StartingPosition.TRIM_HORIZON;
      createWorker(stack).addEventSource(
        new KinesisEventSource(new Stream(stack, 'Stream'), { startingPosition }),
      );
    },
    says: 'retries a failing batch until its records expire',
  },
  {
    rule: 'stream-retention',
    when: 'nothing is said',
    build: (stack) => new Stream(stack, 'Stream'),
    says: 'keeps records 24 h',
  },
  {
    rule: 'stream-encryption',
    when: 'it is off',
    build: (stack) => new Stream(stack, 'Stream', { encryption: StreamEncryption.UNENCRYPTED }),
    says: 'keeps records unencrypted',
  },
  {
    rule: 'stream-lag-alarm',
    when: 'there is none',
    build: (stack) => new Stream(stack, 'Stream'),
    says: 'has no alarm on how far',
  },
  {
    rule: 'stream-lag-alarm',
    when: 'it rings when records are gone',
    build: (stack) => {
      const stream = new Stream(stack, 'Stream');
      alarmOn(stack, stream.metricGetRecordsIteratorAgeMilliseconds(), 90_000_000);
    },
    says: 'has a lag alarm that rings at 90000000 ms, when records of 86400000 ms are gone already',
  },
  {
    rule: 'stream-lag-alarm',
    when: 'there is one for scaling only',
    build: (stack) => {
      const { given } = createFargateStage(stack);
      const flights = new ShardedStream(stack, 'Stream', { record: FlightLanded, alarms: false });
      flights.addReader('delays').processWithFargate(given);
    },
    says: 'has no alarm on how far',
  },
  {
    rule: 'consumer-lag-alarm',
    when: 'there is none',
    build: (stack) => {
      const { streamArn } = new Stream(stack, 'Stream');
      new CfnStreamConsumer(stack, 'Consumer', { consumerName: 'c', streamArn });
    },
    says: 'the metric of the stream does not see it',
  },
  {
    rule: 'archive-freshness',
    when: 'there is no alarm',
    build: (stack) => {
      const flights = new ShardedStream(stack, 'Stream', { record: FlightLanded, alarms: false });
      flights.archiveTo(Bucket.fromBucketName(stack, 'Bucket', 'flights'));
    },
    says: 'copies a stream into a bucket, and nobody hears when it stops',
  },
  {
    rule: 'worker-stop',
    when: 'a container is killed in its drain',
    build: (stack) => {
      const { queue } = createPair(stack);
      createTask(stack, { stopTimeout: Duration.seconds(20), queueUrl: queue.queueUrl });
    },
    says: 'is killed 20 s after it was told to stop, and a queue worker drains 28 s by default',
  },
  {
    rule: 'worker-rights',
    when: 'a task has a binding and no rights',
    build: (stack) => {
      const { queue, dead } = createPair(stack);
      const task = createTask(stack, { queueUrl: queue.queueUrl });
      dead.grantConsumeMessages(task.taskRole);
      queue.grantSendMessages(task.taskRole);
    },
    says: 'has the binding of Work, and its task role may not sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility there',
  },
  {
    rule: 'fargate-spot',
    when: 'the cluster has no capacity providers',
    build: (stack) => {
      const { given } = createFargateStage(stack);
      new WorkQueueWithDLQ(stack, 'Work').processWithFargate({ ...given, capacity: 'SPOT' });
    },
    says: 'runs on FARGATE_SPOT, which its cluster Cluster does not have',
  },
  {
    rule: 'dead-letter-alarm',
    when: 'there is none',
    build: (stack) => createPair(stack),
    says: 'has no alarm: what dies here',
  },
  {
    rule: 'dead-letter-alarm',
    when: 'it watches what never moves',
    build: (stack) => alarmOn(stack, createPair(stack).dead.metricNumberOfMessagesSent()),
    says: 'has an alarm on NumberOfMessagesSent',
  },
  {
    rule: 'alarm-action',
    when: 'there is none',
    build: (stack) => alarmOn(stack, createPair(stack).dead.metricApproximateNumberOfMessagesVisible()),
    says: 'changes its state and tells nobody',
  },
  {
    rule: 'alarm-delivery',
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
    rule: 'alarm-delivery',
    when: 'the topic’s policy does not know CloudWatch',
    build: (stack) => {
      const topic = new Topic(stack, 'Pager', { enforceSSL: true });
      alarmOn(stack, new Queue(stack, 'Work').metricApproximateNumberOfMessagesVisible()).addAlarmAction(
        new SnsAction(topic),
      );
    },
    says: 'its policy does not let CloudWatch publish',
  },
  {
    rule: 'claim-check-lifecycle',
    when: 'payloads expire before messages do',
    build: (stack) => {
      const { node } = new WorkQueueWithDLQ(stack, 'Work', { claimCheck: true });
      const bucket = node.findChild('ClaimCheckBucket').node.defaultChild as CfnBucket;
      bucket.addPropertyOverride('LifecycleConfiguration.Rules.0.ExpirationInDays', 3);
    },
    says: 'deletes payloads after 3 days',
  },
];

const FINE: readonly FineCase[] = [
  ...FINE_POLICIES,
  ...FINE_STREAMS,
  ...FINE_ARCHIVES,
  ...FINE_MAPPINGS,
  ...FINE_SERVICES,
  ...FINE_KEYS,
  ...FINE_ALARMS,
];

describe('MillraceChecks', () => {
  it.each(BROKEN)('finds with $rule that $when', ({ rule, build, says }) => {
    expect(saidBy(rule, build)).toContain(says);
  });

  it.each(FINE)('says nothing with $rule when $when', ({ rule, build }) => {
    expect(saidBy(rule, build)).toBe('');
  });

  it('has a case for every rule, and a documentation page in every rule', () => {
    const tried = [
      ...BROKEN,
      ...QUEUE_CASES,
      ...TOPIC_CASES,
      ...SUBSCRIPTION_CASES,
      ...PUBLISHER_CASES,
      ...WORKER_CASES,
    ].map(({ rule }) => rule);
    expect(new Set(tried)).toEqual(new Set(CHECK_RULES.map(({ id }) => id)));
    expect(CHECK_RULES.filter(({ doc }) => !doc.startsWith('https://docs.aws.amazon.com/'))).toEqual([]);
  });

  it.each(Object.keys(POSTURES))('finds nothing to say of our constructs under posture %s', (posture) => {
    const app = createApp({ [POSTURE_CONTEXT]: posture });
    const shared = new Stack(app, 'Shared');
    const alarmTopic = new Topic(shared, 'Pager', {
      masterKey: new Key(shared, 'PagerKey'),
      enforceSSL: true,
    });
    const encryptionKey = new Key(shared, 'QueueKey');
    const events = new FanoutTopic(shared, 'Events', {
      messages: [IssueOpened],
      alarmTopic,
      encryptionKey: new Key(shared, 'TopicKey'),
    });
    const commits = new FanoutTopic(shared, 'Commits', { messages: [CommitSeen], fifo: true, alarmTopic });
    const queues = new Stack(app, 'Queues');
    const builds = new WorkQueueWithDLQ(queues, 'Builds', { alarmTopic, encryptionKey, idempotency: true });
    builds.processWithLambda(createWorker(queues));
    events.fanOutTo(builds, { messages: [IssueOpened] });
    commits.fanOutTo(new WorkQueueWithDLQ(queues, 'Audit', { fifo: true, alarmTopic }));
    const flights = new ShardedStream(queues, 'Flights', { record: FlightLanded, alarmTopic });
    const delays = flights.addReader('delays', { enhancedFanOut: true });
    flights.addLambdaReader('counts', createWorker(queues, 30, 'Counter'), { enhancedFanOut: true });
    flights.archiveTo(Bucket.fromBucketName(queues, 'Bucket', 'flights'));
    const { given } = createFargateStage(shared);
    delays.processWithFargate(given);
    new WorkQueueWithDLQ(queues, 'Reports', { alarmTopic, encryptionKey }).processWithFargate({
      ...given,
      minTasks: 0,
      targetCpuPercent: 60,
    });
    flights.addReader('totals', { leaseFormat: 'KCL' });
    expect(checkApp(app)).toEqual([]);
  });

  it('leaves alone what only the deployment knows', () => {
    const { app, stack } = setup();
    const dead = new CfnQueue(stack, 'Dead', {
      messageRetentionPeriod: Fn.ref('AWS::NoValue') as unknown as number,
    });
    new CfnQueue(stack, 'Work', {
      messageRetentionPeriod: Fn.ref('AWS::NoValue') as unknown as number,
      redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: 5 },
    });
    const rules = checkApp(app).map(({ rule }) => rule);
    expect(rules).not.toContain('dead-letter-retention');
  });

  it('reads redrive policies that are written as JSON text', () => {
    const { app, stack } = setup();
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111111111111:elsewhere',
    });
    new CfnResource(stack, 'Work', { type: 'AWS::SQS::Queue', properties: { RedrivePolicy } });
    expect(checkApp(app).map(({ rule }) => rule)).not.toContain('queue-dead-letters');
  });

  it('accepts a statement that a topic pattern opens', () => {
    const { app, stack } = setup();
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
    expect(checkApp(app).map(({ rule }) => rule)).not.toContain('subscription-policy');
  });

  it('counts a topic policy that lists its topics', () => {
    const { app, stack } = setup();
    const { topicArn } = new Topic(stack, 'Topic');
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sns:*',
      Condition: { Bool: { 'aws:SecureTransport': false } },
    };
    new CfnTopicPolicy(stack, 'Policy', { topics: [topicArn], policyDocument: { Statement: statement } });
    expect(checkApp(app).map(({ rule }) => rule)).toEqual(['topic-owner']);
  });

  it('lets single messages fail as a batch of one', () => {
    const { app, stack } = setup();
    const { queue } = createPair(stack);
    new CfnEventSourceMapping(stack, 'Mapping', {
      functionName: 'elsewhere',
      eventSourceArn: queue.queueArn,
      batchSize: 1,
    });
    expect(checkApp(app).map(({ rule }) => rule)).not.toContain('lambda-partial-batches');
  });

  it('takes the whole pair of FIFO throughput', () => {
    const { app, stack } = setup();
    new Queue(stack, 'Work', {
      fifo: true,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    });
    expect(checkApp(app).map(({ rule }) => rule)).not.toContain('fifo-throughput');
  });
});

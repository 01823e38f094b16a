import { readFileSync } from 'node:fs';
import { Duration, Mixins, RemovalPolicy, Size, Token, type Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStream, Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { CfnTopic, CfnTopicPolicy, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnQueue, CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IMixin } from 'constructs';
import {
  DlqRetention,
  EncryptedAtRest,
  FifoHighThroughput,
  FilterScope,
  LargeMessages,
  LargeRecords,
  LongPolling,
  PartialBatches,
  RedriveDenied,
  StreamRetention,
  TlsOnly,
} from '../../../lib/cdk/index.js';
import { createStack, propertiesOf, refusalOf, resourcesOf } from '../declarations.js';

const QUEUE = 'AWS::SQS::Queue';
const TOPIC = 'AWS::SNS::Topic';
const STREAM = 'AWS::Kinesis::Stream';

/** What a mixin makes of plain constructs of aws-cdk-lib. */
function applied(mixin: IMixin, create: (stack: Stack) => unknown): Stack {
  const stack = createStack();
  create(stack);
  Mixins.of(stack).apply(mixin);
  return stack;
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

/** The statements of every policy of a type, one list per policy resource. */
function policiesOf(stack: Stack, type: string): readonly (readonly Statement[])[] {
  return Object.values(resourcesOf(stack))
    .filter(({ Type }) => Type === type)
    .map(
      ({ Properties }) => (Properties?.['PolicyDocument'] as { Statement: readonly Statement[] }).Statement,
    );
}

const sending = new PolicyStatement({
  principals: [new ServicePrincipal('events.amazonaws.com')],
  actions: ['sqs:SendMessage'],
  resources: ['*'],
});

describe('TlsOnly', () => {
  const DENY = { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

  it('denies plain HTTP on a queue without a policy', () => {
    const stack = applied(new TlsOnly(), (scope) => new Queue(scope, 'Plain'));
    expect(policiesOf(stack, 'AWS::SQS::QueuePolicy')).toEqual([[expect.objectContaining(DENY)]]);
  });

  it('keeps what the L2 adds to its policy before and after', () => {
    const stack = createStack();
    const queue = new Queue(stack, 'Plain');
    queue.addToResourcePolicy(sending);
    queue.with(new TlsOnly());
    queue.grantSendMessages(new ServicePrincipal('s3.amazonaws.com'));
    expect(policiesOf(stack, 'AWS::SQS::QueuePolicy')).toEqual([
      [expect.anything(), expect.objectContaining(DENY), expect.anything()],
    ]);
  });

  it.each([
    ['with a plain policy', { Version: '2012-10-17', Statement: [sending.toStatementJson()] }],
    ['with an empty policy', { Statement: [] }],
  ])('adds to the policy of an L1 queue %s', (_name, policyDocument) => {
    const stack = createStack();
    const queue = new CfnQueue(stack, 'Plain');
    new CfnQueuePolicy(stack, 'Policy', { queues: [queue.ref], policyDocument });
    queue.with(new TlsOnly());
    const [statements, ...others] = policiesOf(stack, 'AWS::SQS::QueuePolicy');
    expect(others).toEqual([]);
    expect(statements).toHaveLength(policyDocument.Statement.length + 1);
    expect(statements?.at(-1)).toMatchObject(DENY);
  });

  it('makes a policy for an L1 queue that has none', () => {
    const stack = applied(new TlsOnly(), (scope) => new CfnQueue(scope, 'Plain'));
    expect(policiesOf(stack, 'AWS::SQS::QueuePolicy')).toEqual([[expect.objectContaining(DENY)]]);
  });

  it.each([
    ['an L2', (scope: Stack) => new Topic(scope, 'Plain')],
    ['an L1', (scope: Stack) => new CfnTopic(scope, 'Plain')],
  ])(
    'denies plain HTTP on %s topic, and gives its owner back what the default policy gave',
    (_name, create) => {
      const stack = applied(new TlsOnly(), create);
      expect(policiesOf(stack, 'AWS::SNS::TopicPolicy')).toEqual([
        [
          expect.objectContaining({ Effect: 'Deny', Action: 'sns:Publish' }),
          expect.objectContaining({ Effect: 'Allow', Sid: 'OwnerUsesTopic' }),
        ],
      ]);
    },
  );

  it('adds to the L1 policy of an L1 topic', () => {
    const stack = createStack();
    const topic = new CfnTopic(stack, 'Plain');
    new CfnTopicPolicy(stack, 'Policy', { topics: [topic.ref], policyDocument: { Statement: [] } });
    topic.with(new TlsOnly());
    expect(policiesOf(stack, 'AWS::SNS::TopicPolicy')).toEqual([[expect.anything(), expect.anything()]]);
  });

  it('changes nothing where it is applied twice, or enforceSSL was said', () => {
    const stack = createStack();
    new Queue(stack, 'Plain', { enforceSSL: true });
    new Topic(stack, 'Events', { enforceSSL: true });
    Mixins.of(stack).apply(new TlsOnly(), new TlsOnly());
    expect(policiesOf(stack, 'AWS::SQS::QueuePolicy')).toEqual([[expect.anything()]]);
    expect(policiesOf(stack, 'AWS::SNS::TopicPolicy')).toEqual([[expect.anything(), expect.anything()]]);
  });
});

describe('EncryptedAtRest', () => {
  it('encrypts queues and streams free of charge, and leaves topics alone', () => {
    const stack = applied(new EncryptedAtRest(), (scope) => {
      new CfnQueue(scope, 'Plain', { sqsManagedSseEnabled: false });
      new CfnStream(scope, 'Clicks');
      new Topic(scope, 'Events');
    });
    expect(propertiesOf(stack, QUEUE, 'Plain')).toMatchObject({ SqsManagedSseEnabled: true });
    expect(propertiesOf(stack, STREAM, 'Clicks')).toMatchObject({
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    });
    expect(propertiesOf(stack, TOPIC, 'Events')).not.toHaveProperty('KmsMasterKeyId');
  });

  it('encrypts all of them with a key', () => {
    const stack = createStack();
    const key = new Key(stack, 'Key');
    new CfnQueue(stack, 'Plain');
    new CfnStream(stack, 'Clicks');
    new Topic(stack, 'Events');
    Mixins.of(stack).apply(new EncryptedAtRest(key));
    const arn = stack.resolve(key.keyArn) as unknown;
    expect(propertiesOf(stack, QUEUE, 'Plain')).toEqual({ KmsMasterKeyId: arn });
    expect(propertiesOf(stack, STREAM, 'Clicks')['StreamEncryption']).toMatchObject({ KeyId: arn });
    expect(propertiesOf(stack, TOPIC, 'Events')).toMatchObject({ KmsMasterKeyId: arn });
  });

  it('leaves what is encrypted already', () => {
    const stack = createStack();
    const key = new Key(stack, 'Key');
    const own = new Key(stack, 'Own');
    new Queue(stack, 'Free', { encryption: QueueEncryption.SQS_MANAGED });
    new Queue(stack, 'Plain', { encryptionMasterKey: own });
    new Stream(stack, 'Clicks', { encryption: StreamEncryption.KMS, encryptionKey: own });
    new Topic(stack, 'Events', { masterKey: own });
    Mixins.of(stack).apply(new EncryptedAtRest(key), new EncryptedAtRest());
    const ownArn = stack.resolve(own.keyArn) as unknown;
    expect(propertiesOf(stack, QUEUE, 'Free')).toEqual({ SqsManagedSseEnabled: true });
    expect(propertiesOf(stack, QUEUE, 'Plain')).toMatchObject({ KmsMasterKeyId: ownArn });
    expect(propertiesOf(stack, STREAM, 'Clicks')['StreamEncryption']).toMatchObject({ KeyId: ownArn });
    expect(propertiesOf(stack, TOPIC, 'Events')).toMatchObject({ KmsMasterKeyId: ownArn });
  });
});

describe('DlqRetention', () => {
  function createQueues(stack: Stack): void {
    const dead = new Queue(stack, 'Dead');
    const undelivered = new Queue(stack, 'Undelivered', { retentionPeriod: Duration.days(10) });
    const queue = new Queue(stack, 'Work', { deadLetterQueue: { queue: dead, maxReceiveCount: 5 } });
    new Topic(stack, 'Events').addSubscription(new SqsSubscription(queue, { deadLetterQueue: undelivered }));
  }

  it('keeps the dead letters of queues and subscriptions for 14 days, and touches no other queue', () => {
    const stack = applied(new DlqRetention(), createQueues);
    expect(propertiesOf(stack, QUEUE, 'Dead')).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
    expect(propertiesOf(stack, QUEUE, 'Undelivered')).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
    expect(propertiesOf(stack, QUEUE, 'Work')).not.toHaveProperty('MessageRetentionPeriod');
  });

  it('leaves a longer retention', () => {
    const stack = applied(new DlqRetention(Duration.days(7)), createQueues);
    expect(propertiesOf(stack, QUEUE, 'Dead')).toMatchObject({ MessageRetentionPeriod: 604_800 });
    expect(propertiesOf(stack, QUEUE, 'Undelivered')).toMatchObject({ MessageRetentionPeriod: 864_000 });
  });
});

describe('the sizes', () => {
  it('LargeMessages sets the limit of queues and topics', () => {
    const stack = applied(new LargeMessages(Size.mebibytes(1)), (scope) => {
      new Queue(scope, 'Plain');
      new Topic(scope, 'Events');
    });
    expect(propertiesOf(stack, QUEUE, 'Plain')).toMatchObject({ MaximumMessageSize: 1_048_576 });
    expect(propertiesOf(stack, TOPIC, 'Events')).toMatchObject({ MaximumMessageSize: 1_048_576 });
  });

  it('LargeRecords sets the limit of streams', () => {
    const stack = applied(new LargeRecords(Size.mebibytes(10)), (scope) => new Stream(scope, 'Clicks'));
    expect(propertiesOf(stack, STREAM, 'Clicks')).toMatchObject({ MaxRecordSizeInKiB: 10_240 });
  });
});

describe('StreamRetention', () => {
  it('keeps records for a week, and longer where that was said', () => {
    const stack = applied(new StreamRetention(), (scope) => {
      new Stream(scope, 'Clicks');
      new Stream(scope, 'Orders', { retentionPeriod: Duration.days(30) });
      new CfnStream(scope, 'Bare');
    });
    expect(propertiesOf(stack, STREAM, 'Clicks')).toMatchObject({ RetentionPeriodHours: 168 });
    expect(propertiesOf(stack, STREAM, 'Orders')).toMatchObject({ RetentionPeriodHours: 720 });
    expect(resourcesOf(stack)['Bare']?.Properties).toMatchObject({ RetentionPeriodHours: 168 });
  });
});

describe('the mixins of queues', () => {
  it('LongPolling polls long where nothing was said', () => {
    const stack = applied(new LongPolling(), (scope) => {
      new Queue(scope, 'Plain');
      new Queue(scope, 'Eager', { receiveMessageWaitTime: Duration.seconds(0) });
    });
    expect(propertiesOf(stack, QUEUE, 'Plain')).toMatchObject({ ReceiveMessageWaitTimeSeconds: 20 });
    expect(propertiesOf(stack, QUEUE, 'Eager')).toMatchObject({ ReceiveMessageWaitTimeSeconds: 0 });
  });

  it('RedriveDenied closes work queues, and leaves dead-letter queues open', () => {
    const stack = applied(new RedriveDenied(), (scope) => {
      const queue = new Queue(scope, 'Dead');
      new Queue(scope, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
    });
    expect(propertiesOf(stack, QUEUE, 'Work')).toMatchObject({
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    });
    expect(propertiesOf(stack, QUEUE, 'Dead')).not.toHaveProperty('RedriveAllowPolicy');
  });

  it('FifoHighThroughput sets the whole pair, on FIFO queues and topics only', () => {
    const stack = applied(new FifoHighThroughput(), (scope) => {
      new Queue(scope, 'Orders', { fifo: true });
      new Queue(scope, 'Plain');
      new Topic(scope, 'Commits', { fifo: true });
      new Topic(scope, 'Events');
    });
    expect(propertiesOf(stack, QUEUE, 'Orders')).toMatchObject({
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    expect(propertiesOf(stack, QUEUE, 'Plain')).toEqual({});
    expect(propertiesOf(stack, TOPIC, 'Commits')).toMatchObject({ FifoThroughputScope: 'MessageGroup' });
    expect(propertiesOf(stack, TOPIC, 'Events')).toEqual({});
  });
});

describe('the mixins of deliveries', () => {
  it('FilterScope says what a filter looks at', () => {
    const stack = applied(new FilterScope(), (scope) => {
      const filterPolicy = { size: SubscriptionFilter.numericFilter({ greaterThan: 5 }) };
      new Topic(scope, 'Events').addSubscription(
        new SqsSubscription(new Queue(scope, 'Plain'), { filterPolicy }),
      );
    });
    const subscriptions = Object.values(resourcesOf(stack)).filter(
      ({ Type }) => Type === 'AWS::SNS::Subscription',
    );
    expect(subscriptions).toMatchObject([{ Properties: { FilterPolicyScope: 'MessageAttributes' } }]);
  });

  it('PartialBatches is for queues and streams, and not for brokers', () => {
    const stack = applied(new PartialBatches(), (scope) => {
      new CfnEventSourceMapping(scope, 'Queue', {
        functionName: 'f',
        eventSourceArn: 'arn:aws:sqs:eu-west-1:1:q',
      });
      new CfnEventSourceMapping(scope, 'Kafka', { functionName: 'f', topics: ['orders'] });
    });
    expect(resourcesOf(stack)['Queue']?.Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(resourcesOf(stack)['Kafka']?.Properties).not.toHaveProperty('FunctionResponseTypes');
  });
});

describe('all mixins', () => {
  const ALL: readonly IMixin[] = [
    new DlqRetention(),
    new EncryptedAtRest(),
    new FifoHighThroughput(),
    new FilterScope(),
    new LargeMessages(Size.kibibytes(256)),
    new LargeRecords(Size.mebibytes(1)),
    new LongPolling(),
    new PartialBatches(),
    new RedriveDenied(),
    new StreamRetention(),
    new TlsOnly(),
  ];

  it('stand in the table of the constructs page, and nothing else does', () => {
    const page = readFileSync('docs/constructs.md', 'utf8').split('## Mixins')[1] ?? '';
    const rows = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(ALL.map(({ constructor }) => constructor.name).sort());
  });

  it.each(ALL.map((mixin) => [mixin.constructor.name, mixin] as const))(
    '%s leaves constructs of other kinds alone, also when it is forced on them',
    (_name, mixin) => {
      const stack = createStack();
      const key = new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY });
      const before = JSON.stringify(resourcesOf(stack));
      expect(key.node.findAll().some((construct) => mixin.supports(construct))).toBe(false);
      key.node.findAll().forEach((construct) => mixin.applyTo(construct));
      expect(JSON.stringify(resourcesOf(stack))).toBe(before);
    },
  );

  it.each([
    [
      'DlqRetention',
      () => new DlqRetention(Duration.days(15)),
      'retention must be 1 minute to 14 days, got 15 days',
    ],
    [
      'StreamRetention',
      () => new StreamRetention(Duration.hours(1)),
      'retention must be 24 hours to 365 days, got 1 hour',
    ],
    ['LargeMessages', () => new LargeMessages(Size.mebibytes(2)), 'size must be 1 KiB to 1 MiB'],
    ['LargeRecords', () => new LargeRecords(Size.mebibytes(11)), 'size must be 1 to 10 MiB'],
    [
      'LargeRecords',
      () => new LargeRecords(Size.bytes(1_048_577)),
      'size must be whole KiB, got 1048577 bytes',
    ],
    [
      'LargeRecords',
      () => new LargeRecords(Size.bytes(Token.asNumber({ Ref: 'Bytes' }))),
      'size must be known at synth',
    ],
  ])('%s rejects what the service would', (name, create, words) => {
    const refusal = refusalOf(create);
    expect(refusal).toContain(`${name} can't be used`);
    expect(refusal).toContain(words);
  });
});

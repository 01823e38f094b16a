import { RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  FanoutTopic,
  POSTURE_CONTEXT,
  Postures,
  ShardedStream,
  WorkQueueWithDLQ,
  type Posture,
} from '../../../lib/cdk/index.js';
import { createApp, FlightLanded, IssueOpened, refusalOf, resourcesOf } from '../declarations.js';

interface Made {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

function setup(context?: Readonly<Record<string, unknown>>): {
  readonly app: App;
  readonly stack: Stack;
  readonly alarmTopic: ITopic;
} {
  const app = createApp(context);
  const stack = new Stack(app, 'Shop');
  return {
    app,
    stack,
    alarmTopic: Topic.fromTopicArn(stack, 'Pager', 'arn:aws:sns:eu-west-1:111111111111:pager'),
  };
}

/** One of everything, every resource of which a posture has a say in. */
function createAll(stack: Stack, alarmTopic: ITopic): readonly Made[] {
  const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], alarmTopic });
  topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { idempotency: true, alarmTopic }));
  new ShardedStream(stack, 'Flights', { record: FlightLanded, alarmTopic }).addReader('delays');
  return Object.values(resourcesOf(stack) as Readonly<Record<string, Made>>);
}

const ofType = (made: readonly Made[], ...types: readonly string[]): readonly Made[] =>
  made.filter(({ Type }) => types.includes(Type));

const DATA_TYPES = ['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Kinesis::Stream', 'AWS::DynamoDB::Table'];

describe('posture standard', () => {
  it('makes no key, and everything but the stream goes with its stack', () => {
    const { stack, alarmTopic } = setup();
    const made = createAll(stack, alarmTopic);
    expect(ofType(made, 'AWS::KMS::Key')).toEqual([]);
    expect(
      ofType(made, 'AWS::SQS::Queue', 'AWS::DynamoDB::Table').map(({ DeletionPolicy }) => DeletionPolicy),
    ).toEqual(Array.from({ length: 5 }, () => 'Delete'));
  });
});

describe.each<Posture>(['cmk', 'regulated'])('posture %s', (posture) => {
  it('encrypts everything with one key of the stack, rotated and retained', () => {
    const { stack, alarmTopic } = setup();
    Postures.of(stack).use(posture);
    const made = createAll(stack, alarmTopic);
    const [key, ...others] = ofType(made, 'AWS::KMS::Key');
    expect(others).toEqual([]);
    expect(key).toMatchObject({ DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
    const data = ofType(made, ...DATA_TYPES);
    expect(data).toHaveLength(7);
    expect(data.filter((resource) => !JSON.stringify(resource).includes('"MillraceKey'))).toEqual([]);
  });

  it('takes the key it is given instead', () => {
    const { stack, alarmTopic } = setup();
    Postures.of(stack).use(posture);
    const encryptionKey = new Key(stack, 'Own');
    new WorkQueueWithDLQ(stack, 'Builds', { encryptionKey, alarmTopic });
    expect(Object.keys(resourcesOf(stack)).filter((id) => id.startsWith('MillraceKey'))).toEqual([]);
  });

  it('lets SNS use the key for topics of this account only', () => {
    const { stack, alarmTopic } = setup();
    Postures.of(stack).use(posture);
    const [key] = ofType(createAll(stack, alarmTopic), 'AWS::KMS::Key');
    expect(key?.Properties?.['KeyPolicy']).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Principal: { Service: 'sns.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]) as unknown,
    });
  });
});

describe('posture regulated', () => {
  it('keeps everything that leaves the stack, and protects tables', () => {
    const { stack, alarmTopic } = setup();
    Postures.of(stack).use('regulated');
    const made = createAll(stack, alarmTopic);
    const policies = ofType(made, ...DATA_TYPES).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies).toEqual(Array.from({ length: 7 }, () => 'Retain'));
    expect(
      ofType(made, 'AWS::DynamoDB::Table').map(({ Properties }) => Properties?.['DeletionProtectionEnabled']),
    ).toEqual([true, true]);
  });

  it.each([
    ['WorkQueueWithDLQ', (stack: Stack, props: object) => new WorkQueueWithDLQ(stack, 'It', props)],
    [
      'FanoutTopic',
      (stack: Stack, props: object) => new FanoutTopic(stack, 'It', { messages: [IssueOpened], ...props }),
    ],
    [
      'ShardedStream',
      (stack: Stack, props: object) => new ShardedStream(stack, 'It', { record: FlightLanded, ...props }),
    ],
  ])('rejects a %s that undoes it, in all its props at once', (_name, create) => {
    const { stack } = setup();
    const props = { posture: 'regulated', alarms: false, removalPolicy: RemovalPolicy.DESTROY };
    const words = refusalOf(() => create(stack, props));
    expect(words).toContain("'Shop/It'");
    expect(words).toContain("alarms can't be false under posture 'regulated'");
    expect(words).toContain("removalPolicy must retain under posture 'regulated', got 'destroy'");
  });

  it('rejects alarms that tell nobody', () => {
    const { stack } = setup();
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds', { posture: 'regulated' }))).toContain(
      "alarmTopic must be given under posture 'regulated'",
    );
  });

  it('keeps the failed batches of functions, and wants the alarms of readers and archives', () => {
    const { stack, alarmTopic } = setup();
    Postures.of(stack).use('regulated');
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded, alarmTopic });
    const worker = new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => undefined'),
    });
    flights.addLambdaReader('counts', worker);
    const [failed] = Object.entries(resourcesOf(stack)).filter(([id]) => id.includes('FailedBatches'));
    expect(failed?.[1]).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { KmsMasterKeyId: expect.anything() as unknown },
    });
    const off = { alarms: false };
    const bucket = Bucket.fromBucketName(stack, 'Bucket', 'flights');
    const words = "alarms can't be false under posture 'regulated'";
    expect(refusalOf(() => flights.addLambdaReader('more', worker, off))).toContain(words);
    expect(refusalOf(() => flights.archiveTo(bucket, off))).toContain(words);
  });

  it('rejects a subscription whose failed deliveries would tell nobody', () => {
    const { stack, alarmTopic } = setup();
    const builds = new WorkQueueWithDLQ(stack, 'Builds', { posture: 'regulated', alarmTopic });
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    expect(refusalOf(() => topic.fanOutTo(builds))).toContain("subscription 'Shop/Builds/FromEvents'");
  });
});

describe('choosing a posture', () => {
  const tablesOf = (stack: Stack): readonly unknown[] =>
    ofType(Object.values(resourcesOf(stack) as Readonly<Record<string, Made>>), 'AWS::SQS::Queue').map(
      ({ Properties }) => Properties?.['SqsManagedSseEnabled'] ?? 'key',
    );

  it('goes by the construct, then the nearest scope, then the context', () => {
    const { app, stack } = setup({ [POSTURE_CONTEXT]: 'cmk' });
    const team = new Construct(stack, 'Team');
    Postures.of(team).use('regulated');
    expect(Postures.of(app).posture).toBe('cmk');
    expect(Postures.of(new Construct(team, 'Service')).posture).toBe('regulated');
    new WorkQueueWithDLQ(team, 'Builds', { posture: 'standard' });
    expect(tablesOf(stack)).toEqual([true, true]);
  });

  it('reaches what is made below a construct later: its subscriptions and readers', () => {
    const { stack, alarmTopic } = setup();
    const stream = new ShardedStream(stack, 'Flights', { record: FlightLanded, posture: 'cmk' });
    stream.addReader('delays');
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], posture: 'cmk', alarmTopic });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { posture: 'cmk' }));
    expect(tablesOf(stack)).toEqual(['key', 'key', 'key']);
    expect(JSON.stringify(stream.readers[0]?.leaseTable.encryptionKey?.node.id)).toContain('MillraceKey');
  });

  it('gives the dead letters of a queue of others the key of their stack', () => {
    const { stack } = setup();
    Postures.of(stack).use('cmk');
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] }).fanOutTo(new Queue(stack, 'Plain'));
    expect(tablesOf(stack)).toContain('key');
  });

  it('rejects a posture there is not, with the nearest there is', () => {
    const { stack } = setup();
    const misspelt = 'regulatd' as Posture;
    const words =
      "posture must be one of standard, cmk, regulated, got 'regulatd': did you mean 'regulated'?";
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds', { posture: misspelt }))).toContain(words);
    expect(refusalOf(() => Postures.of(stack).use(misspelt))).toContain(words);
  });

  it('rejects a context value that is no posture', () => {
    const { stack } = setup({ [POSTURE_CONTEXT]: 'strict' });
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds'))).toContain(
      `context value ${POSTURE_CONTEXT} must be one of standard, cmk, regulated, got 'strict'`,
    );
  });

  it('rejects a choice that constructs made before would miss, by their paths', () => {
    const { app, stack } = setup();
    new WorkQueueWithDLQ(stack, 'Builds');
    new WorkQueueWithDLQ(stack, 'Audit', { posture: 'cmk' });
    const words = refusalOf(() => Postures.of(app).use('cmk'));
    expect(words).toContain("'Shop/Builds' was made before");
    expect(words).not.toContain('Audit');
  });

  it('may be repeated', () => {
    const { stack } = setup();
    Postures.of(stack).use('cmk');
    new WorkQueueWithDLQ(stack, 'Builds');
    expect(() => Postures.of(stack).use('cmk')).not.toThrow();
  });
});

describe('the key of a stack', () => {
  it.each([true, false])('makes no cycle of topic, queue and key (restrictSqsDescryption: %s)', (flag) => {
    const { stack, alarmTopic } = setup({ '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption': flag });
    Postures.of(stack).use('cmk');
    // Template.fromStack, which this goes through, refuses cycles.
    expect(createAll(stack, alarmTopic)).not.toEqual([]);
  });

  it('stays under its logical id: what is encrypted with another is lost', () => {
    const { stack } = setup();
    new WorkQueueWithDLQ(stack, 'Builds', { posture: 'cmk' });
    expect(Object.keys(resourcesOf(stack)).filter((id) => id.startsWith('Millrace'))).toEqual([
      'MillraceKeyC09216CE',
    ]);
  });
});

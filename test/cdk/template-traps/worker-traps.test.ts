// The traps of templates that bit users at streams, workers and upgrades; docs/practices.md lists them.
import { Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnStream, Stream } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ShardedStream, StreamRetention, WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { alarmOn, createPair, createWorker, saidBy } from '../checks/cases-of-rule.js';
import { createStack, FlightLanded, propertiesOf, refusalOf, rightsOf } from '../declarations.js';
import { createFargateStage } from '../fargate-stage.js';
import { allOf } from './traps.js';

const STREAM = 'AWS::Kinesis::Stream';

const createFlights = (stack: Stack, id = 'Flights'): ShardedStream =>
  new ShardedStream(stack, id, { record: FlightLanded });

describe('template traps of streams', () => {
  it('template trap 19: readers and producers need the stream’s key, and what is left out is turned off', () => {
    const stack = createStack();
    const encryptionKey = new Key(stack, 'Key');
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded, encryptionKey });
    flights.grantProduce(createWorker(stack));
    flights.addReader('delays').grantRead(createWorker(stack, {}, 'Reader'));
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining(['kms:Decrypt on <Key>', 'kms:GenerateDataKey* on <Key>']),
    );
    expect(saidBy('stream-encryption', (scope) => new CfnStream(scope, 'Stream'))).toContain('unencrypted');
    const flipped = (scope: Stack): unknown =>
      new CfnStream(scope, 'Stream', { shardCount: 1, streamModeDetails: { streamMode: 'ON_DEMAND' } });
    expect(saidBy('stream-mode', flipped)).toContain('has ShardCount and capacity mode ON_DEMAND');
  });

  it('template trap 20: a condition on China Regions confuses scanners: encryption is plain', () => {
    const stack = createStack();
    createFlights(stack);
    expect(propertiesOf(stack, STREAM, 'Flights')['StreamEncryption']).toEqual({
      EncryptionType: 'KMS',
      KeyId: 'alias/aws/kinesis',
    });
  });

  it('template trap 21: an average hides throttles, and a metric without a stream has no data: both found on others', () => {
    const stack = createStack();
    createFlights(stack);
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsThrottleAlarm')).toMatchObject({
      Statistic: 'Sum',
      Dimensions: [{ Name: 'StreamName' }],
    });
    const averaged = (scope: Stack): unknown =>
      alarmOn(scope, new Stream(scope, 'Stream').metricWriteProvisionedThroughputExceeded());
    expect(saidBy('throttle-alarm', averaged)).toContain('the Average of WriteProvisionedThroughputExceeded');
    const nameless = (scope: Stack): unknown =>
      alarmOn(
        scope,
        new Metric({ namespace: 'AWS/Kinesis', metricName: 'GetRecords.IteratorAgeMilliseconds' }),
      );
    expect(saidBy('alarm-dimensions', nameless)).toContain('without the dimension StreamName');
  });

  it('template trap 22: a renamed consumer loses its position: named by its path, and a new one misses nothing', () => {
    const build = (): Stack => {
      const stack = createStack();
      createFlights(stack).addLambdaReader('counts', createWorker(stack), { enhancedFanOut: true });
      return stack;
    };
    const nameOf = (stack: Stack): unknown =>
      Object.values(allOf(stack, 'AWS::Kinesis::StreamConsumer'))[0]?.['ConsumerName'];
    expect(nameOf(build())).toMatch(/^Shop-?Flights-?counts/);
    expect(nameOf(build())).toBe(nameOf(build()));
    expect(Object.values(allOf(build(), 'AWS::Lambda::EventSourceMapping'))).toMatchObject([
      { StartingPosition: 'TRIM_HORIZON' },
    ]);
  });
});

describe('template traps of workers', () => {
  it('template trap 23: reserved concurrency below what queues ask for kills good messages: found, and five receives asked', () => {
    const reserved = (scope: Stack): unknown =>
      createWorker(scope, { reservedConcurrentExecutions: 5 }).addEventSource(
        new SqsEventSource(createPair(scope, 3).queue),
      );
    expect(saidBy('mapping-concurrency', reserved)).toContain('has 5 invocations reserved');
    expect(saidBy('lambda-receives', reserved)).toContain('gives up after 3 receives');
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds').processWithLambda(createWorker(stack), { maxConcurrency: 5 });
    expect(Object.values(allOf(stack, 'AWS::Lambda::EventSourceMapping'))).toMatchObject([
      { ScalingConfig: { MaximumConcurrency: 5 } },
    ]);
  });

  it('template trap 24: an invocation holds 6 MB: batches are closed there by Lambda, and single records beyond are found', () => {
    const large = (scope: Stack): unknown =>
      new CfnEventSourceMapping(scope, 'Mapping', {
        functionName: 'elsewhere',
        eventSourceArn: new CfnStream(scope, 'Stream', { maxRecordSizeInKiB: 10_240 }).attrArn,
      });
    expect(saidBy('stream-record-size', large)).toContain(
      'records over 4718592 bytes never reach the function',
    );
  });

  it('template trap 27: a retention goes to the queue it was said of, and policies can be added to a service', () => {
    const { stack, given } = createFargateStage();
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { retentionPeriod: Duration.days(2) });
    const { scaling } = queue.processWithFargate(given);
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 80, disableScaleIn: true });
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'Builds')).toMatchObject({
      MessageRetentionPeriod: Duration.days(2).toSeconds(),
    });
    expect(JSON.stringify(allOf(stack, 'AWS::ApplicationAutoScaling::ScalingPolicy'))).toContain(
      'ECSServiceAverageMemoryUtilization',
    );
  });

  it('template trap 29: batches that Lambda refuses at the deployment are refused and found at the synth', () => {
    const stack = createStack();
    const queue = new WorkQueueWithDLQ(stack, 'Builds');
    expect(refusalOf(() => queue.processWithLambda(createWorker(stack), { batchSize: 100 }))).toContain(
      'batchSize must be a whole number, 1 to 10 here (without maxBatchingWindow), got 100',
    );
    const large = (scope: Stack): unknown =>
      new CfnEventSourceMapping(scope, 'Mapping', {
        functionName: 'elsewhere',
        eventSourceArn: createPair(scope).queue.queueArn,
        batchSize: 100,
      });
    expect(saidBy('mapping-batch', large)).toContain('the deployment fails');
  });
});

describe('template traps of upgrades', () => {
  /** Everything that has a name of its own, in a stack of this name. */
  function namesIn(stackName: string): readonly string[] {
    const { stack, given } = createFargateStage();
    const scope = new Stack(stack, stackName);
    new WorkQueueWithDLQ(scope, 'Builds', { idempotency: true }).processWithFargate(given);
    const flights = createFlights(scope);
    flights.addReader('delays', { enhancedFanOut: true });
    flights.addLambdaReader('counts', createWorker(scope), { enhancedFanOut: true });
    return NAMES.flatMap(([type, name]) =>
      Object.values(allOf(scope, type)).flatMap((properties) => {
        const said = properties[name];
        return typeof said === 'string' ? [`${type} ${said}`] : [];
      }),
    );
  }

  it('template trap 28: two copies of a stack in an account share no name', () => {
    const [blue, green] = [namesIn('Blue'), namesIn('Green')];
    expect(blue.length).toBeGreaterThan(0);
    expect(blue.filter((name) => green.includes(name))).toEqual([]);
  });

  it('template trap 30: a helper function of the CDK changes the template with each of its releases: there is none', () => {
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds', { idempotency: true, claimCheck: true });
    createFlights(stack).addReader('delays');
    expect(Object.keys(allOf(stack, 'AWS::Lambda::Function', 'Custom::S3AutoDeleteObjects'))).toEqual([]);
  });

  it('template trap 11: the mixin for streams lengthens their retention only', () => {
    const stack = createStack();
    new Stream(stack, 'Stream', { retentionPeriod: Duration.days(30) }).with(new StreamRetention());
    expect(propertiesOf(stack, STREAM, 'Stream')).toMatchObject({ RetentionPeriodHours: 720 });
  });
});

/** What may bear a physical name. */
const NAMES = [
  ['AWS::SQS::Queue', 'QueueName'],
  ['AWS::DynamoDB::Table', 'TableName'],
  [STREAM, 'Name'],
  ['AWS::Kinesis::StreamConsumer', 'ConsumerName'],
  ['AWS::ECS::Service', 'ServiceName'],
  ['AWS::CloudWatch::Alarm', 'AlarmName'],
  ['AWS::ApplicationAutoScaling::ScalingPolicy', 'PolicyName'],
] as const;

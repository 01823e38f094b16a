import { Duration, Stack, Token, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  Alias,
  Code,
  Function as LambdaFunction,
  Runtime,
  type IFunction,
  type IVersion,
} from 'aws-cdk-lib/aws-lambda';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ShardedStream,
  LambdaStreamReader,
  type LambdaReaderOptions,
  type ShardedStreamProps,
} from '../../../lib/cdk/index.js';
import { createApp, FlightLanded, propertiesOf, refusalOf, resourcesOf } from '../declarations.js';
import { warningsOf } from '../fargate-stage.js';

interface Setup {
  readonly app: App;
  readonly stack: Stack;
  readonly reader: LambdaStreamReader;
}

function setup(options: LambdaReaderOptions = {}, props: Partial<ShardedStreamProps> = {}): Setup {
  const app = createApp();
  const stack = new Stack(app, 'Shop');
  const flights = new ShardedStream(stack, 'Flights', {
    record: FlightLanded,
    ...props,
  });
  return {
    app,
    stack,
    reader: flights.addLambdaReader('count', createWorker(stack), options),
  };
}

function createWorker(stack: Stack): LambdaFunction {
  return new LambdaFunction(stack, 'Count', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
  });
}

function mapping(stack: Stack): Readonly<Record<string, unknown>> {
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::EventSourceMapping'));
  return (found as { Properties: Record<string, unknown> }).Properties;
}

describe('addLambdaReader', () => {
  it('halves failing batches, gives up in the end, and keeps what was given up', () => {
    expect(mapping(setup().stack)).toMatchObject({
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: {} },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 302_400,
      MaximumRetryAttempts: 10,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
    });
    expect(mapping(setup().stack)).not.toHaveProperty('TumblingWindowInSeconds');
  });

  it('needs no lease table', () => {
    Template.fromStack(setup().stack).resourceCountIs('AWS::DynamoDB::Table', 0);
  });

  it('keeps the queue of failed batches encrypted, for two weeks, with an alarm', () => {
    const { stack, reader } = setup();
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'FlightscountFailedBatches')).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
    expect(reader.failedBatchesAlarm).toBeDefined();
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightscountFailedBatchesAlarm')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
    });
  });

  it('keeps the queue of failed batches under the key of the stream, where it has one', () => {
    const app = createApp();
    const stack = new Stack(app, 'Shop');
    const encryptionKey = new Key(stack, 'Key');
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded, encryptionKey });
    flights.addLambdaReader('count', createWorker(stack));
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'FlightscountFailedBatches')).toMatchObject({
      KmsMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    });
  });

  it('keeps failed batches under a key of its own account, where the stream has one of another', () => {
    const stack = new Stack(createApp(), 'Shop', { env: { account: '222222222222', region: 'eu-west-1' } });
    const flights = ShardedStream.fromShardedStreamAttributes(stack, 'Flights', {
      streamArn: 'arn:aws:kinesis:eu-west-1:111111111111:stream/flights',
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      record: FlightLanded,
    });
    const { unreadAlarm } = new LambdaStreamReader(stack, 'Counts', {
      stream: flights,
      worker: createWorker(stack),
    });
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'CountsFailedBatches')).toMatchObject({
      SqsManagedSseEnabled: true,
    });
    expect(unreadAlarm).toBeUndefined();
  });

  it('keeps failed batches whole in a bucket when it is given one', () => {
    const storage = new Stack(createApp(), 'Storage');
    const failedBatchesBucket = Bucket.fromBucketName(storage, 'Failed', 'failed');
    const { stack, reader } = setup({ failedBatchesBucket });
    expect(reader.failedBatches).toBeUndefined();
    expect(reader.failedBatchesAlarm).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 0);
  });

  it('rings when the function is half the retention behind', () => {
    expect(propertiesOf(setup().stack, 'AWS::CloudWatch::Alarm', 'FlightscountLagAlarm')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
      Threshold: 302_400_000,
    });
  });

  it('rings for a function that ends an invocation once in a quarter of an hour', () => {
    expect(propertiesOf(setup().stack, 'AWS::CloudWatch::Alarm', 'FlightscountLagAlarm')).toMatchObject({
      Period: 300,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
    });
  });

  it('rings when nobody reads the stream, once the function does', () => {
    const { stack } = setup();
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightscountUnreadAlarm')).toMatchObject({
      MetricName: 'GetRecords.Success',
      Statistic: 'Sum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 300,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
    const [, alarm] = Object.entries(resourcesOf(stack)).find(([id]) => id.includes('UnreadAlarm')) ?? [];
    expect(alarm?.DependsOn).toEqual([expect.stringMatching(/^CountKinesisEventSource/)]);
  });

  it('rings when its own consumer is not read', () => {
    const { stack } = setup({ enhancedFanOut: true });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightscountUnreadAlarm')).toMatchObject({
      MetricName: 'SubscribeToShardEvent.Success',
      Statistic: 'Sum',
    });
  });

  it('watches and binds the function behind an alias, whose metrics have the plain name', () => {
    const stack = new Stack(createApp(), 'Shop');
    const worker = createWorker(stack);
    const alias = new Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion as IVersion });
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded });
    flights.addLambdaReader('count', alias as IFunction);
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightscountLagAlarm')).toMatchObject({
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^Count/) as unknown } }],
    });
    expect(propertiesOf(stack, 'AWS::Lambda::Function', 'Count')).toMatchObject({
      Environment: { Variables: { MILLRACE_STREAM_FLIGHTS: expect.anything() as unknown } },
    });
  });

  it('is silent when its stream’s alarms are off', () => {
    const { reader } = setup({}, { alarms: false });
    expect([reader.lagAlarm, reader.failedBatchesAlarm, reader.unreadAlarm]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('reads by a consumer of its own with enhanced fan-out', () => {
    const { stack } = setup({ enhancedFanOut: true });
    expect(mapping(stack)).toMatchObject({
      EventSourceArn: {
        'Fn::GetAtt': [expect.stringMatching(/^FlightscountConsumer/), 'ConsumerARN'],
      },
    });
  });

  it('stands in the stack of a function of another stack, which then depends on the stream and not the other way round', () => {
    const app = createApp();
    const flights = new ShardedStream(new Stack(app, 'Air'), 'Flights', { record: FlightLanded });
    const shop = new Stack(app, 'Shop');
    const worker = createWorker(shop);
    const reader = flights.addLambdaReader('count', worker, { enhancedFanOut: true });
    expect(reader.node.path).toBe('Shop/Air-Flights-count');
    app.synth();
    expect(Stack.of(flights).dependencies).toEqual([]);
  });

  it('tells the function the binding of the stream', () => {
    const { stack } = setup();
    expect(propertiesOf(stack, 'AWS::Lambda::Function', 'Count')).toMatchObject({
      Environment: {
        Variables: { MILLRACE_STREAM_FLIGHTS: expect.anything() as unknown },
      },
    });
  });

  it('gives up at the age that is asked for, and at half a short retention', () => {
    expect(mapping(setup({ maxRecordAge: Duration.hours(2) }).stack)).toMatchObject({
      MaximumRecordAgeInSeconds: 7_200,
    });
    expect(mapping(setup({}, { retentionPeriod: Duration.days(1) }).stack)).toMatchObject({
      MaximumRecordAgeInSeconds: 43_200,
    });
    expect(mapping(setup({}, { retentionPeriod: Duration.days(365) }).stack)).toMatchObject({
      MaximumRecordAgeInSeconds: 604_800,
    });
  });

  it('passes batching, parallelism and position on', () => {
    const options: LambdaReaderOptions = {
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(5),
      parallelizationFactor: 4,
      retryAttempts: 0,
      startingPosition: 'LATEST',
    };
    expect(mapping(setup(options).stack)).toMatchObject({
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 5,
      ParallelizationFactor: 4,
      MaximumRetryAttempts: 0,
      StartingPosition: 'LATEST',
    });
  });

  it('filters, and warns that filters don’t see into aggregates', () => {
    const pattern = '{"data":{"t":["flight.landed"]}}';
    const { app, stack } = setup({ filters: [{ pattern }] });
    expect(mapping(stack)).toMatchObject({ FilterCriteria: { Filters: [{ Pattern: pattern }] } });
    expect(warningsOf(app)).toContain('millrace:LambdaStreamReader.filters');
  });

  it('rejects every violation at once', () => {
    const options = {
      batchSize: 0,
      maxBatchingWindow: Duration.minutes(6),
      parallelizationFactor: 11,
      retryAttempts: -1,
      maxRecordAge: Duration.days(7),
      startingPosition: 'AT_TIMESTAMP',
      enhancedFanOut: 'yes',
      filters: [],
      tumblingWindow: 1,
    } as unknown as LambdaReaderOptions;
    expect(refusalOf(() => setup(options))).toMatchInlineSnapshot(`
     "LambdaStreamReader at 'Shop/Flights/count' can't be built:
       - 'tumblingWindow' is no option: known options are alarms, alarmTopic, batchSize, enhancedFanOut, failedBatchesBucket, filters, maxBatchingWindow, maxRecordAge, parallelizationFactor, retryAttempts, startingPosition
       - enhancedFanOut must be true or false, got 'yes'
       - batchSize must be a whole number, 1 to 10000, got 0
       - maxBatchingWindow must be 0 to 300 seconds, got 6 minutes
       - parallelizationFactor must be a whole number, 1 to 10, got 11
       - retryAttempts must be a whole number, 0 to 10000, got -1
       - maxRecordAge must be 1 minute to 7 days, and below the retention of the stream, got 7 days
       - startingPosition must be one of TRIM_HORIZON, LATEST, got 'AT_TIMESTAMP'
       - filters must be a list of one filter or more, or be left out, got a list"
    `);
  });

  it('takes tokens', () => {
    const number = Token.asNumber({ Ref: 'Number' });
    const { stack } = setup({
      batchSize: number,
      retryAttempts: number,
      maxBatchingWindow: Duration.seconds(number),
    });
    const maxRecordAge = Duration.seconds(number);
    expect(mapping(stack)).toMatchObject({
      BatchSize: { Ref: 'Number' },
      MaximumRetryAttempts: { Ref: 'Number' },
      MaximumBatchingWindowInSeconds: { Ref: 'Number' },
    });
    expect(refusalOf(() => setup({ maxRecordAge }))).toContain('maxRecordAge must be known at synth');
  });
});

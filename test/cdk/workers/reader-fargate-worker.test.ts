import { Duration, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  ShardedStream,
  StreamCapacity,
  type FargateWorker,
  type ReaderFargateOptions,
  type ShardedStreamProps,
  type ReaderOptions,
} from '../../../lib/cdk/index.js';
import { FlightLanded, propertiesOf, refusalOf, resourcesOf, rightsOf } from '../declarations.js';
import { createFargateStage, type FargateStage } from '../fargate-stage.js';

interface Given {
  readonly options?: Partial<ReaderFargateOptions>;
  readonly stream?: Partial<ShardedStreamProps>;
  readonly reader?: ReaderOptions;
}

function setup({ options, stream, reader }: Given = {}): FargateStage & { readonly worker: FargateWorker } {
  const stage = createFargateStage();
  const flights = new ShardedStream(stage.stack, 'Flights', { record: FlightLanded, ...stream });
  const worker = flights.addReader('delays', reader).processWithFargate({ ...stage.given, ...options });
  return { ...stage, worker };
}

const alarm = ({ stack }: FargateStage, id: string) =>
  propertiesOf(stack, 'AWS::CloudWatch::Alarm', `FlightsdelaysWorker${id}Alarm`);
const target = ({ stack }: FargateStage) =>
  propertiesOf(
    stack,
    'AWS::ApplicationAutoScaling::ScalableTarget',
    'FlightsdelaysWorkerServiceTaskCountTarget',
  );

describe('processWithFargate of a stream reader', () => {
  it('gives the container the reader’s binding and the time our reader takes to stop', () => {
    const { stack } = setup();
    expect(
      propertiesOf(stack, 'AWS::ECS::TaskDefinition', 'FlightsdelaysWorkerTaskDefinition'),
    ).toMatchObject({
      ContainerDefinitions: [{ StopTimeout: 35, Environment: [{ Name: 'MILLRACE_READER_FLIGHTS_DELAYS' }] }],
    });
  });

  it('may do what our reader calls, and write its log', () => {
    expect(rightsOf(setup().stack)).toMatchSnapshot();
  });

  it.each<[Given, number]>([
    [{}, 4],
    [{ stream: { capacity: StreamCapacity.provisioned(2) } }, 2],
    [{ stream: { capacity: StreamCapacity.provisioned(Token.asNumber({ Ref: 'Shards' })) } }, 4],
    [{ options: { maxTasks: 9 } }, 9],
  ])('has no more tasks than shards: %#', (given, most) => {
    expect(target(setup(given))).toMatchObject({ MinCapacity: 1, MaxCapacity: most });
  });

  it('rings when nobody reads, once the service is there', () => {
    const { stack } = setup();
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsdelaysUnreadAlarm')).toMatchObject({
      MetricName: 'GetRecords.Success',
      Statistic: 'Sum',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    const [, alarm] = Object.entries(resourcesOf(stack)).find(([id]) => id.includes('UnreadAlarm')) ?? [];
    expect(alarm?.DependsOn).toContainEqual(expect.stringMatching(/^FlightsdelaysWorkerService/));
  });

  it('adds tasks while it is behind, twice as many when it is far behind', () => {
    const stage = setup();
    expect(alarm(stage, 'Behind')).toMatchObject({
      MetricName: 'GetRecords.IteratorAgeMilliseconds',
      Statistic: 'Maximum',
      Threshold: 60_000,
      EvaluationPeriods: 3,
    });
    Template.fromStack(stage.stack).hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'PercentChangeInCapacity',
        MinAdjustmentMagnitude: 1,
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 180_000, ScalingAdjustment: 25 },
          { MetricIntervalLowerBound: 180_000, ScalingAdjustment: 100 },
        ],
      },
    });
  });

  it('tries one task fewer after half an hour of keeping up', () => {
    expect(alarm(setup({ options: { acceptableLag: Duration.minutes(5) } }), 'KeepsUp')).toMatchObject({
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      Threshold: 30_000,
      EvaluationPeriods: 30,
    });
  });

  it('goes by its own lag with enhanced fan-out', () => {
    expect(alarm(setup({ reader: { enhancedFanOut: true } }), 'Behind')).toMatchObject({
      MetricName: 'SubscribeToShardEvent.MillisBehindLatest',
    });
  });

  it('rejects every violation at once', () => {
    const options = {
      minTasks: 0,
      maxTasks: 9,
      acceptableLag: Duration.seconds(1),
      acceptableLags: 1,
    } as unknown as ReaderFargateOptions;
    const stream = { capacity: StreamCapacity.provisioned(2) };
    expect(refusalOf(() => setup({ options, stream }))).toBe(
      [
        "processWithFargate of 'Shop/Flights/delays' can't be used:",
        "  - 'acceptableLags' is no option: did you mean 'acceptableLag'?",
        '  - acceptableLag must be 10 seconds to 43200 seconds, below the lag at which the alarm rings, got 1 second',
        '  - minTasks must be at least 1: a stream that nobody reads reports no lag, so nothing would ever start a task',
        '  - maxTasks must not be over the 2 shards of the stream, which one task each can read, got 9',
      ].join('\n'),
    );
  });

  it('rejects a lag over the alarm’s, and a lag that is a token', () => {
    const stream = { lagAlarmAge: Duration.minutes(10) };
    expect(refusalOf(() => setup({ stream, options: { acceptableLag: Duration.minutes(11) } }))).toContain(
      'acceptableLag must be 10 seconds to 600 seconds',
    );
    const acceptableLag = Duration.seconds(Token.asNumber({ Ref: 'Lag' }));
    expect(refusalOf(() => setup({ options: { acceptableLag } }))).toContain(
      'acceptableLag must be known at synth',
    );
  });

  it('rejects a second service of a reader', () => {
    const stage = createFargateStage();
    const reader = new ShardedStream(stage.stack, 'Flights', { record: FlightLanded }).addReader('delays');
    reader.processWithFargate(stage.given);
    expect(refusalOf(() => reader.processWithFargate(stage.given))).toContain(
      'the reader has a service already',
    );
  });
});

describe('a reader of the Kinesis Client Library', () => {
  it('has KCL’s tables and index, and no right to make tables', () => {
    const { stack } = setup({ reader: { leaseFormat: 'KCL' } });
    const template = Template.fromStack(stack);
    for (const key of ['leaseKey', 'wid', 'key']) {
      template.hasResourceProperties('AWS::DynamoDB::Table', {
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
    }
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        {
          IndexName: 'LeaseOwnerToLeaseKeyIndex',
          KeySchema: [
            { AttributeName: 'leaseOwner', KeyType: 'HASH' },
            { AttributeName: 'leaseKey', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    expect(rightsOf(stack)).toMatchSnapshot();
  });

  it('rejects another format', () => {
    const reader = { leaseFormat: 'KLC' } as unknown as ReaderOptions;
    expect(refusalOf(() => setup({ reader }))).toContain(
      "leaseFormat must be one of MILLRACE, KCL, got 'KLC': did you mean 'KCL'?",
    );
  });
});

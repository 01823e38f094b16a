import type { Stack } from 'aws-cdk-lib';
import { Duration, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  ShardedStream,
  StreamCapacity,
  type ShardedStreamProps,
  type ReaderOptions,
} from '../../../lib/cdk/index.js';
import {
  createStack,
  FlightLanded,
  propertiesOf,
  refusalOf,
  resourcesOf,
  rightsOf,
} from '../declarations.js';

function setup(props: Partial<ShardedStreamProps> = {}): {
  readonly stack: Stack;
  readonly flights: ShardedStream;
} {
  const stack = createStack();
  return {
    stack,
    flights: new ShardedStream(stack, 'Flights', {
      record: FlightLanded,
      ...props,
    }),
  };
}

const stream = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::Kinesis::Stream', 'Flights');

describe('ShardedStream', () => {
  it('scales by itself, keeps a week, and is encrypted in every Region', () => {
    expect(stream(setup().stack)).toEqual({
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RetentionPeriodHours: 168,
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    });
  });

  it('has the shards it is given', () => {
    const { stack } = setup({ capacity: StreamCapacity.provisioned(4) });
    expect(stream(stack)).toMatchObject({
      ShardCount: 4,
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
    });
  });

  it('tells its capacity and the lag that its readers are held to', () => {
    const capacity = StreamCapacity.provisioned(4);
    const { flights } = setup({ capacity, lagAlarmAge: Duration.hours(3) });
    expect(flights.capacity).toBe(capacity);
    expect(flights.lagAlarmAge.toHours()).toBe(3);
    expect(setup().flights.lagAlarmAge.toHours()).toBe(84);
  });

  it('takes records up to 10 MiB on request', () => {
    const { stack, flights } = setup({ maxRecordSize: Size.mebibytes(10) });
    expect(stream(stack)).toMatchObject({ MaxRecordSizeInKiB: 10_240 });
    expect(flights.binding.maxRecordBytes).toBe(10_485_760);
  });

  it('stays when its stack goes, unless said otherwise', () => {
    const kept = Object.values(resourcesOf(setup().stack)).find(
      ({ Type }) => Type === 'AWS::Kinesis::Stream',
    );
    expect(kept).toMatchObject({ DeletionPolicy: 'Retain' });
    const { stack } = setup({ removalPolicy: RemovalPolicy.DESTROY });
    const removed = Object.values(resourcesOf(stack)).find(({ Type }) => Type === 'AWS::Kinesis::Stream');
    expect(removed).toMatchObject({ DeletionPolicy: 'Delete' });
  });

  it.each([
    [{}, 302_400_000],
    [{ retentionPeriod: Duration.hours(24) }, 43_200_000],
    [{ lagAlarmAge: Duration.minutes(10) }, 600_000],
  ])('rings when its readers are half the retention behind, or what is given: %j', (props, threshold) => {
    expect(propertiesOf(setup(props).stack, 'AWS::CloudWatch::Alarm', 'FlightsLagAlarm')).toMatchObject({
      MetricName: 'GetRecords.IteratorAgeMilliseconds',
      Statistic: 'Maximum',
      Threshold: threshold,
      Dimensions: [
        {
          Name: 'StreamName',
          Value: { Ref: expect.stringMatching(/^Flights/) as unknown },
        },
      ],
    });
  });

  it('rings by the sum of refused puts: their average hides a hot shard', () => {
    expect(propertiesOf(setup().stack, 'AWS::CloudWatch::Alarm', 'FlightsThrottleAlarm')).toMatchObject({
      MetricName: 'WriteProvisionedThroughputExceeded',
      Statistic: 'Sum',
    });
  });

  it('lets a producer put and see the shards', () => {
    const { stack, flights } = setup();
    flights
      .grantProduce(
        new Role(stack, 'Role', {
          assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
        }),
      )
      .assertSuccess();
    expect(rightsOf(stack)).toEqual([
      'kinesis:DescribeStreamSummary on <Flights>',
      'kinesis:ListShards on <Flights>',
      'kinesis:PutRecord on <Flights>',
      'kinesis:PutRecords on <Flights>',
    ]);
  });

  it('takes tokens for what is known at deployment only', () => {
    const number = Token.asNumber({ Ref: 'Number' });
    const { stack } = setup({
      capacity: StreamCapacity.provisioned(number),
      retentionPeriod: Duration.hours(number),
    });
    expect(stream(stack)).toMatchObject({
      ShardCount: { Ref: 'Number' },
      RetentionPeriodHours: { Ref: 'Number' },
    });
  });

  it('rejects every violation at once', () => {
    const props = {
      record: 'flight',
      capacity: 4,
      retentionPeriod: Duration.hours(12),
      maxRecordSize: Size.mebibytes(11),
      lagAlarmAge: Duration.seconds(1),
      retentionPerod: 1,
    } as unknown as ShardedStreamProps;
    expect(refusalOf(() => setup(props))).toMatchInlineSnapshot(`
     "ShardedStream at 'Shop/Flights' can't be built:
       - 'retentionPerod' is no option: did you mean 'retentionPeriod'?
       - record must be what defineRecord() made, got 'flight'
       - capacity must be a StreamCapacity, such as StreamCapacity.onDemand(), got 4
       - retentionPeriod must be 24 hours to 365 days, got 12 hours
       - maxRecordSize must be 1 to 10 MiB, got 11 MiB
       - lagAlarmAge must be 1 minute to the retentionPeriod, after which the records are gone, got 1 second"
    `);
  });

  it('rejects an alarm that would ring after the records are gone', () => {
    const props = {
      retentionPeriod: Duration.days(1),
      lagAlarmAge: Duration.days(2),
    };
    expect(refusalOf(() => setup(props))).toContain('lagAlarmAge must be 1 minute to the retentionPeriod');
  });

  it.each([0, 1.5, 10_001, Number.NaN])('rejects %d shards', (shards) => {
    expect(refusalOf(() => StreamCapacity.provisioned(shards))).toContain(
      'shards must be a whole number, 1 to 10000',
    );
  });
});

describe('addReader', () => {
  it('makes a lease table with its one key', () => {
    const { stack, flights } = setup();
    const reader = flights.addReader('delays');
    expect(propertiesOf(stack, 'AWS::DynamoDB::Table', 'FlightsdelaysLeaseTable')).toMatchObject({
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    expect(flights.readers).toEqual([reader]);
  });

  it('registers a consumer for enhanced fan-out, with its own alarm', () => {
    const { stack, flights } = setup();
    const { lagAlarm } = flights.addReader('delays', { enhancedFanOut: true });
    expect(lagAlarm).toBeDefined();
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsdelaysLagAlarm')).toMatchObject({
      MetricName: 'SubscribeToShardEvent.MillisBehindLatest',
      Dimensions: [
        {
          Name: 'ConsumerName',
          Value: {
            'Fn::GetAtt': [expect.stringMatching(/^FlightsdelaysConsumer/), 'ConsumerName'],
          },
        },
        {
          Name: 'StreamName',
          Value: { Ref: expect.stringMatching(/^Flights/) as unknown },
        },
      ],
    });
  });

  it('shares the stream’s alarm without enhanced fan-out', () => {
    const { stack, flights } = setup();
    expect(flights.addReader('delays').lagAlarm).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });

  it.each([false, true])(
    'grants what our reader calls and no more, enhanced fan-out %s',
    (enhancedFanOut) => {
      const { stack, flights } = setup();
      const reader = flights.addReader('delays', { enhancedFanOut });
      reader
        .grantRead(
          new Role(stack, 'Role', {
            assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
          }),
        )
        .assertSuccess();
      expect(rightsOf(stack)).toMatchSnapshot();
    },
  );

  it('lets it use the keys of the stream and of its table', () => {
    const stack = createStack();
    const flights = new ShardedStream(stack, 'Flights', {
      record: FlightLanded,
      encryptionKey: new Key(stack, 'StreamKey'),
    });
    const reader = flights.addReader('delays', {
      encryptionKey: new Key(stack, 'TableKey'),
    });
    reader.grantRead(
      new Role(stack, 'Role', {
        assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      }),
    );
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining(['kms:Decrypt on <StreamKey>', 'kms:Decrypt on <TableKey>']),
    );
  });

  it('rejects every wrong prop at once', () => {
    const { flights } = setup();
    const props = {
      startingPosition: 'TRIM',
      enhancedFanout: true,
    } as unknown as ReaderOptions;
    expect(refusalOf(() => flights.addReader('delays', props))).toMatchInlineSnapshot(`
     "StreamReader at 'Shop/Flights/delays' can't be built:
       - 'enhancedFanout' is no option: did you mean 'enhancedFanOut'?
       - startingPosition must be one of TRIM_HORIZON, LATEST, got 'TRIM'"
    `);
  });
});

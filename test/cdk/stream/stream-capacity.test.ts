import { Duration, Size, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  ShardedStream,
  StreamCapacity,
  type ShardedStreamProps,
  type StreamWorkload,
} from '../../../lib/cdk/index.js';
import { createApp, FlightLanded, propertiesOf, refusalOf, resourcesOf } from '../declarations.js';
import { warningsOf } from '../fargate-stage.js';

const WORKLOAD: StreamWorkload = {
  recordsPerSecond: 1_000,
  recordSize: Size.kibibytes(1),
};

function setup(props: Partial<ShardedStreamProps>) {
  const app = createApp();
  const stack = new Stack(app, 'Shop');
  return {
    app,
    stack,
    flights: new ShardedStream(stack, 'Flights', {
      record: FlightLanded,
      ...props,
    }),
  };
}

describe('StreamCapacity.advantage', () => {
  it('keeps an on-demand stream warm, and warns of the account’s part', () => {
    const { app, stack } = setup({
      capacity: StreamCapacity.advantage(Size.mebibytes(100)),
    });
    expect(propertiesOf(stack, 'AWS::Kinesis::Stream', 'Flights')).toMatchObject({
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      WarmThroughputMiBps: 100,
    });
    expect(warningsOf(app)).toContain('millrace:ShardedStream.advantage');
  });

  it('takes a token in MiB', () => {
    const capacity = StreamCapacity.advantage(Size.mebibytes(100));
    expect(capacity.toString()).toBe('on demand, warm for 100 MiB a second');
    expect(
      refusalOf(() => StreamCapacity.advantage(Size.gibibytes(Token.asNumber({ Ref: 'Warm' })))),
    ).toContain('warmThroughput is known at deployment only');
  });

  it.each([Size.kibibytes(1), Size.gibibytes(11), Size.kibibytes(1_500)])('rejects %s a second', (warm) => {
    expect(refusalOf(() => StreamCapacity.advantage(warm))).toMatch(
      /warmThroughput must be (1 MiB to|whole MiB)/,
    );
  });
});

describe('StreamCapacity.forWorkload', () => {
  it('takes fixed shards for a known load, filled to 70 % at the peak', () => {
    // The peak of 2 × 1000 KiB is 1.95 shards' worth.
    const capacity = StreamCapacity.forWorkload(WORKLOAD);
    expect(capacity).toMatchObject({ mode: 'PROVISIONED', shards: 3 });
  });

  it.each<[Partial<StreamWorkload>, number]>([
    [{ peakRecordsPerSecond: 1_000 }, 2],
    [
      {
        aggregated: false,
        recordSize: Size.bytes(100),
        peakRecordsPerSecond: 5_000,
      },
      8,
    ],
    [
      {
        aggregated: true,
        recordSize: Size.bytes(100),
        peakRecordsPerSecond: 5_000,
      },
      1,
    ],
    [{ readers: 6 }, 9],
    [{ recordsPerSecond: 1 }, 1],
  ])('counts shards by bytes, by puts and by reads: %j', (workload, shards) => {
    expect(StreamCapacity.forWorkload({ ...WORKLOAD, ...workload }).shards).toBe(shards);
  });

  it('is on demand for a load that may grow without warning', () => {
    const capacity = StreamCapacity.forWorkload({
      ...WORKLOAD,
      unpredictable: true,
    });
    expect(capacity).toMatchObject({
      mode: 'ON_DEMAND',
      shards: undefined,
      warmMiBps: undefined,
    });
    expect(capacity.explain()).toContain('the load may outgrow its peak without warning');
  });

  it('is warm for the peak where the account is committed', () => {
    const workload = {
      ...WORKLOAD,
      unpredictable: true,
      advantageAccount: true,
    };
    expect(StreamCapacity.forWorkload(workload)).toMatchObject({
      mode: 'ON_DEMAND',
      warmMiBps: 2,
    });
  });

  it('is on demand where that is cheaper: hardly a record, peaks of many shards', () => {
    const workload = {
      recordsPerSecond: 1,
      recordSize: Size.kibibytes(1),
      peakRecordsPerSecond: 20_000,
    };
    expect(StreamCapacity.forWorkload(workload).mode).toBe('ON_DEMAND');
  });

  it('says why, with prices of their day', () => {
    expect(StreamCapacity.forWorkload(WORKLOAD).explain()).toMatchInlineSnapshot(
      `"3 provisioned shards: 2 MiB and 80 puts a second at the peak, shared readers: 1; that needs 3 shards at 70 % (of writes by bytes 2, by puts 0.08, of reads 0.98); about $78 a month provisioned and $379 on demand, list prices of 2026-08-21 in us-east-1; the load is known, so the cheaper fixed shards take it"`,
    );
  });

  it('writes its reasons into the template', () => {
    const capacity = StreamCapacity.forWorkload(WORKLOAD);
    const { stack } = setup({ capacity });
    const stream = Object.values(resourcesOf(stack)).find(({ Type }) => Type === 'AWS::Kinesis::Stream');
    expect(stream).toMatchObject({
      Metadata: { 'millrace:capacity': capacity.explain() },
    });
  });

  it('writes nothing for what was given', () => {
    const stream = Object.values(resourcesOf(setup({}).stack)).find(
      ({ Type }) => Type === 'AWS::Kinesis::Stream',
    );
    expect(stream).not.toHaveProperty('Metadata');
    expect(StreamCapacity.provisioned(4).explain()).toBe('4 provisioned shards, as given');
  });

  it('rejects every violation at once', () => {
    const workload = {
      recordsPerSecond: 0,
      recordSize: Size.mebibytes(11),
      peakRecordsPerSecond: -1,
      readers: 1.5,
      enhancedFanOutReaders: 21,
      retentionPeriod: Duration.hours(1),
      unpredictable: 'yes',
      burst: 3,
    } as unknown as StreamWorkload;
    expect(refusalOf(() => StreamCapacity.forWorkload(workload))).toMatchInlineSnapshot(`
     "StreamCapacity.forWorkload can't be used:
       - 'burst' is no option: known options are advantageAccount, aggregated, enhancedFanOutReaders, peakRecordsPerSecond, readers, recordsPerSecond, recordSize, retentionPeriod, unpredictable
       - recordsPerSecond must be a number of at least 0.001 (records a second), got 0
       - recordSize must be 1 byte to 10 MiB, got 11 MiB
       - peakRecordsPerSecond must be a number of at least 0 (records a second, the average or more), got -1
       - readers must be a whole number from 0 to 20 (readers), got 1.5
       - enhancedFanOutReaders must be a whole number from 0 to 20 (readers), got 21
       - retentionPeriod must be 24 hours to 365 days, got 1 hour
       - unpredictable must be true or false, got 'yes'"
    `);
  });

  it('rejects a peak below the average, and tokens', () => {
    expect(refusalOf(() => StreamCapacity.forWorkload({ ...WORKLOAD, peakRecordsPerSecond: 10 }))).toContain(
      'peakRecordsPerSecond must be a number of at least 1000',
    );
    const recordSize = Size.bytes(Token.asNumber({ Ref: 'Size' }));
    expect(refusalOf(() => StreamCapacity.forWorkload({ ...WORKLOAD, recordSize }))).toContain(
      'must be known at synth',
    );
  });
});

describe('toleratedOutage', () => {
  it('keeps records twice as long, and rings at half of that', () => {
    const { stack } = setup({ toleratedOutage: Duration.hours(60) });
    expect(propertiesOf(stack, 'AWS::Kinesis::Stream', 'Flights')).toMatchObject({
      RetentionPeriodHours: 120,
    });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsLagAlarm')).toMatchObject({
      Threshold: 216_000_000,
    });
  });

  it('rejects what no retention can give, and a retention beside it', () => {
    const refusal = refusalOf(() =>
      setup({
        toleratedOutage: Duration.hours(1),
        retentionPeriod: Duration.days(3),
      }),
    );
    expect(refusal).toContain('toleratedOutage must be 12 hours to 182 days, got 1 hour');
    expect(refusal).toContain('retentionPeriod must be left out where toleratedOutage is given');
    const token = Duration.seconds(Token.asNumber({ Ref: 'Outage' }));
    expect(refusalOf(() => setup({ toleratedOutage: token }))).toContain(
      'toleratedOutage must be known at synth',
    );
  });
});

describe('shareWith', () => {
  it('lets the readers of another account in by policy and key', () => {
    const stage = createApp();
    const stack = new Stack(stage, 'Shop');
    const encryptionKey = new Key(stack, 'Key');
    new ShardedStream(stack, 'Flights', {
      record: FlightLanded,
      encryptionKey,
    }).shareWith('111122223333');
    Template.fromStack(stack).hasResourceProperties('AWS::Kinesis::ResourcePolicy', {
      ResourcePolicy: {
        Statement: [
          {
            Action: [
              'kinesis:DescribeStreamSummary',
              'kinesis:GetRecords',
              'kinesis:GetShardIterator',
              'kinesis:ListShards',
            ],
          },
        ],
      },
    });
    expect(JSON.stringify(propertiesOf(stack, 'AWS::KMS::Key', 'Key'))).toContain('111122223333');
  });

  it('rejects what is no account, and a stream under the key of AWS', () => {
    const refusal = refusalOf(() => {
      setup({}).flights.shareWith('1111');
    });
    expect(refusal).toContain("account must be the 12 digits of an AWS account, got '1111'");
    expect(refusal).toContain('the stream needs an encryptionKey of its own');
  });
});

describe('readers that share a stream', () => {
  it('are warned of from the third on, once', () => {
    const { app, flights } = setup({});
    for (const id of ['a', 'b']) flights.addReader(id);
    flights.addReader('own', { enhancedFanOut: true });
    expect(warningsOf(app)).not.toContain('millrace:ShardedStream.sharedReaders');
    const other = setup({});
    for (const id of ['a', 'b', 'c', 'd']) other.flights.addReader(id);
    expect(warningsOf(other.app).filter((id) => id.endsWith('sharedReaders'))).toHaveLength(1);
  });
});

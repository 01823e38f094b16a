import { Duration, Size, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import {
  ShardedStream,
  type ShardedStreamProps,
  type StreamArchive,
  type StreamArchiveOptions,
} from '../../../lib/cdk/index.js';
import { warningsOf } from '../fargate-stage.js';
import { createApp, createStack, FlightLanded, propertiesOf, refusalOf, rightsOf } from '../declarations.js';

interface Setup {
  readonly stack: Stack;
  readonly flights: ShardedStream;
  readonly archive: StreamArchive;
}

function setup(
  options: StreamArchiveOptions = {},
  props: Partial<ShardedStreamProps> = {},
  stack = createStack(),
): Setup {
  const flights = new ShardedStream(stack, 'FlightsLanded', {
    record: FlightLanded,
    ...props,
  });
  const bucket = new Bucket(stack, 'Bucket');
  return { stack, flights, archive: flights.archiveTo(bucket, options) };
}

function destination({ stack }: Setup): Readonly<Record<string, unknown>> {
  const found = propertiesOf(
    stack,
    'AWS::KinesisFirehose::DeliveryStream',
    'FlightsLandedArchiveDeliveryStream',
  );
  return found['ExtendedS3DestinationConfiguration'] as Readonly<Record<string, unknown>>;
}

const alarm = ({ stack }: Setup) =>
  propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsLandedArchiveFreshnessAlarm');

describe('archiveTo', () => {
  it('writes compressed lines by the hour, and what failed to a folder of its own', () => {
    expect(destination(setup())).toMatchObject({
      BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 },
      CompressionFormat: 'GZIP',
      Prefix: 'flightslanded/!{timestamp:yyyy/MM/dd/HH}/',
      ErrorOutputPrefix: 'flightslanded-failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/',
      CloudWatchLoggingOptions: { Enabled: true },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [{ Type: 'AppendDelimiterToRecord' }],
      },
    });
  });

  it('leaves no mapping of addresses in the template that nothing looks up', () => {
    expect(Template.fromStack(setup().stack).toJSON()).not.toHaveProperty('Mappings');
  });

  it('leaves the mapping of another Firehose that looks its address up', () => {
    const { stack } = setup();
    new DeliveryStream(stack, 'Other', {
      destination: new S3Bucket(new Bucket(stack, 'OtherBucket') as IBucket),
    });
    expect(Template.fromStack(stack).toJSON()).toHaveProperty('Mappings');
  });

  it('reads the stream', () => {
    const { stack } = setup();
    Template.fromStack(stack).hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
      DeliveryStreamType: 'KinesisStreamAsSource',
    });
    expect(rightsOf(stack)).toContain('kinesis:GetRecords on <FlightsLanded>');
  });

  it('rings when records wait three times as long as they are buffered, a quarter of an hour at least', () => {
    expect(alarm(setup())).toMatchObject({
      Namespace: 'AWS/Firehose',
      MetricName: 'DeliveryToS3.DataFreshness',
      Statistic: 'Maximum',
      Threshold: 900,
      Period: 300,
      EvaluationPeriods: 1,
    });
    expect(alarm(setup({ bufferingInterval: Duration.minutes(10) }))).toMatchObject({ Threshold: 1_800 });
    expect(alarm(setup({ freshnessAlarmAge: Duration.hours(1) }))).toMatchObject({ Threshold: 3_600 });
  });

  it('has no alarm when its stream’s are off', () => {
    expect(setup({}, { alarms: false }).archive.freshnessAlarm).toBeUndefined();
  });

  it('may use the keys of the stream and of the objects', () => {
    const stack = createStack();
    setup(
      { encryptionKey: new Key(stack, 'ObjectKey') },
      { encryptionKey: new Key(stack, 'StreamKey') },
      stack,
    );
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining(['kms:Decrypt on <StreamKey>', 'kms:GenerateDataKey* on <ObjectKey>']),
    );
  });

  it('is as it is asked to be', () => {
    const options: StreamArchiveOptions = {
      prefix: 'raw/flights/',
      bufferingSize: Size.mebibytes(128),
      compression: 'NONE',
      logRetention: RetentionDays.ONE_YEAR,
    };
    const made = setup(options);
    expect(destination(made)).toMatchObject({
      BufferingHints: { SizeInMBs: 128 },
      CompressionFormat: 'UNCOMPRESSED',
      Prefix: 'raw/flights/!{timestamp:yyyy/MM/dd/HH}/',
    });
    expect(propertiesOf(made.stack, 'AWS::Logs::LogGroup', 'FlightsLandedArchiveLogs')).toMatchObject({
      RetentionInDays: 365,
    });
  });

  it('rejects every violation at once', () => {
    const options = {
      prefix: '/x',
      bufferingInterval: Duration.seconds(10),
      bufferingSize: Size.mebibytes(129),
      compression: 'BROTLI',
      freshnessAlarmAge: Duration.days(8),
      bufferInterval: 1,
    } as unknown as StreamArchiveOptions;
    expect(refusalOf(() => setup(options))).toMatchInlineSnapshot(`
     "StreamArchive at 'Shop/FlightsLanded/Archive' can't be built:
       - 'bufferInterval' is no option: did you mean 'bufferingInterval'?
       - bufferingInterval must be 1 to 15 minutes, got 10 seconds
       - bufferingSize must be 1 to 128 MiB, got 129 MiB
       - compression must be one of GZIP, ZIP, SNAPPY, NONE, got 'BROTLI'
       - freshnessAlarmAge must be 1 minute or more, and below the retention of the stream, after which the records are gone, got 8 days
       - prefix must begin with a letter or digit and hold only those and - _ . / =, got '/x'"
    `);
  });

  it('takes a token for the interval', () => {
    const bufferingInterval = Duration.seconds(Token.asNumber({ Ref: 'Seconds' }));
    const made = setup({ bufferingInterval });
    expect(destination(made)).toMatchObject({
      BufferingHints: { IntervalInSeconds: { Ref: 'Seconds' } },
    });
    expect(alarm(made)).toMatchObject({ Threshold: 900 });
  });

  it('warns of records that are larger than Firehose surely takes', () => {
    const large = createApp();
    setup({}, { maxRecordSize: Size.mebibytes(2) }, new Stack(large, 'Shop'));
    expect(warningsOf(large)).toContain('millrace:StreamArchive.largeRecords');
    const small = createApp();
    setup({}, {}, new Stack(small, 'Shop'));
    expect(warningsOf(small)).not.toContain('millrace:StreamArchive.largeRecords');
  });

  it('rejects a second archive of a stream', () => {
    const { stack, flights } = setup();
    const other = new Bucket(stack, 'Other');
    expect(refusalOf(() => flights.archiveTo(other))).toContain('the stream has an archive already');
  });
});

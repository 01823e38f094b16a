import {
  Duration,
  Size,
  Stack,
  Token,
  Validations,
  aws_cloudwatch as cloudwatch,
  aws_kinesisfirehose as firehose,
} from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createLogGroup } from '../posture/posture-log-group.js';
import { postureViolations } from '../posture/posture.js';
import { Postures } from '../posture/postures.js';
import { refuseAll } from '../../core/errors.js';
import type { StreamBinding } from '../../contract/binding.js';
import { limitOf } from '../../contract/limits.js';
import { alarmPropsOf, createAlarm, SAMPLED_PERIOD, underMonitoring } from '../alarms.js';
import type { AnyBucket } from '../any-bucket.js';
import { hoursInWords, inWords } from '../bounds.js';
import type { IBoundStream } from './bound-stream.js';
import {
  compileStreamArchive,
  type CompiledStreamArchive,
  type StreamArchiveOptions,
} from './stream-archive-options.js';

/** Properties of a {@link StreamArchive}. */
export interface StreamArchiveProps extends StreamArchiveOptions {
  /** The stream that is archived. */
  readonly stream: IBoundStream;

  /** Where the objects go. Firehose is allowed to write there. */
  readonly bucket: AnyBucket;
}

/**
 * The permanent copy of a stream: Firehose writes what it reads, one JSON record a line, into compressed objects by the
 * hour. It takes the aggregates of our producer (and of the KPL) apart. Made by `archiveTo`.
 */
export class StreamArchive extends Construct {
  /** The Firehose stream that does it. */
  readonly deliveryStream: firehose.DeliveryStream;

  /** Where Firehose says why a delivery failed. */
  readonly logGroup: LogGroup;

  /** Rings when records don't arrive in the bucket. Undefined when alarms are off. */
  readonly freshnessAlarm?: Alarm;

  private readonly settings: CompiledStreamArchive;

  constructor(scope: Construct, id: string, props: StreamArchiveProps) {
    super(scope, id);
    const { stream: source, bucket, ...given } = props;
    const { stream, binding } = source;
    const options = underMonitoring(this, given);
    const prefix = options.prefix ?? prefixOf(source.node.id);
    const { retentionHours } = binding;
    const { posture } = Postures.of(this);
    refuseAll(
      `StreamArchive at '${this.node.path}' can't be built`,
      postureViolations({ ...alarmPropsOf(options), posture }),
    );
    this.settings = compileStreamArchive({ ...options, prefix }, { path: this.node.path, retentionHours });
    this.logGroup = createLogGroup(this, 'Logs', {
      retention: this.settings.logRetention,
      encryptionKey: stream.encryptionKey,
    });
    this.deliveryStream = this.createDeliveryStream(stream, this.destinationOf(bucket, options));
    const alarm = this.createAlarm(options, retentionHours);
    if (alarm) this.freshnessAlarm = alarm;
    this.warnOfLargeRecords(binding);
  }

  /** Age of the oldest record that is not in the bucket yet, in seconds. Maximum over 5 minutes, as often as Firehose says it. */
  metricDataFreshness(props?: MetricOptions): Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Firehose',
      metricName: 'DeliveryToS3.DataFreshness',
      dimensionsMap: { DeliveryStreamName: this.deliveryStream.deliveryStreamName },
      statistic: 'Maximum',
      period: SAMPLED_PERIOD,
      ...props,
    });
  }

  private createDeliveryStream(stream: IStream, destination: firehose.S3Bucket): firehose.DeliveryStream {
    const { node } = Stack.of(this);
    const before = node.tryFindChild(CIDR_BLOCKS);
    const made = new firehose.DeliveryStream(this, 'DeliveryStream', {
      source: new firehose.KinesisStreamSource(stream),
      destination,
    });
    // The L2 maps Firehose's addresses in all Regions for security groups, which no bucket has: linters call it unused. One
    // that somebody else needs was there before, or is made anew.
    const mapping = node.tryFindChild(CIDR_BLOCKS);
    if (before === undefined && mapping !== undefined) node.tryRemoveChild(mapping.node.id);
    return made;
  }

  private warnOfLargeRecords({ maxRecordBytes }: StreamBinding): void {
    if (Token.isUnresolved(maxRecordBytes) || maxRecordBytes <= limitOf('kinesis.record.defaultBytes'))
      return;
    Validations.of(this).addWarning(
      'millrace:StreamArchive.largeRecords',
      `the stream takes records of ${maxRecordBytes} bytes, and Firehose has limits of its own for those over 1 MiB: try one before you rely on the archive, and watch ${this.settings.prefix}-failed/`,
    );
  }

  private destinationOf(bucket: AnyBucket, options: StreamArchiveOptions): firehose.S3Bucket {
    const { prefix, compression, bufferingSeconds, bufferingBytes } = this.settings;
    return new firehose.S3Bucket(bucket as IBucket, {
      bufferingInterval: Duration.seconds(bufferingSeconds),
      bufferingSize: Size.bytes(bufferingBytes),
      compression: compressionOf(compression),
      dataOutputPrefix: `${prefix}/!{timestamp:yyyy/MM/dd/HH}/`,
      errorOutputPrefix: `${prefix}-failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
      loggingConfig: new firehose.EnableLogging(this.logGroup),
      // Without it the records of an object run into one another.
      processors: [new firehose.AppendDelimiterToRecordProcessor()],
      ...(options.encryptionKey && { encryptionKey: options.encryptionKey }),
    });
  }

  private createAlarm(options: StreamArchiveOptions, retentionHours: number): Alarm | undefined {
    const { freshnessSeconds, prefix } = this.settings;
    return createAlarm(this, 'FreshnessAlarm', {
      ...alarmPropsOf(options),
      name: 'freshness',
      metric: this.metricDataFreshness(),
      threshold: freshnessSeconds,
      description: `Records of ${this.node.path} have waited ${inWords(freshnessSeconds)} for the bucket, and expire after ${hoursInWords(retentionHours)}: see the archive's log group and the objects under ${prefix}-failed/.`,
    });
  }
}

/** Id that aws-cdk-lib gives the mapping in a stack. */
const CIDR_BLOCKS = '@aws-cdk/aws-kinesisfirehose.CidrBlocks';

const compressionOf = (name: CompiledStreamArchive['compression']): firehose.Compression =>
  name === 'NONE' ? firehose.Compression.UNCOMPRESSED : firehose.Compression[name];

const prefixOf = (id: string): string => id.toLowerCase().replace(/[^a-z0-9]+/g, '-');

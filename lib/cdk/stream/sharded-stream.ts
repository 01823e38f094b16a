import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, type CfnStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import type { StreamBinding } from '../../contract/binding.js';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, type AlarmProps } from '../alarms.js';
import { hoursInWords, inWords } from '../bounds.js';
import { environmentOf, referenceTo } from '../bound-resource.js';
import {
  compileShardedStream,
  SHARDED_STREAM_DEFAULTS,
  type CompiledShardedStream,
  type ShardedStreamProps,
} from './sharded-stream-options.js';
import { underPosture } from '../posture/postures.js';
import {
  ImportedShardedStream,
  type IShardedStream,
  type ShardedStreamAttributes,
} from './imported-stream.js';
import { grantProduce } from './stream-grants.js';
import { StreamReader, type StreamReaderProps } from './stream-reader.js';

/**
 * A stream of records that keep their order per partition key, with its named readers: each with the table of its
 * leases and checkpoints, the rights it needs, and an alarm long before records expire unread.
 *
 * A plain `Stream` of the same id can be replaced by this construct: its logical id stays, so no record is lost.
 *
 * @example
 * const flights = new ShardedStream(this, 'Flights', { record: FlightLanded, capacity: StreamCapacity.provisioned(4) });
 * const delays = flights.addReader('delays');
 */
export class ShardedStream extends Construct implements IShardedStream {
  /**
   * A stream of another app, so that readers of this one can read it and producers know it.
   * @throws {INVALID_OPTIONS} with all violations at once
   */
  static fromShardedStreamAttributes(
    scope: Construct,
    id: string,
    attributes: ShardedStreamAttributes,
  ): IShardedStream {
    return new ImportedShardedStream(scope, id, attributes);
  }

  /** The stream. */
  readonly stream: Stream;

  /** Rings when the shared readers fall too far behind. Undefined when alarms are off. */
  readonly lagAlarm?: Alarm;

  /** Rings when producers are throttled for minutes. Undefined when alarms are off. */
  readonly throttleAlarm?: Alarm;

  readonly binding: StreamBinding;

  private readonly settings: CompiledShardedStream;
  private readonly alarmProps: AlarmProps;
  private readonly added: StreamReader[] = [];

  constructor(scope: Construct, id: string, given: ShardedStreamProps) {
    super(scope, id);
    const props = underPosture(this, given);
    this.settings = compileShardedStream(this.node.path, props);
    this.alarmProps = alarmPropsOf(props);
    this.stream = this.createStream(props);
    this.binding = this.describe(props.bindingName ?? id);
    const lag = this.createLagAlarm();
    const throttle = this.createThrottleAlarm();
    if (lag) this.lagAlarm = lag;
    if (throttle) this.throttleAlarm = throttle;
  }

  /** The readers added so far. */
  get readers(): readonly StreamReader[] {
    return [...this.added];
  }

  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /**
   * Adds a named reader: an application that reads the whole stream at its own pace, with its own leases and
   * checkpoints.
   * @param id the reader's name; renaming it starts it over
   * @throws {INVALID_OPTIONS} misspelt or impossible props
   */
  addReader(id: string, props: StreamReaderProps = {}): StreamReader {
    const { record, retentionHours, lagAlarmSeconds } = this.settings;
    const reader = new StreamReader(this, id, {
      ...this.alarmProps,
      ...props,
      stream: this.stream,
      streamBindingName: this.binding.name,
      record,
      retentionHours,
      lagAlarmSeconds,
    });
    this.added.push(reader);
    return reader;
  }

  /** Lets a producer put records, and use the stream's key if it has one. */
  grantProduce(grantee: IGrantable): Grant {
    return grantProduce(this.stream, grantee);
  }

  /**
   * How far the slowest shared reader is behind, in milliseconds. Maximum over 1 minute. All shared readers are in this
   * one metric; readers with enhanced fan-out have their own.
   */
  metricGetRecordsIteratorAgeMilliseconds(props?: MetricOptions): Metric {
    return this.stream.metricGetRecordsIteratorAgeMilliseconds({
      statistic: 'Maximum',
      period: ALARM_PERIOD,
      ...props,
    });
  }

  /** Puts refused since a shard had too much. Sum over 1 minute. */
  metricWriteProvisionedThroughputExceeded(props?: MetricOptions): Metric {
    return this.stream.metricWriteProvisionedThroughputExceeded({
      statistic: 'Sum',
      period: ALARM_PERIOD,
      ...props,
    });
  }

  private createStream(props: ShardedStreamProps): Stream {
    const { capacity, retentionHours, maxRecordBytes } = this.settings;
    const stream = new Stream(this, 'Default', {
      streamMode: capacity.mode,
      ...(capacity.shards !== undefined && { shardCount: capacity.shards }),
      retentionPeriod: Duration.hours(retentionHours),
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      // Said always: left out, aws-cdk-lib writes a condition on China Regions that scanners can't read.
      ...(props.encryptionKey
        ? { encryption: StreamEncryption.KMS, encryptionKey: props.encryptionKey }
        : { encryption: StreamEncryption.MANAGED }),
    });
    if (maxRecordBytes !== SHARDED_STREAM_DEFAULTS.maxRecordSize.toBytes()) {
      // Stream has no prop for this yet (aws-cdk#38719); its default child is always the CfnStream.
      (stream.node.defaultChild as CfnStream).maxRecordSizeInKiB = maxRecordBytes / 1_024;
    }
    return stream;
  }

  private describe(name: string): StreamBinding {
    return {
      v: 1,
      kind: 'stream',
      name,
      region: Stack.of(this).region,
      arn: this.stream.streamArn,
      streamName: this.stream.streamName,
      record: referenceTo(this.settings.record),
      maxRecordBytes: this.settings.maxRecordBytes,
      retentionHours: this.settings.retentionHours,
    };
  }

  private createLagAlarm(): Alarm | undefined {
    const { lagAlarmSeconds, retentionHours } = this.settings;
    return createAlarm(this, 'LagAlarm', {
      ...this.alarmProps,
      metric: this.metricGetRecordsIteratorAgeMilliseconds(),
      threshold: lagAlarmSeconds * 1_000,
      periods: 5,
      description: `A reader of ${this.node.path} is ${inWords(lagAlarmSeconds)} behind; what it has not read expires after ${hoursInWords(retentionHours)}.`,
    });
  }

  private createThrottleAlarm(): Alarm | undefined {
    return createAlarm(this, 'ThrottleAlarm', {
      ...this.alarmProps,
      metric: this.metricWriteProvisionedThroughputExceeded(),
      threshold: 1,
      periods: 5,
      description: `Producers of ${this.node.path} have been throttled for 5 minutes (capacity: ${this.settings.capacity.toString()}): add shards, or spread the partition keys.`,
    });
  }
}

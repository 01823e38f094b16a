import { Duration, RemovalPolicy, Size, Stack, Validations, aws_kinesis as kinesis } from 'aws-cdk-lib';
import type { Alarm, CompositeAlarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnStream, Stream } from 'aws-cdk-lib/aws-kinesis';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StreamBinding } from '../../contract/binding.js';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, createGeneralAlarm, type AlarmProps } from '../alarms.js';
import { hoursInWords, inWords } from '../bounds.js';
import type { AnyBucket } from '../any-bucket.js';
import { environmentOf, referenceTo } from '../bound-resource.js';
import {
  compileShardedStream,
  SHARDED_STREAM_DEFAULTS,
  type CompiledShardedStream,
  type ShardedStreamProps,
} from './sharded-stream-options.js';
import { LargeRecords } from '../mixins/large-payloads.js';
import type { AlarmPrecedence } from '../monitoring/alarm-precedence.js';
import { showOnDashboards } from '../monitoring/own-dashboard.js';
import { streamGraphs } from './stream-graphs.js';
import { settledProps } from '../settled-props.js';
import {
  ImportedShardedStream,
  type IShardedStream,
  type ShardedStreamAttributes,
} from './imported-stream.js';
import { LambdaStreamReader } from './lambda-stream-reader.js';
import type { LambdaReaderOptions } from './lambda-reader-options.js';
import { StreamArchive } from './stream-archive.js';
import type { StreamArchiveOptions } from './stream-archive-options.js';
import type { StreamCapacity } from './stream-capacity.js';
import { shareStream } from './stream-sharing.js';
import { refuseAll } from '../../core/errors.js';
import { grantProduce } from './stream-grants.js';
import { StreamReader, type ReaderOptions } from './stream-reader.js';

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

  /** What producers and functions read. Values of the deployment are tokens until then. */
  readonly binding: StreamBinding;

  private readonly settings: CompiledShardedStream;
  private readonly alarmProps: AlarmProps;
  private readonly added: StreamReader[] = [];
  private readonly lagPrecedence: AlarmPrecedence | undefined;

  constructor(scope: Construct, id: string, props: ShardedStreamProps) {
    super(scope, id);
    const settled = settledProps(this, props);
    this.settings = compileShardedStream(this.node.path, settled);
    this.alarmProps = alarmPropsOf(settled);
    this.stream = this.createStream(settled);
    this.binding = this.describe(settled.bindingName ?? id);
    const general = this.createLagAlarm();
    const [lag, throttle] = [general?.alarm, this.createThrottleAlarm()];
    this.lagPrecedence = general?.precedence;
    if (lag) this.lagAlarm = lag;
    if (throttle) this.throttleAlarm = throttle;
    showOnDashboards(this, { kind: 'Stream', graphs: streamGraphs(this.stream, { lag }) }, settled);
  }

  /** The readers added so far. */
  get readers(): readonly StreamReader[] {
    return [...this.added];
  }

  /** How far a reader may be behind before its alarm rings: the prop, or half of the retention. */
  get lagAlarmAge(): Duration {
    return Duration.seconds(this.settings.lagAlarmSeconds);
  }

  /** What it was given, or on-demand. */
  get capacity(): StreamCapacity {
    return this.settings.capacity;
  }

  /** `MILLRACE_STREAM_…` with the binding as JSON, for a container or a function that puts or reads records. */
  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /**
   * Rings in place of `lagAlarm`, unless the alarm of a function that reads the stream rings for the same lag already.
   * Undefined without such a function, and without an alarm topic or actions.
   */
  get lagComposite(): CompositeAlarm | undefined {
    return this.lagPrecedence?.composite;
  }

  /**
   * Adds a named reader: an application that reads the whole stream at its own pace, with its own leases and
   * checkpoints.
   * @param id the reader's name; renaming it starts it over
   * @throws {INVALID_OPTIONS} misspelt or impossible options
   */
  addReader(id: string, options: ReaderOptions = {}): StreamReader {
    const reader = new StreamReader(this, id, { ...this.alarmProps, ...options, stream: this });
    this.added.push(reader);
    // It has no lag alarm but the stream's.
    if (reader.consumer === undefined) this.lagPrecedence?.waitForNone();
    this.warnOfSharing();
    return reader;
  }

  /**
   * Adds a function as a reader. Lambda keeps its positions; batches it can't handle are halved, tried again finitely, and
   * kept where an alarm sees them.
   * @param id the reader's name; renaming it starts it over
   * @throws {INVALID_OPTIONS} misspelt or impossible options
   */
  addLambdaReader(id: string, worker: IFunction, options: LambdaReaderOptions = {}): LambdaStreamReader {
    // Its alarm names the function, and the function's mapping names the stream: beside a function of another stack, so
    // that the two stacks don't need each other.
    const isFar = Stack.of(worker) !== Stack.of(this);
    const home: Construct = isFar ? Stack.of(worker) : this;
    const reader = new LambdaStreamReader(home, isFar ? `${this.node.path.replaceAll('/', '-')}-${id}` : id, {
      ...this.alarmProps,
      ...options,
      stream: this,
      worker,
    });
    // With a consumer of its own it is not in the stream's metric, and its lag would hide that of others.
    if (reader.consumer === undefined) this.lagPrecedence?.waitFor(reader.lagAlarm);
    return reader;
  }

  /**
   * Keeps a copy of every record in a bucket, for good: Firehose writes compressed objects of JSON lines by the hour, and
   * an alarm sees when it falls behind.
   * @throws {INVALID_OPTIONS} misspelt or impossible options, or a second archive
   */
  archiveTo(bucket: AnyBucket, options: StreamArchiveOptions = {}): StreamArchive {
    refuseAll(
      `archiveTo of '${this.node.path}' can't be used`,
      this.node.tryFindChild('Archive') === undefined
        ? []
        : ['the stream has an archive already: replicate its bucket, or add a reader'],
    );
    return new StreamArchive(this, 'Archive', { ...this.alarmProps, ...options, stream: this, bucket });
  }

  /**
   * Lets readers of another account read this stream, by its policy and its key's. They import it with
   * `fromShardedStreamAttributes` and add their own readers.
   * @param account 12 digits
   * @throws {INVALID_OPTIONS} no account, or a stream without a key of its own
   */
  shareWith(account: string): void {
    shareStream(this, this.stream, account);
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
    const stream = new kinesis.Stream(this, 'Default', {
      streamMode: capacity.mode,
      ...(capacity.shards !== undefined && { shardCount: capacity.shards }),
      retentionPeriod: Duration.hours(retentionHours),
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      // Said always: left out, aws-cdk-lib writes a condition on China Regions that scanners can't read.
      ...(props.encryptionKey
        ? { encryption: kinesis.StreamEncryption.KMS, encryptionKey: props.encryptionKey }
        : { encryption: kinesis.StreamEncryption.MANAGED }),
    });
    if (maxRecordBytes !== SHARDED_STREAM_DEFAULTS.maxRecordSize.toBytes()) {
      stream.with(new LargeRecords(Size.bytes(maxRecordBytes)));
    }
    this.tellCapacity(stream.node.defaultChild as CfnStream);
    return stream;
  }

  private tellCapacity(resource: CfnStream): void {
    const { capacity } = this.settings;
    if (capacity.isCalculated) resource.addMetadata('millrace:capacity', capacity.explain());
    if (capacity.warmMiBps === undefined) return;
    resource.warmThroughputMiBps = capacity.warmMiBps;
    Validations.of(this).addWarning(
      'millrace:ShardedStream.advantage',
      "warm throughput needs the account's commitment to On-demand Advantage in this Region, which no template can make: aws kinesis update-account-settings --minimum-throughput-billing-commitment Status=ENABLED",
    );
  }

  private warnOfSharing(): void {
    const shared = this.added.filter(({ consumer }) => consumer === undefined);
    if (shared.length !== SHARED_READERS + 1) return;
    Validations.of(this).addWarning(
      'millrace:ShardedStream.sharedReaders',
      `${shared.length} readers share the stream: a shard gives 2 MB and 5 reads a second to all of them together, so they slow each other down; give some enhancedFanOut: true`,
    );
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

  private createLagAlarm(): ReturnType<typeof createGeneralAlarm> {
    const { lagAlarmSeconds, retentionHours } = this.settings;
    return createGeneralAlarm(this, 'LagAlarm', {
      ...this.alarmProps,
      name: 'lag',
      metric: this.metricGetRecordsIteratorAgeMilliseconds(),
      threshold: lagAlarmSeconds * 1_000,
      periods: 5,
      description: `A reader of ${this.node.path} is ${inWords(lagAlarmSeconds)} behind; what it has not read expires after ${hoursInWords(retentionHours)}.`,
    });
  }

  private createThrottleAlarm(): Alarm | undefined {
    return createAlarm(this, 'ThrottleAlarm', {
      ...this.alarmProps,
      name: 'throttles',
      metric: this.metricWriteProvisionedThroughputExceeded(),
      threshold: 1,
      periods: 5,
      description: `Producers of ${this.node.path} have been throttled for 5 minutes (capacity: ${this.settings.capacity.toString()}): add shards, or spread the partition keys.`,
    });
  }
}

/** Readers that can share a shard's five reads a second and still see a record within half a second. */
const SHARED_READERS = 2;

import { Names, aws_dynamodb as dynamodb, aws_kinesis as kinesis, type RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ReaderBinding } from '../../contract/binding.js';
import { refuseAll } from '../../core/errors.js';
import { choiceViolations, unknownNames } from '../../core/options.js';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, type AlarmProps } from '../alarms.js';
import { hoursInWords, inWords, switchViolations } from '../bounds.js';
import { environmentOf, type IBoundResource } from '../bound-resource.js';
import type { PostureProps } from '../posture/posture.js';
import { settledProps } from '../settled-props.js';
import { tablePropsOf } from '../posture/table-props.js';
import type { FargateWorker } from '../workers/fargate-worker.js';
import { attachReaderService, type ReaderFargateOptions } from '../workers/reader-fargate-worker.js';
import { READ_ACTIONS, warnOfForeignStream } from './stream-grants.js';
import type { IBoundStream } from './bound-stream.js';
import { consumerMetric } from './consumer-metric.js';
import { consumerViolations } from './consumer-place.js';
import { createKclTables, grantKcl, type KclTables } from './kcl-tables.js';
import { createUnreadAlarm } from './unread-alarm.js';
import { sharedViolations } from '../shared-props.js';
import { ITEM_ACTIONS } from '../table-actions.js';

/** How a stream is read by one application. */
export interface ReaderOptions extends AlarmProps, PostureProps {
  /**
   * Whether the reader gets 2 MB a second of every shard for itself, pushed within about 70 ms. Otherwise it shares
   * that with the other readers and polls. Billed per shard hour and GB. Wanted with more than two readers, or for low
   * latency; a stream takes 20.
   *
   * @default false
   * @see https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
   */
  readonly enhancedFanOut?: boolean;

  /**
   * Where the reader starts on a shard that it has no checkpoint for.
   *
   * @default 'TRIM_HORIZON' - at the oldest record there is, so that nothing is missed
   */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';

  /**
   * Who keeps the leases: `MILLRACE`, or `KCL` for a reader in Java on the Kinesis Client Library 3, which gets its two
   * further tables, the index of the first, and no right to make tables.
   *
   * @default 'MILLRACE'
   * @see https://docs.aws.amazon.com/streams/latest/dev/kcl-dynamoDB.html
   */
  readonly leaseFormat?: 'MILLRACE' | 'KCL';

  /**
   * A customer managed key for the lease table.
   *
   * @default - under posture `standard` the key AWS owns, free of charge; under the others the stack's key
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the lease table when the reader leaves the stack. Without it the reader starts over.
   *
   * @default - RemovalPolicy.DESTROY, under posture `regulated` RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Properties of a {@link StreamReader}. */
export interface StreamReaderProps extends ReaderOptions {
  /** The stream it reads. */
  readonly stream: IBoundStream;
}

const OPTIONS = {
  alarms: true,
  alarmTopic: true,
  encryptionKey: true,
  enhancedFanOut: true,
  leaseFormat: true,
  posture: true,
  removalPolicy: true,
  startingPosition: true,
} satisfies Record<keyof ReaderOptions, true>;

/** One application that reads a stream: its leases and checkpoints, its rights, its alarm. Made by `addReader`. */
export class StreamReader extends Construct implements IBoundResource {
  /**
   * Leases, checkpoints and the workers' heartbeats, in one table. Partition key `leaseKey`.
   */
  readonly leaseTable: Table;

  /** What KCL keeps beside it, with `leaseFormat: 'KCL'`. */
  readonly kclTables?: KclTables;

  /** The stream's registered consumer, if the reader has enhanced fan-out. */
  readonly consumer?: StreamConsumer;

  /**
   * Rings when this reader falls too far behind. Undefined when alarms are off, and without enhanced fan-out: shared
   * readers have one alarm together, the stream's.
   */
  readonly lagAlarm?: Alarm;

  /**
   * What the reader's workers read: the stream, the lease table, where to start. Values of the deployment are tokens
   * until then.
   */
  readonly binding: ReaderBinding;

  private readonly source: IBoundStream;
  private readonly alarmProps: AlarmProps;

  constructor(scope: Construct, id: string, props: StreamReaderProps) {
    super(scope, id);
    const { stream: source, ...options } = props;
    const own = settledProps(this, options);
    refuse(this, own, source);
    this.source = source;
    this.alarmProps = alarmPropsOf(own);
    const tableProps = tablePropsOf(own);
    this.leaseTable = new dynamodb.Table(this, 'LeaseTable', {
      ...tableProps,
      partitionKey: { name: 'leaseKey', type: dynamodb.AttributeType.STRING },
    });
    if (own.leaseFormat === 'KCL') this.kclTables = createKclTables(this, tableProps, this.leaseTable);
    if (own.enhancedFanOut === true) {
      // The one name there must be; made of the path, so that two copies of a stack don't collide.
      const streamConsumerName = Names.uniqueResourceName(this, { maxLength: 128, separator: '-' });
      this.consumer = new kinesis.StreamConsumer(this, 'Consumer', {
        stream: source.stream,
        streamConsumerName,
      });
    }
    this.binding = this.describe(id, own.startingPosition ?? 'TRIM_HORIZON');
    const alarm = this.createLagAlarm(own);
    if (alarm) this.lagAlarm = alarm;
  }

  /**
   * `MILLRACE_READER_…` with the binding as JSON, for the containers that read. `processWithFargate` sets it by itself.
   */
  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /**
   * Lets a worker read the stream and keep its leases and checkpoints, alone or in one transaction with its own
   * effects.
   */
  grantRead(grantee: IGrantable): Grant {
    const { stream } = this.source;
    warnOfForeignStream(this, stream, 'grantRead');
    stream.encryptionKey?.grantDecrypt(grantee);
    this.leaseTable.encryptionKey?.grantEncryptDecrypt(grantee);
    const grant = stream
      .grant(grantee, ...READ_ACTIONS)
      .combine(this.leaseTable.grant(grantee, ...LEASE_ACTIONS));
    return [
      ...(this.kclTables ? [grantKcl(grantee, this.kclTables, this.leaseTable)] : []),
      ...(this.consumer ? [this.consumer.grant(grantee, ...CONSUMER_ACTIONS)] : []),
    ].reduce((all, more) => all.combine(more), grant);
  }

  /**
   * Makes a Fargate service the reader: more tasks while it is behind, with exactly the rights of the reader, its binding
   * in their environment, and time to hand their shards over when they are stopped. An alarm rings when nobody
   * reads.
   * @throws {INVALID_OPTIONS} options out of range, no subnets to run in, or a second call
   */
  processWithFargate(options: ReaderFargateOptions): FargateWorker {
    const { capacity, lagAlarmAge, stream } = this.source;
    const lag = this.consumer
      ? this.metricMillisBehindLatest()
      : stream.metricGetRecordsIteratorAgeMilliseconds({ statistic: 'Maximum', period: ALARM_PERIOD });
    const worker = attachReaderService(this, options, {
      shards: capacity?.shards,
      lag,
      lagAlarmSeconds: lagAlarmAge.toSeconds(),
      encryptionKey: stream.encryptionKey,
      place: stream.env,
      grantRead: (grantee) => this.grantRead(grantee),
    });
    const { source, consumer } = this;
    createUnreadAlarm(this, { source, consumer, after: [worker.service] }, this.alarmProps);
    return worker;
  }

  /** How far this reader is behind, in milliseconds, where it has enhanced fan-out. Maximum over 1 minute. */
  metricMillisBehindLatest(props?: MetricOptions): Metric {
    const consumer = this.consumer ?? { streamConsumerName: this.node.id };
    return consumerMetric(this.source.stream, consumer, {
      metricName: 'SubscribeToShardEvent.MillisBehindLatest',
      statistic: 'Maximum',
      period: ALARM_PERIOD,
      ...props,
    });
  }

  private describe(id: string, startingPosition: 'TRIM_HORIZON' | 'LATEST'): ReaderBinding {
    const { stream, binding } = this.source;
    return {
      v: 1,
      kind: 'reader',
      name: `${binding.name}/${id}`,
      region: stream.env.region,
      reader: id,
      stream: { name: binding.name, arn: stream.streamArn, streamName: stream.streamName },
      record: binding.record,
      retentionHours: binding.retentionHours,
      leaseTable: this.leaseTable.tableName,
      startingPosition,
      ...(this.consumer && { consumerArn: this.consumer.streamConsumerArn }),
    };
  }

  private createLagAlarm(props: ReaderOptions): Alarm | undefined {
    if (this.consumer === undefined) return undefined;
    const { lagAlarmAge, binding } = this.source;
    const lagAlarmSeconds = lagAlarmAge.toSeconds();
    return createAlarm(this, 'LagAlarm', {
      ...alarmPropsOf(props),
      name: 'lag',
      metric: this.metricMillisBehindLatest(),
      threshold: lagAlarmSeconds * 1_000,
      periods: 5,
      description: `Reader ${this.node.path} is ${inWords(lagAlarmSeconds)} behind; what it has not read expires after ${hoursInWords(binding.retentionHours)}.`,
    });
  }
}

function refuse(reader: Construct, props: ReaderOptions, source: IBoundStream): void {
  refuseAll(`StreamReader at '${reader.node.path}' can't be built`, [
    ...unknownNames(props, Object.keys(OPTIONS)),
    ...switchViolations({ ...props }, ['enhancedFanOut']),
    ...sharedViolations(props),
    ...(props.startingPosition === undefined
      ? []
      : choiceViolations('startingPosition', props.startingPosition, ['TRIM_HORIZON', 'LATEST'])),
    ...(props.leaseFormat === undefined
      ? []
      : choiceViolations('leaseFormat', props.leaseFormat, ['MILLRACE', 'KCL'])),
    ...consumerViolations(reader, source, props),
  ]);
}

const CONSUMER_ACTIONS = ['kinesis:SubscribeToShard', 'kinesis:DescribeStreamConsumer'];

/** Scan lists the leases; the rest is item by item and in transactions. Never CreateTable: the stack made it. */
const LEASE_ACTIONS = ['dynamodb:DescribeTable', 'dynamodb:Scan', ...ITEM_ACTIONS];

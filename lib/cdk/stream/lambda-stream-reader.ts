import {
  Duration,
  Names,
  RemovalPolicy,
  Stack,
  Validations,
  aws_cloudwatch as cloudwatch,
  aws_kinesis as kinesis,
  aws_lambda as lambda,
  aws_lambda_event_sources as sources,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { KinesisEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { alarmPropsOf, ALARM_PERIOD, createAlarm, SAMPLED_PERIOD, underMonitoring } from '../alarms.js';
import { hoursInWords, inWords } from '../bounds.js';
import { createUnreadAlarm } from './unread-alarm.js';
import { isOther, isSameAccount } from '../foreign-account.js';
import { postureViolations } from '../posture/posture.js';
import { Postures, underPosture } from '../posture/postures.js';
import { consumerViolations } from './consumer-place.js';
import { functionBehind } from '../workers/function-behind.js';
import type { IBoundStream } from './bound-stream.js';
import {
  compileLambdaReader,
  type CompiledLambdaReader,
  type LambdaReaderOptions,
} from './lambda-reader-options.js';

/** Properties of a {@link LambdaStreamReader}. */
export interface LambdaStreamReaderProps extends LambdaReaderOptions {
  /** The stream it reads. */
  readonly stream: IBoundStream;

  /** The function that gets the batches. A function of this app finds the stream's binding in its environment. */
  readonly worker: IFunction;
}

/**
 * A function that reads a stream: failing batches are halved, tried again finitely, and kept. Lambda keeps the positions, so
 * there is no lease table. Made by `addLambdaReader`.
 */
export class LambdaStreamReader extends Construct {
  /** Gets the shard and sequence numbers of batches that were given up. Undefined with `failedBatchesBucket`. */
  readonly failedBatches?: Queue;

  /** The stream's registered consumer, with `enhancedFanOut`. */
  readonly consumer?: StreamConsumer;

  /** Rings when the function falls too far behind. Undefined when alarms are off. */
  readonly lagAlarm?: Alarm;

  /** Rings on the first batch that was given up. Undefined when alarms are off, and with `failedBatchesBucket`. */
  readonly failedBatchesAlarm?: Alarm;

  /**
   * Rings when the stream is not read at all, such as by a mapping that is turned off or denied. Undefined when alarms are off, and
   * for a stream of another account or Region, whose metrics are there.
   */
  readonly unreadAlarm?: Alarm;

  private readonly source: IBoundStream;

  constructor(scope: Construct, id: string, props: LambdaStreamReaderProps) {
    super(scope, id);
    const { worker, stream: source, ...given } = props;
    const options = underMonitoring(this, given);
    this.source = source;
    const compiled = compileLambdaReader(this.node.path, options, source.binding.retentionHours);
    const { posture } = Postures.of(this);
    refuseAll(`LambdaStreamReader at '${this.node.path}' can't be built`, [
      ...postureViolations({ ...options, posture }),
      ...consumerViolations(this, source, options),
    ]);
    if (options.failedBatchesBucket === undefined) this.failedBatches = this.createFailedBatches();
    if (options.enhancedFanOut === true) {
      // The one name there must be; made of the path, so that two copies of a stack don't collide.
      const streamConsumerName = Names.uniqueResourceName(this, { maxLength: 128, separator: '-' });
      this.consumer = new kinesis.StreamConsumer(this, 'Consumer', {
        stream: source.stream,
        streamConsumerName,
      });
    }
    const eventSource = this.eventSourceOf(options, compiled);
    const others = new Set(worker.node.children);
    worker.addEventSource(
      this.consumer
        ? new sources.KinesisConsumerEventSource(this.consumer, eventSource)
        : new sources.KinesisEventSource(source.stream, eventSource),
    );
    const behind = functionBehind(worker);
    if (behind instanceof lambda.Function) {
      for (const [name, value] of Object.entries(source.bindingEnvironment))
        behind.addEnvironment(name, value);
    }
    const lag = this.createLagAlarm(behind, options);
    const failed = this.createFailedBatchesAlarm(options);
    if (lag) this.lagAlarm = lag;
    if (failed) this.failedBatchesAlarm = failed;
    const mapping = worker.node.children.filter((child) => !others.has(child));
    const unread = this.createUnreadAlarm(mapping, options);
    if (unread) this.unreadAlarm = unread;
    if (options.filters) this.warnOfFilters();
  }

  private createFailedBatches(): Queue {
    const { encryptionKey: key } = this.source.stream;
    // The key of a stream of another account is not for what is kept here.
    const isOwn = key !== undefined && isSameAccount(this, key);
    const { encryptionKey, removalPolicy } = underPosture(this, isOwn ? { encryptionKey: key } : {});
    return new sqs.Queue(this, 'FailedBatches', {
      enforceSSL: true,
      removalPolicy: removalPolicy ?? RemovalPolicy.DESTROY,
      ...(encryptionKey
        ? { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
        : { encryption: sqs.QueueEncryption.SQS_MANAGED }),
      retentionPeriod: Duration.days(14),
    });
  }

  private eventSourceOf(
    options: LambdaReaderOptions,
    compiled: CompiledLambdaReader,
  ): KinesisEventSourceProps {
    const { failedBatchesBucket, filters, startingPosition } = options;
    return {
      batchSize: compiled.batchSize,
      bisectBatchOnError: true,
      maxRecordAge: Duration.seconds(compiled.maxRecordAgeSeconds),
      parallelizationFactor: compiled.parallelizationFactor,
      reportBatchItemFailures: true,
      retryAttempts: compiled.retryAttempts,
      startingPosition: lambda.StartingPosition[startingPosition ?? 'TRIM_HORIZON'],
      ...(compiled.windowSeconds !== 0 && { maxBatchingWindow: Duration.seconds(compiled.windowSeconds) }),
      ...(failedBatchesBucket && {
        onFailure: new sources.S3OnFailureDestination(failedBatchesBucket as IBucket),
      }),
      ...(this.failedBatches && { onFailure: new sources.SqsDlq(this.failedBatches) }),
      ...(filters && { filters: filters.map((filter) => ({ ...filter })) }),
    };
  }

  private createLagAlarm(worker: IFunction, options: LambdaReaderOptions): Alarm | undefined {
    const { lagAlarmAge, binding } = this.source;
    const lagAlarmSeconds = lagAlarmAge.toSeconds();
    return createAlarm(this, 'LagAlarm', {
      ...alarmPropsOf(options),
      name: 'lag',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/Lambda',
        metricName: 'IteratorAge',
        dimensionsMap: { FunctionName: worker.functionName },
        statistic: 'Maximum',
        period: SAMPLED_PERIOD,
      }),
      threshold: lagAlarmSeconds * 1_000,
      // Lambda says it at the end of an invocation, which may come only once in a quarter of an hour.
      periods: 3,
      datapoints: 1,
      description: `Function ${worker.node.path} is ${inWords(lagAlarmSeconds)} behind ${this.node.path}; what it has not read expires after ${hoursInWords(binding.retentionHours)}.`,
    });
  }

  private createUnreadAlarm(after: readonly IConstruct[], options: LambdaReaderOptions): Alarm | undefined {
    const { stream } = this.source;
    const [own, theirs] = [Stack.of(this), stream.env];
    if (isOther(theirs.account, own.account) || isOther(theirs.region, own.region)) return undefined;
    const { source, consumer } = this;
    return createUnreadAlarm(this, { source, consumer, after }, options);
  }

  private createFailedBatchesAlarm(options: LambdaReaderOptions): Alarm | undefined {
    if (this.failedBatches === undefined) return undefined;
    const { retentionHours } = this.source.binding;
    return createAlarm(this, 'FailedBatchesAlarm', {
      ...alarmPropsOf(options),
      name: 'failedBatches',
      metric: this.failedBatches.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: ALARM_PERIOD,
      }),
      threshold: 1,
      description: `${this.node.path} gave up batches; the queue says which, and the records are in the stream until they are ${hoursInWords(retentionHours)} old: mend the function and read them again.`,
    });
  }

  private warnOfFilters(): void {
    Validations.of(this).addWarning(
      'millrace:LambdaStreamReader.filters',
      'filters see Kinesis records before they are unpacked: the aggregates of millrace producers (and of the KPL) match no filter and are skipped as handled; filter in the function unless all producers put single JSON records',
    );
  }
}

import { Duration, RemovalPolicy, Token, aws_dynamodb as dynamodb, aws_sqs as sqs } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnQueue, Queue, QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { QueueBinding } from '../../contract/binding.js';
import { ALARM_PERIOD } from '../alarms.js';
import { environmentOf } from '../bound-resource.js';
import { inWords } from '../bounds.js';
import type { FargateWorker } from '../workers/fargate-worker.js';
import type { QueueFargateOptions } from '../workers/queue-fargate-options.js';
import { attachFargateWorker } from '../workers/queue-fargate-worker.js';
import type { LambdaWorkerOptions } from '../workers/lambda-worker-options.js';
import { attachLambdaWorker } from '../workers/lambda-worker.js';
import { ImportedWorkQueue, type WorkQueueAttributes } from './imported-work-queue.js';
import { describeQueue, grantWork, TTL_ATTRIBUTE, type WorkedResources } from './queue-work.js';
import { createQueueAlarms } from './queue-alarms.js';
import { QueueContents, type QueueSource } from './queue-contents.js';
import { showOnDashboards } from '../monitoring/own-dashboard.js';
import { queueGraphs } from './queue-graphs.js';
import { settledProps } from '../settled-props.js';
import { warnOfFinding } from '../told-findings.js';
import { tablePropsOf } from '../posture/table-props.js';
import { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';
import type { IWorkQueue } from './work-queue-interface.js';
import {
  compileWorkQueue,
  WORK_QUEUE_DEFAULTS,
  type CompiledWorkQueue,
  type WorkQueueWithDLQProps,
} from './work-queue-options.js';

/**
 * A queue of work with everything around it: a dead-letter queue of the same type that keeps its messages longer, long
 * polling, encryption at rest and in transit, alarms on what piles up or dies, and on request the table that keeps
 * workers from doing a message twice.
 *
 * A plain `Queue` of the same id can be replaced by this construct: its logical id stays, so nothing is lost.
 *
 * @example
 * const builds = new WorkQueueWithDLQ(this, 'Builds', { handlerTimeout: Duration.minutes(2), idempotency: true });
 * builds.grantConsume(task.taskRole);
 */
export class WorkQueueWithDLQ extends Construct implements IWorkQueue {
  /**
   * A work queue of another app, so that senders and workers of this one know it and topics can deliver to it.
   * @throws {INVALID_OPTIONS} with all violations at once
   */
  static fromWorkQueueAttributes(scope: Construct, id: string, attributes: WorkQueueAttributes): IWorkQueue {
    return new ImportedWorkQueue(scope, id, attributes);
  }

  /** The queue of work. */
  readonly queue: Queue;

  /** Where messages go that no worker could handle. */
  readonly deadLetterQueue: Queue;

  /** The table workers remember their work in, if `idempotency` is on. Partition key `pk`, TTL attribute `ttl`. */
  readonly idempotencyTable?: Table;

  /** Where payloads of this queue's senders are kept that are too large for a message, if `claimCheck` is on. */
  readonly claimCheckBucket?: Bucket;

  /** Rings on the first dead letter. Undefined when alarms are off. */
  readonly deadLetterAlarm?: Alarm;

  /**
   * Rings when three quarters of the time are gone after which dead letters may be deleted. Undefined when alarms are off,
   * and where the retentions are known at deployment only.
   */
  readonly deadLetterExpiryAlarm?: Alarm;

  /** Rings when the oldest message has waited too long. Undefined when alarms are off. */
  readonly backlogAlarm?: Alarm;

  /** Rings at 80 % of the messages that SQS lets be in flight. Undefined when alarms are off. */
  readonly inFlightAlarm?: Alarm;

  /**
   * What workers and senders read: where the queue is and how it was configured. Values of the deployment are tokens
   * until then, and subscriptions added later are in it.
   */
  readonly binding: QueueBinding;

  private readonly settings: CompiledWorkQueue;
  private readonly claimCheck: ClaimCheckBucket<Bucket> | undefined;
  private readonly worked: WorkedResources;
  private readonly contents: QueueContents;

  constructor(scope: Construct, id: string, props: WorkQueueWithDLQProps = {}) {
    super(scope, id);
    const settled = settledProps(this, props);
    this.settings = compileWorkQueue(this.node.path, settled);
    this.contents = new QueueContents(this.node.path, this.settings.accepts);
    const shared = sharedQueueProps(this.settings, settled);
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetterQueue', {
      ...shared,
      retentionPeriod: Duration.seconds(this.settings.deadLetterRetentionSeconds),
    });
    this.queue = this.createQueue(shared);
    if (settled.idempotency === true) this.idempotencyTable = this.createTable(settled);
    this.claimCheck = this.createClaimCheck(settled, settled.bindingName ?? id);
    if (this.claimCheck) this.claimCheckBucket = this.claimCheck.bucket;
    const { queue, deadLetterQueue, idempotencyTable, claimCheck } = this;
    this.worked = { queue, deadLetterQueue, idempotencyTable, claimCheck };
    this.binding = describeQueue(settled.bindingName ?? id, {
      ...this.worked,
      contents: this.contents,
      settings: this.settings,
    });
    const alarms = createQueueAlarms(this, { ...this.worked, settings: this.settings }, settled);
    if (alarms.deadLetter) this.deadLetterAlarm = alarms.deadLetter;
    if (alarms.deadLetterExpiry) this.deadLetterExpiryAlarm = alarms.deadLetterExpiry;
    if (alarms.backlog) this.backlogAlarm = alarms.backlog;
    if (alarms.inFlight) this.inFlightAlarm = alarms.inFlight;
    showOnDashboards(this, { kind: 'Queue', graphs: queueGraphs(this, alarms) }, settled);
    this.warn();
  }

  /**
   * `MILLRACE_QUEUE_…` with the binding as JSON, for a container or a function that works on the queue or sends to it.
   */
  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /** Lets a sender send messages to this queue. */
  grantSend(grantee: IGrantable): Grant {
    const grant = this.queue.grantSendMessages(grantee);
    return this.claimCheck ? grant.combine(this.claimCheck.grantStore(grantee)) : grant;
  }

  /**
   * Lets a worker do its work: receive, extend and delete, move what is hopeless to the dead-letter queue with its
   * reason, and remember what it did in the idempotency table, alone or in one transaction with its own effects.
   */
  grantConsume(grantee: IGrantable): Grant {
    this.contents.claimChecks.addReader(grantee);
    return grantWork(this.worked, grantee);
  }

  /** Lets an operator look at dead letters and send them back to this queue. */
  grantRedrive(grantee: IGrantable): Grant {
    return this.deadLetterQueue
      .grant(grantee, ...REDRIVE_ACTIONS)
      .combine(this.deadLetterQueue.grantConsumeMessages(grantee))
      .combine(this.queue.grantSendMessages(grantee));
  }

  /**
   * Makes a function the worker of this queue: partial batch responses, so that one bad message does not bring its
   * batch back, and the queue's binding in its environment.
   * @throws {INVALID_OPTIONS} the function may run longer than a message stays hidden, or options out of range
   */
  processWithLambda(worker: IFunction, options: LambdaWorkerOptions = {}): void {
    attachLambdaWorker(this, worker, options);
  }

  /**
   * Makes a Fargate service the worker of this queue: as many tasks as the backlog needs, with exactly the rights of our
   * worker, the queue's binding in their environment, and time to finish when they are stopped.
   * @throws {INVALID_OPTIONS} options out of range, no subnets to run in, or a second call
   */
  processWithFargate(options: QueueFargateOptions): FargateWorker {
    return attachFargateWorker(this, options);
  }

  /** Messages that wait. Maximum over 1 minute. */
  metricApproximateNumberOfMessagesVisible(props?: MetricOptions): Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible({ ...PEAK, ...props });
  }

  /**
   * How long the oldest message has waited. Maximum over 1 minute. On a standard queue, messages received three times
   * or more no longer count, so this does not see poison.
   */
  metricApproximateAgeOfOldestMessage(props?: MetricOptions): Metric {
    return this.queue.metricApproximateAgeOfOldestMessage({ ...PEAK, ...props });
  }

  /** Dead letters that wait for people. Maximum over 1 minute. */
  metricDeadLetters(props?: MetricOptions): Metric {
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ ...PEAK, ...props });
  }

  /** @internal */
  _learn(source: QueueSource): void {
    this.contents.add(source);
  }

  /** @internal */
  _violationsOf(source: QueueSource): string[] {
    return this.contents.violationsOf(source);
  }

  private createQueue(shared: QueueProps): Queue {
    const { visibilityTimeoutSeconds, retentionSeconds, deliveryDelaySeconds, maxReceiveCount } =
      this.settings;
    return new sqs.Queue(this, 'Default', {
      ...shared,
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
      retentionPeriod: Duration.seconds(retentionSeconds),
      deliveryDelay: Duration.seconds(deliveryDelaySeconds),
      receiveMessageWaitTime: WORK_QUEUE_DEFAULTS.receiveMessageWaitTime,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
      // The other half, naming this queue on its dead-letter queue, would be a cycle of two references.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.DENY_ALL },
    });
  }

  private createTable(props: WorkQueueWithDLQProps): Table {
    return new dynamodb.Table(this, 'IdempotencyTable', {
      ...tablePropsOf(props),
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: TTL_ATTRIBUTE,
    });
  }

  private createClaimCheck(
    props: WorkQueueWithDLQProps,
    bindingName: string,
  ): ClaimCheckBucket<Bucket> | undefined {
    const { claimCheck } = this.settings;
    const { removalPolicy, encryptionKey: ownersKey } = props;
    const owner = { owner: this.queue, ownersKey, bindingName };
    return claimCheck && ClaimCheckBucket.create(this, { ...claimCheck, ...owner, removalPolicy });
  }

  private warn(): void {
    const { fifo, retentionSeconds, deadLetterRetentionSeconds } = this.settings;
    if (Token.isUnresolved(retentionSeconds) || Token.isUnresolved(deadLetterRetentionSeconds)) return;
    if (!fifo && retentionSeconds >= deadLetterRetentionSeconds) {
      warnOfFinding(this, {
        id: 'millrace:WorkQueueWithDLQ.retentionOrder',
        words: `messages may expire in the dead-letter queue at once: on a standard queue their age counts from when they were sent, and retentionPeriod (${inWords(retentionSeconds)}) is not below deadLetterRetentionPeriod (${inWords(deadLetterRetentionSeconds)})`,
        rule: 'dead-letter-retention',
        resource: this.deadLetterQueue.node.defaultChild as CfnQueue,
      });
    }
  }
}

/** What alarms and people look at: the highest value within a minute. */
const PEAK: MetricOptions = { statistic: 'Maximum', period: ALARM_PERIOD };

const REDRIVE_ACTIONS = ['sqs:StartMessageMoveTask', 'sqs:CancelMessageMoveTask', 'sqs:ListMessageMoveTasks'];

/** What a queue and its dead-letter queue must agree on. */
function sharedQueueProps(settings: CompiledWorkQueue, props: WorkQueueWithDLQProps): QueueProps {
  return {
    maxMessageSizeBytes: settings.maxMessageBytes,
    enforceSSL: true,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    ...(props.encryptionKey
      ? { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: props.encryptionKey }
      : { encryption: sqs.QueueEncryption.SQS_MANAGED }),
    ...(settings.fifo && { fifo: true }),
    ...(settings.highThroughput && {
      deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    }),
  };
}

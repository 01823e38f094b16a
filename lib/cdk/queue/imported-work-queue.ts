import { Token, aws_dynamodb as dynamodb, aws_sqs as sqs, type Duration, type Size } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueBinding } from '../../contract/binding.js';
import type { MessageDefinition } from '../../contract/message.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { environmentOf } from '../bound-resource.js';
import { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';
import {
  compileClaimCheckAttributes,
  type ClaimCheckAttributes,
  type CompiledClaimCheckAttributes,
} from '../claim-check/claim-check-options.js';
import { warnOfForeignPayloads } from '../claim-check/foreign-payloads.js';
import { warnOfForeignUse } from '../foreign-account.js';
import type { FargateWorker } from '../workers/fargate-worker.js';
import type { LambdaWorkerOptions } from '../workers/lambda-worker-options.js';
import { attachLambdaWorker } from '../workers/lambda-worker.js';
import type { QueueFargateOptions } from '../workers/queue-fargate-options.js';
import { attachFargateWorker } from '../workers/queue-fargate-worker.js';
import { QueueContents, type QueueSource } from './queue-contents.js';
import { describeQueue, grantWork, type WorkedResources } from './queue-work.js';
import type { IWorkQueue } from './work-queue-interface.js';
import {
  compileWorkQueue,
  type CompiledWorkQueue,
  type WorkQueueWithDLQProps,
} from './work-queue-options.js';

/** What is known of a work queue that another app manages. What is left out is what `WorkQueueWithDLQ` would do. */
export interface WorkQueueAttributes {
  /** The queue. Its Region and account are read off it. */
  readonly queueArn: string;

  /** Its dead-letter queue. */
  readonly deadLetterQueueArn: string;

  /**
   * The name clients ask for.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;

  /**
   * Messages that are sent to it directly. Those that a topic of this app delivers are learned from `fanOutTo`.
   *
   * @default - none: the queue gets its messages from topics
   */
  readonly accepts?: readonly MessageDefinition[];

  /**
   * How long a handler may take there. 1 second to 12 hours.
   *
   * @default Duration.seconds(30)
   */
  readonly handlerTimeout?: Duration;

  /**
   * How long a received message stays hidden there. 1 second to 12 hours.
   *
   * @default - 6 × `handlerTimeout`, at least 30 seconds and at most 12 hours
   */
  readonly visibilityTimeout?: Duration;

  /**
   * How many receives a message gets there before SQS moves it to the dead-letter queue. 1 to 1000.
   *
   * @default 5
   */
  readonly maxReceiveCount?: number;

  /**
   * How long a message waits there for a worker. 1 minute to 14 days.
   *
   * @default Duration.days(4)
   */
  readonly retentionPeriod?: Duration;

  /**
   * The largest message it takes, attributes included. 1 KiB to 1 MiB.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxMessageSize?: Size;

  /**
   * Whether the queue is FIFO.
   *
   * @default - what the ARN's ending says; false where the ARN is known at deployment only
   */
  readonly fifo?: boolean;

  /**
   * The customer managed key of both queues, which senders and workers must be allowed to use.
   *
   * @default - none
   */
  readonly encryptionKeyArn?: string;

  /**
   * Where payloads of its senders are kept that are too large for a message.
   *
   * @default - none
   */
  readonly claimCheck?: ClaimCheckAttributes;

  /**
   * The table workers remember their work in, with partition key `pk` and TTL attribute `ttl`.
   *
   * @default - none
   */
  readonly idempotencyTableName?: string;
}

const ATTRIBUTES = {
  accepts: true,
  bindingName: true,
  claimCheck: true,
  deadLetterQueueArn: true,
  encryptionKeyArn: true,
  fifo: true,
  handlerTimeout: true,
  idempotencyTableName: true,
  maxMessageSize: true,
  maxReceiveCount: true,
  queueArn: true,
  retentionPeriod: true,
  visibilityTimeout: true,
} satisfies Record<keyof WorkQueueAttributes, true>;

/** A work queue of another app. Made by `WorkQueueWithDLQ.fromWorkQueueAttributes`. */
export class ImportedWorkQueue extends Construct implements IWorkQueue {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly binding: QueueBinding;
  private readonly worked: WorkedResources;
  private readonly contents: QueueContents;

  constructor(scope: Construct, id: string, attributes: WorkQueueAttributes) {
    super(scope, id);
    const {
      queueArn,
      deadLetterQueueArn,
      encryptionKeyArn,
      idempotencyTableName,
      claimCheck: given,
      bindingName = id,
      fifo: isFifo,
      ...props
    } = attributes;
    const fifo = isFifo ?? (!Token.isUnresolved(queueArn) && queueArn.endsWith('.fifo'));
    const { settings, claimCheck } = this.compile(attributes, { ...props, fifo }, { bindingName, given });
    const shared = { fifo, ...(encryptionKeyArn !== undefined && { keyArn: encryptionKeyArn }) };
    this.queue = sqs.Queue.fromQueueAttributes(this, 'Default', { queueArn, ...shared });
    this.deadLetterQueue = sqs.Queue.fromQueueAttributes(this, 'DeadLetterQueue', {
      queueArn: deadLetterQueueArn,
      ...shared,
    });
    const { queue, deadLetterQueue } = this;
    this.worked = {
      queue,
      deadLetterQueue,
      idempotencyTable:
        idempotencyTableName === undefined
          ? undefined
          : dynamodb.Table.fromTableName(this, 'IdempotencyTable', idempotencyTableName),
      claimCheck: claimCheck && ClaimCheckBucket.import(this, { ...claimCheck, account: queue.env.account }),
    };
    this.contents = new QueueContents(this.node.path, settings.accepts);
    this.binding = describeQueue(bindingName, { ...this.worked, contents: this.contents, settings });
  }

  private compile(
    attributes: WorkQueueAttributes,
    props: WorkQueueWithDLQProps,
    { bindingName, given }: { bindingName: string; given: ClaimCheckAttributes | undefined },
  ): { settings: CompiledWorkQueue; claimCheck: CompiledClaimCheckAttributes | undefined } {
    const unknown = unknownNames(attributes, Object.keys(ATTRIBUTES));
    refuseAll(`queue '${this.node.path}' can't be imported`, unknown);
    const settings = compileWorkQueue(this.node.path, props);
    const { maxMessageBytes } = settings;
    const claimCheck = compileClaimCheckAttributes(given, { bindingName, maxMessageBytes });
    refuseAll(`queue '${this.node.path}' can't be imported`, claimCheck.violations);
    return { settings, claimCheck: claimCheck.settings };
  }

  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  /** Allows it to the sender; a queue of another account must allow it too, and the synth says by which statements. */
  grantSend(grantee: IGrantable): Grant {
    const { queue, claimCheck } = this.worked;
    const grant = queue.grantSendMessages(grantee);
    this.warnOfUse('grantSend', queue, SEND_ACTIONS);
    warnOfForeignPayloads(this, claimCheck, { grant: 'grantSend', use: 'store' });
    return claimCheck ? grant.combine(claimCheck.grantStore(grantee)) : grant;
  }

  /** Allows it to the worker; queues of another account must allow it too, and the synth says by which statements. */
  grantConsume(grantee: IGrantable): Grant {
    this.contents.claimChecks.addReader(grantee);
    this.warnOfUse('grantConsume', this.queue, CONSUME_ACTIONS);
    this.warnOfUse('grantConsume', this.deadLetterQueue, SEND_ACTIONS);
    warnOfForeignPayloads(this, this.worked.claimCheck, { grant: 'grantConsume', use: 'fetch' });
    return grantWork(this.worked, grantee);
  }

  processWithLambda(worker: IFunction, options: LambdaWorkerOptions = {}): void {
    attachLambdaWorker(this, worker, options);
  }

  processWithFargate(options: QueueFargateOptions): FargateWorker {
    return attachFargateWorker(this, options);
  }

  /** @internal */
  _learn(source: QueueSource): void {
    this.contents.add(source);
  }

  /** @internal */
  _violationsOf(source: QueueSource): string[] {
    return this.contents.violationsOf(source);
  }

  private warnOfUse(grant: string, queue: IQueue, actions: readonly string[]): void {
    warnOfForeignUse(this, { grant, owner: queue, actions, resources: [queue.queueArn] });
    const key = queue.encryptionMasterKey;
    if (key === undefined) return;
    const keyActions = ['kms:Decrypt', ...(actions === SEND_ACTIONS ? ['kms:GenerateDataKey*'] : [])];
    warnOfForeignUse(this, { grant, owner: key, actions: keyActions, resources: ['*'] });
  }
}

const SEND_ACTIONS: readonly string[] = ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'];
const CONSUME_ACTIONS: readonly string[] = [
  'sqs:ReceiveMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueUrl',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
];

import { Token } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Queue, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueBinding } from '../../contract/binding.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { environmentOf } from '../bound-resource.js';
import { QueueContents, type QueueSource } from './queue-contents.js';
import { describeQueue, grantWork } from './queue-work.js';
import type { IWorkQueue } from './work-queue-interface.js';
import { compileWorkQueue, type WorkQueueWithDLQProps } from './work-queue-options.js';

/** What is known of a work queue that another app manages. What is left out is what `WorkQueueWithDLQ` would do. */
export interface WorkQueueAttributes extends Pick<
  WorkQueueWithDLQProps,
  | 'accepts'
  | 'bindingName'
  | 'handlerTimeout'
  | 'maxMessageSize'
  | 'maxReceiveCount'
  | 'retentionPeriod'
  | 'visibilityTimeout'
> {
  /** The queue. Its Region and account are read off it. */
  readonly queueArn: string;

  /** Its dead-letter queue. */
  readonly deadLetterQueueArn: string;

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
   * The table workers remember their work in, with partition key `pk` and TTL attribute `ttl`.
   *
   * @default - none
   */
  readonly idempotencyTableName?: string;
}

const ATTRIBUTES = {
  accepts: true,
  bindingName: true,
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
  private readonly idempotencyTable?: ITable;
  private readonly contents: QueueContents;

  constructor(scope: Construct, id: string, attributes: WorkQueueAttributes) {
    super(scope, id);
    const {
      queueArn,
      deadLetterQueueArn,
      encryptionKeyArn,
      idempotencyTableName,
      bindingName,
      fifo: isFifo,
      ...props
    } = attributes;
    refuseAll(
      `queue '${this.node.path}' can't be imported`,
      unknownNames(attributes, Object.keys(ATTRIBUTES)),
    );
    const fifo = isFifo ?? (!Token.isUnresolved(queueArn) && queueArn.endsWith('.fifo'));
    const settings = compileWorkQueue(this.node.path, { ...props, fifo });
    const shared = { fifo, ...(encryptionKeyArn !== undefined && { keyArn: encryptionKeyArn }) };
    this.queue = Queue.fromQueueAttributes(this, 'Default', { queueArn, ...shared });
    this.deadLetterQueue = Queue.fromQueueAttributes(this, 'DeadLetterQueue', {
      queueArn: deadLetterQueueArn,
      ...shared,
    });
    if (idempotencyTableName !== undefined) {
      this.idempotencyTable = Table.fromTableName(this, 'IdempotencyTable', idempotencyTableName);
    }
    this.contents = new QueueContents(this.node.path, settings.accepts);
    this.binding = describeQueue(bindingName ?? id, { ...this.parts(), contents: this.contents, settings });
  }

  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  grantSend(grantee: IGrantable): Grant {
    return this.queue.grantSendMessages(grantee);
  }

  grantConsume(grantee: IGrantable): Grant {
    return grantWork(this.parts(), grantee);
  }

  /** @internal */
  _learn(source: QueueSource): void {
    this.contents.add(source);
  }

  /** @internal */
  _violationsOf(source: QueueSource): string[] {
    return this.contents.violationsOf(source);
  }

  private parts(): { queue: IQueue; deadLetterQueue: IQueue; idempotencyTable?: ITable } {
    const { queue, deadLetterQueue, idempotencyTable } = this;
    return { queue, deadLetterQueue, ...(idempotencyTable && { idempotencyTable }) };
  }
}

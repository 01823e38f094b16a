import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { QueueBinding } from '../../contract/binding.js';
import type { IBoundResource } from '../bound-resource.js';
import type { QueueSource } from './queue-contents.js';

/** A queue of work with its dead-letter queue, of this app or imported. */
export interface IWorkQueue extends IConstruct, IBoundResource {
  /** The queue of work. */
  readonly queue: IQueue;

  /** Where messages go that no worker could handle. */
  readonly deadLetterQueue: IQueue;

  readonly binding: QueueBinding;

  /** Lets a sender send messages to this queue. */
  grantSend(grantee: IGrantable): Grant;

  /** Lets a worker receive, extend, delete, dead-letter and remember. */
  grantConsume(grantee: IGrantable): Grant;

  /**
   * Tells the queue what a topic delivers to it, so that its binding knows.
   * @internal
   */
  _learn(source: QueueSource): void;

  /**
   * What is wrong with a source, before it is learned.
   * @internal
   */
  _violationsOf(source: QueueSource): string[];
}

import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { QueueBinding } from '../../contract/binding.js';
import type { IBoundResource } from '../bound-resource.js';
import type { FargateWorker } from '../workers/fargate-worker.js';
import type { LambdaWorkerOptions } from '../workers/lambda-worker-options.js';
import type { QueueFargateOptions } from '../workers/queue-fargate-options.js';
import type { QueueSource } from './queue-contents.js';

/** A queue of work with its dead-letter queue, of this app or imported. */
export interface IWorkQueue extends IConstruct, IBoundResource {
  /** The queue of work. */
  readonly queue: IQueue;

  /** Where messages go that no worker could handle. */
  readonly deadLetterQueue: IQueue;

  /** What workers and senders read: addresses, limits, message types and how SNS delivers. */
  readonly binding: QueueBinding;

  /** Lets a sender send messages to this queue. */
  grantSend(grantee: IGrantable): Grant;

  /** Lets a worker receive, extend, delete, dead-letter and remember. */
  grantConsume(grantee: IGrantable): Grant;

  /**
   * Makes a function the worker of this queue: partial batch responses, so that one bad message does not bring its
   * batch back, and the queue's binding in its environment.
   * @throws {INVALID_OPTIONS} the function may run longer than a message stays hidden, is in another Region, or options out
   * of range
   */
  processWithLambda(worker: IFunction, options?: LambdaWorkerOptions): void;

  /**
   * Makes a Fargate service the worker of this queue: as many tasks as the backlog needs, with exactly the rights of our
   * worker, the queue's binding in their environment, and time to finish when they are stopped.
   * @throws {INVALID_OPTIONS} options out of range, no subnets to run in, a queue whose metrics can't be seen here, or a
   * second call
   */
  processWithFargate(options: QueueFargateOptions): FargateWorker;

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

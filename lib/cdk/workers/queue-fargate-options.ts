import { Duration } from 'aws-cdk-lib';
import type { FargateWorkerOptions } from './fargate-worker-options.js';

/** How a program on Fargate works on a queue, and how its tasks are counted. */
export interface QueueFargateOptions extends FargateWorkerOptions {
  /**
   * Messages that a task handles at once: the worker's `concurrency`. 1 to 1000.
   *
   * @default 10 - what our worker's `concurrency` is when nothing is said
   */
  readonly concurrency?: number;

  /**
   * How long a message may wait for a task before more tasks are wanted. 1 second to 12 hours.
   *
   * @default Duration.minutes(5)
   */
  readonly acceptableLatency?: Duration;

  /**
   * How long a handler takes on average. 1 second to 12 hours; for faster ones give `backlogPerTask`.
   *
   * @default - the queue's `handlerTimeout`: more tasks than needed rather than fewer
   */
  readonly meanHandlerTime?: Duration;

  /**
   * Messages that may wait for each task, in place of `acceptableLatency` and `meanHandlerTime`. 1 to 1000000.
   *
   * @default - acceptableLatency × concurrency ÷ meanHandlerTime
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
   */
  readonly backlogPerTask?: number;
}

/** What a worker of a queue is when nothing is said. */
export const QUEUE_FARGATE_DEFAULTS = Object.freeze({
  concurrency: 10,
  acceptableLatency: Duration.minutes(5),
  /** `drainTimeoutSeconds` and `abortGraceSeconds` of our worker. */
  drainSeconds: 28,
  maxTasks: 10,
});

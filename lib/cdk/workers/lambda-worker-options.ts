import type { Duration } from 'aws-cdk-lib';

/** How a function works on a queue. */
export interface LambdaWorkerOptions {
  /**
   * Messages per invocation. 1 to 10, or up to 10000 with a `maxBatchingWindow`; a FIFO queue gives 10 at most.
   *
   * @default 10
   */
  readonly batchSize?: number;

  /**
   * How long Lambda may wait to fill a batch. 0 to 300 seconds; not on FIFO queues.
   *
   * @default - it does not wait
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * How many invocations this queue may run at a time. 2 to 1000. Better than reserved concurrency, whose throttling
   * uses up receives and dead-letters good messages.
   *
   * @default - up to 1250, or the account's concurrency
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  readonly maxConcurrency?: number;

  /**
   * Pollers of the mapping's own, in place of `maxConcurrency`, for bursts: a poller runs up to 10 invocations at a time, and
   * more are added within seconds. Billed by the poller's hour.
   *
   * @default - the pollers that Lambda shares, which follow a burst by 300 invocations more a minute
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  readonly pollers?: LambdaPollers;
}

/** How many pollers read a queue. */
export interface LambdaPollers {
  /** Those that are always there: 2 to 200. */
  readonly min: number;

  /** The most there may be: 2 to 2000, which is aws-cdk-lib's bound (Lambda takes 10,000), and not below `min`. */
  readonly max: number;
}

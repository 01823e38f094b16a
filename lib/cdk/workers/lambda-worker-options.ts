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
}

import {
  Duration,
  Token,
  Validations,
  aws_lambda as lambda,
  aws_lambda_event_sources as sources,
} from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { limitOf } from '../../contract/limits.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { checkCount, checkSeconds, type Bounds } from '../bounds.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';
import { functionBehind } from './function-behind.js';
import { pollerViolations, warnOfPayload, warnOfReservedConcurrency } from './lambda-concurrency.js';
import type { LambdaWorkerOptions } from './lambda-worker-options.js';

const OPTIONS = {
  batchSize: true,
  maxBatchingWindow: true,
  maxConcurrency: true,
  pollers: true,
} satisfies Record<keyof LambdaWorkerOptions, true>;

/** Messages per invocation when nothing is said: the most that needs no batching window. */
const DEFAULT_BATCH_SIZE = 10;

const CONCURRENCY: Bounds = { min: 2, max: 1_000, words: '2 to 1000' };
const WINDOW: Bounds = { min: 0, max: 300, words: '0 to 300 seconds' };

/** Wires a function to a queue as its worker. */
export function attachLambdaWorker(queue: IWorkQueue, worker: IFunction, options: LambdaWorkerOptions): void {
  const { batchSize, windowSeconds } = compile(queue, worker, options);
  queue.grantConsume(worker);
  worker.addEventSource(
    new sources.SqsEventSource(queue.queue, {
      batchSize,
      reportBatchItemFailures: true,
      ...(isSet(windowSeconds) && { maxBatchingWindow: Duration.seconds(windowSeconds) }),
      ...(options.maxConcurrency !== undefined && { maxConcurrency: options.maxConcurrency }),
      ...(options.pollers && {
        provisionedPollerConfig: {
          minimumPollers: options.pollers.min,
          maximumPollers: options.pollers.max,
        },
      }),
    }),
  );
  const behind = functionBehind(worker);
  if (behind instanceof lambda.Function) {
    for (const [name, value] of Object.entries(queue.bindingEnvironment)) behind.addEnvironment(name, value);
  }
}

function compile(
  queue: IWorkQueue,
  worker: IFunction,
  options: LambdaWorkerOptions,
): { readonly batchSize: number; readonly windowSeconds: number } {
  const { fifo, visibilityTimeoutSeconds } = queue.binding;
  const window = checkSeconds('maxBatchingWindow', options.maxBatchingWindow ?? Duration.seconds(0), WINDOW);
  const largest = fifo || window.value === 0 ? DEFAULT_BATCH_SIZE : 10_000;
  const batch = checkCount('batchSize', options.batchSize ?? DEFAULT_BATCH_SIZE, {
    min: 1,
    max: largest,
    words: `1 to ${largest} here (${fifo ? 'a FIFO queue' : window.value === 0 ? 'without maxBatchingWindow' : 'with maxBatchingWindow'})`,
  });
  const concurrency =
    options.maxConcurrency === undefined
      ? []
      : checkCount('maxConcurrency', options.maxConcurrency, CONCURRENCY).violations;
  const behind = functionBehind(worker);
  const timeoutSeconds = behind instanceof lambda.Function ? behind.timeout?.toSeconds() : undefined;
  refuseAll(`processWithLambda of '${queue.node.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...window.violations,
    ...batch.violations,
    ...concurrency,
    ...pollerViolations(options),
    ...regionViolations(queue, worker),
    ...(fifo && isSet(window.value)
      ? ['maxBatchingWindow is not supported on FIFO queues: leave it out']
      : []),
    ...(timeoutSeconds !== undefined &&
    isKnown(timeoutSeconds, visibilityTimeoutSeconds) &&
    timeoutSeconds > visibilityTimeoutSeconds
      ? [
          `the function may run ${timeoutSeconds} s, but a message stays hidden ${visibilityTimeoutSeconds} s: raise the queue's handlerTimeout or visibilityTimeout, or lower the function's timeout`,
        ]
      : []),
  ]);
  warnOfShortVisibility(queue, timeoutSeconds, window.value);
  warnOfReservedConcurrency(queue, behind, options);
  warnOfPayload(queue, options.batchSize);
  return { batchSize: batch.value, windowSeconds: window.value };
}

/** Lambda polls queues of other accounts, but of no other Region. */
function regionViolations(queue: IWorkQueue, worker: IFunction): string[] {
  const [theirs, own] = [queue.queue.env.region, worker.env.region];
  return Token.isUnresolved(theirs) || Token.isUnresolved(own) || theirs === own
    ? []
    : [
        `the queue is in ${theirs} and the function in ${own}: Lambda polls queues of its own Region only, so put the function there, or a queue here`,
      ];
}

function warnOfShortVisibility(
  queue: IWorkQueue,
  timeoutSeconds: number | undefined,
  windowSeconds: number,
): void {
  const { visibilityTimeoutSeconds } = queue.binding;
  if (timeoutSeconds === undefined || !isKnown(timeoutSeconds, visibilityTimeoutSeconds, windowSeconds))
    return;
  const wanted = limitOf('lambda.visibilityFactor') * timeoutSeconds + windowSeconds;
  if (visibilityTimeoutSeconds >= wanted) return;
  Validations.of(queue).addWarning(
    'millrace:WorkQueueWithDLQ.lambdaVisibility',
    `visibilityTimeout is ${visibilityTimeoutSeconds} s, and AWS advises ${wanted} s (6 × the function's timeout of ${timeoutSeconds} s, plus the batching window), so that throttled invocations can be retried before the message comes back`,
  );
}

/** Whether there is a batching window; one that only the deployment knows is one. */
const isSet = (windowSeconds: number): boolean => Token.isUnresolved(windowSeconds) || windowSeconds > 0;

const isKnown = (...values: readonly number[]): boolean => !values.some((value) => Token.isUnresolved(value));

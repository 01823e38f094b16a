import { Token, Validations, aws_lambda as lambda } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { unknownNames } from '../../core/options.js';
import { checkCount, show } from '../bounds.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';
import { warnOfFinding } from '../told-findings.js';
import type { LambdaPollers, LambdaWorkerOptions } from './lambda-worker-options.js';

const POLLERS = { max: true, min: true } satisfies Record<keyof LambdaPollers, true>;

/** What is wrong with the pollers of a mapping. */
export function pollerViolations({ pollers, maxConcurrency }: LambdaWorkerOptions): string[] {
  const given: unknown = pollers;
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Token.isUnresolved(given))
    return [`pollers must be an object with min and max, got ${show(given)}`];
  const { min, max } = given as LambdaPollers;
  const least = checkCount('pollers.min', min, { min: 2, max: 200, words: '2 to 200' });
  const most = checkCount('pollers.max', max, { min: 2, max: 2_000, words: '2 to 2000' });
  const areNumbers = least.violations.length + most.violations.length === 0;
  return [
    ...unknownNames(given, Object.keys(POLLERS), 'pollers.'),
    ...least.violations,
    ...most.violations,
    ...(areNumbers && isKnown(min, max) && max < min
      ? [`pollers.max must not be below pollers.min (${min}), got ${max}`]
      : []),
    ...(maxConcurrency === undefined
      ? []
      : [
          'pollers and maxConcurrency exclude one another in Lambda: pollers.max is the cap, times 10 invocations',
        ]),
  ];
}

/** What the mappings made here may ask of a function, all queues together. */
const APPETITES = new WeakMap<IFunction, number[]>();

/** Lambda's own pollers go up to so many invocations. */
const UNCAPPED = 1_250;
const PER_POLLER = 10;

/**
 * Warns where mappings may ask for more than a function has reserved: what is throttled uses up receives, and good messages
 * end up dead. Lambda knows of no sum over queues.
 */
export function warnOfReservedConcurrency(
  queue: IWorkQueue,
  worker: IFunction,
  { maxConcurrency, pollers }: LambdaWorkerOptions,
): void {
  const appetite = pollers ? pollers.max * PER_POLLER : (maxConcurrency ?? UNCAPPED);
  const appetites = [...(APPETITES.get(worker) ?? []), appetite];
  APPETITES.set(worker, appetites);
  const resource = worker.node.defaultChild;
  if (!(resource instanceof lambda.CfnFunction)) return;
  const reserved = resource.reservedConcurrentExecutions;
  const sum = appetites.reduce((total, one) => total + one, 0);
  if (reserved === undefined || !isKnown(reserved, ...appetites) || sum <= reserved) return;
  warnOfFinding(queue, {
    id: 'millrace:WorkQueueWithDLQ.reservedConcurrency',
    words: `the function has ${reserved} invocations reserved, and its ${appetites.length === 1 ? 'queue' : `${appetites.length} queues`} may ask for ${sum} at a time: throttled messages use up their receives and are dead-lettered unhandled; lower maxConcurrency (their sum is what counts), or reserve more`,
    rule: 'mapping-concurrency',
    resource,
  });
}

/** What one invocation takes. */
const PAYLOAD_BYTES = 6 * 1_048_576;

/** Warns of a batch that was asked for and can't come: Lambda cuts it at what an invocation takes. */
export function warnOfPayload(queue: IWorkQueue, batchSize: number | undefined): void {
  const { maxMessageBytes } = queue.binding;
  if (batchSize === undefined || !isKnown(batchSize, maxMessageBytes)) return;
  const bytes = batchSize * maxMessageBytes;
  if (bytes <= PAYLOAD_BYTES) return;
  Validations.of(queue).addWarning(
    'millrace:WorkQueueWithDLQ.lambdaPayload',
    `${batchSize} messages of up to ${maxMessageBytes} bytes are more than the ${PAYLOAD_BYTES} bytes of one invocation: Lambda brings fewer when they are large; set maxMessageSize to what they really are (${Math.floor(PAYLOAD_BYTES / batchSize)} bytes would fit), or leave large payloads in S3 by claimCheck`,
  );
}

const isKnown = (...values: readonly number[]): boolean => !values.some((value) => Token.isUnresolved(value));

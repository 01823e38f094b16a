import { Duration, Token, Validations } from 'aws-cdk-lib';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { checkCount, checkSeconds } from '../bounds.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';
import { scaleByBacklog } from './backlog-scaling.js';
import { compileFargateWorker, type CompiledFargateWorker } from './compile-fargate-worker.js';
import { FARGATE_WORKER_OPTIONS, type FargateWorkerOptions } from './fargate-worker-options.js';
import { FargateWorker } from './fargate-worker.js';
import { networkViolations } from './worker-network.js';

/** How a program on Fargate works on a queue, and how its tasks are counted. */
export interface QueueFargateOptions extends FargateWorkerOptions {
  /**
   * Messages that a task handles at once: the worker's `concurrency`. 1 to 1000.
   *
   * @default 10 - as our worker's
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

const OPTIONS = {
  ...FARGATE_WORKER_OPTIONS,
  acceptableLatency: true,
  backlogPerTask: true,
  concurrency: true,
  meanHandlerTime: true,
} satisfies Record<keyof QueueFargateOptions, true>;

const UP_TO_12_HOURS = { min: 1, max: 43_200, words: '1 second to 12 hours' };

/** Makes the service that works on a queue. */
export function attachFargateWorker(queue: IWorkQueue, options: QueueFargateOptions): FargateWorker {
  const { compiled, violations } = compileFargateWorker(options, QUEUE_FARGATE_DEFAULTS);
  const load = loadOf(queue, options);
  const other = queue.node.tryFindChild('Worker');
  refuseAll(`processWithFargate of '${queue.node.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...violations,
    ...load.violations,
    ...(other === undefined
      ? []
      : [
          'the queue has a Fargate worker already: let it have more tasks (maxTasks), or handle more at once',
        ]),
  ]);
  refuseAll(`processWithFargate of '${queue.node.path}' can't be used`, networkViolations(options));
  const bindings = queue.bindingEnvironment;
  const worker = new FargateWorker(queue, 'Worker', { options, compiled, bindings });
  queue.grantConsume(worker);
  scaleByBacklog(worker, {
    queue: queue.queue,
    backlogPerTask: load.backlogPerTask,
    concurrency: load.concurrency,
    fromZero: Token.isUnresolved(compiled.minTasks) || compiled.minTasks === 0,
  });
  warnOfStops(worker, queue, { options, compiled });
  return worker;
}

interface Load {
  readonly backlogPerTask: number;
  readonly concurrency: number;
  readonly violations: readonly string[];
}

/** What a task can be trusted with: by Little's law, what it works off in the time a message may wait. */
function loadOf(queue: IWorkQueue, options: QueueFargateOptions): Load {
  const { backlogPerTask, acceptableLatency, meanHandlerTime } = options;
  const slots = checkCount('concurrency', options.concurrency ?? QUEUE_FARGATE_DEFAULTS.concurrency, {
    min: 1,
    max: 1_000,
    words: '1 to 1000',
  });
  if (backlogPerTask !== undefined) {
    const given = checkCount('backlogPerTask', backlogPerTask, {
      min: 1,
      max: 1_000_000,
      words: '1 to 1000000',
    });
    const others = Object.entries({ acceptableLatency, meanHandlerTime })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `${name} must be left out where backlogPerTask is given: that is made of it`);
    const violations = [
      ...slots.violations,
      ...given.violations,
      ...others,
      ...tokensIn({ backlogPerTask, concurrency: slots.value }),
    ];
    return { backlogPerTask: given.value, concurrency: slots.value, violations };
  }
  const latency = checkSeconds(
    'acceptableLatency',
    acceptableLatency ?? QUEUE_FARGATE_DEFAULTS.acceptableLatency,
    UP_TO_12_HOURS,
  );
  const mean = checkSeconds(
    'meanHandlerTime',
    meanHandlerTime ?? Duration.seconds(queue.binding.handlerTimeoutSeconds),
    UP_TO_12_HOURS,
  );
  const parts = { concurrency: slots.value, acceptableLatency: latency.value, meanHandlerTime: mean.value };
  return {
    backlogPerTask: (latency.value * slots.value) / mean.value,
    concurrency: slots.value,
    violations: [...slots.violations, ...latency.violations, ...mean.violations, ...tokensIn(parts)],
  };
}

/** Thresholds are calculated at synth. */
const tokensIn = (parts: Readonly<Record<string, number>>): string[] =>
  Object.entries(parts)
    .filter(([, value]) => Token.isUnresolved(value))
    .map(([name]) => `${name} must be known at synth: the thresholds of scaling are calculated with it`);

function warnOfStops(
  worker: FargateWorker,
  queue: IWorkQueue,
  { options, compiled }: { readonly options: QueueFargateOptions; readonly compiled: CompiledFargateWorker },
): void {
  const { handlerTimeoutSeconds } = queue.binding;
  const isLong =
    !Token.isUnresolved(handlerTimeoutSeconds) && handlerTimeoutSeconds > compiled.stopTimeoutSeconds;
  if (!isLong || options.taskProtection === true) return;
  Validations.of(worker).addWarning(
    'millrace:FargateWorker.longHandlers',
    `a handler may run ${handlerTimeoutSeconds} s and a task is killed ${compiled.stopTimeoutSeconds} s after it was told to stop: a deployment or a step in begins such messages anew (they are not lost); set taskProtection: true and protect the task while it works, or cut the work into shorter messages`,
  );
}

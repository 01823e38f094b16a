import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';
import { scaleByBacklog } from './backlog-scaling.js';
import { compileBacklogTarget } from './backlog-target.js';
import {
  compileFargateWorker,
  optionsForWork,
  type CompiledFargateWorker,
} from './compile-fargate-worker.js';
import { FARGATE_WORKER_OPTIONS } from './fargate-worker-options.js';
import { FargateWorker } from './fargate-worker.js';
import { QUEUE_FARGATE_DEFAULTS, type QueueFargateOptions } from './queue-fargate-options.js';
import { networkViolations } from './worker-network.js';

const OPTIONS = {
  ...FARGATE_WORKER_OPTIONS,
  acceptableLatency: true,
  backlogPerTask: true,
  concurrency: true,
  meanHandlerTime: true,
} satisfies Record<keyof QueueFargateOptions, true>;

/** Makes the service that works on a queue. */
export function attachFargateWorker(
  queue: IWorkQueue & Construct,
  options: QueueFargateOptions,
): FargateWorker {
  const { acceptableLatency, backlogPerTask, concurrency, meanHandlerTime, ...given } = options;
  const program = optionsForWork(given, QUEUE_FARGATE_DEFAULTS);
  const { compiled, violations } = compileFargateWorker(program);
  const load = compileBacklogTarget(options, queue.binding.handlerTimeoutSeconds);
  const other = queue.node.tryFindChild('Worker');
  refuseAll(`processWithFargate of '${queue.node.path}' can't be used`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...violations,
    ...load.violations,
    ...metricViolations(queue),
    ...(other === undefined
      ? []
      : [
          'the queue has a Fargate worker already: let it have more tasks (maxTasks), or handle more at once',
        ]),
  ]);
  refuseAll(`processWithFargate of '${queue.node.path}' can't be used`, networkViolations(options));
  const worker = new FargateWorker(queue, 'Worker', {
    ...program,
    resources: [queue],
    ...(queue.queue.encryptionMasterKey && { encryptionKey: queue.queue.encryptionMasterKey }),
  });
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

/** Tasks follow the metrics of the queue, which CloudWatch has where the queue is. */
function metricViolations(queue: IWorkQueue & Construct): string[] {
  const own = Stack.of(queue);
  return (['account', 'region'] as const)
    .filter((place) => {
      const [theirs, ours] = [queue.queue.env[place], own[place]];
      return !Token.isUnresolved(theirs) && !Token.isUnresolved(ours) && theirs !== ours;
    })
    .map(
      (place) =>
        `the queue is in another ${place} (${queue.queue.env[place]}, not ${own[place]}), whose metrics no scaling policy here can see: run the service there, or subscribe a queue here`,
    );
}

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
    `a handler may run ${handlerTimeoutSeconds} s and a task is killed ${compiled.stopTimeoutSeconds} s after it was told to stop: a deployment or a step in begins such messages anew (they are not lost); raise drainTimeout here and drainTimeoutSeconds of the worker (to 115 s at most), set taskProtection: true, which keeps ECS from stopping a task that works, or cut the work into shorter messages`,
  );
}

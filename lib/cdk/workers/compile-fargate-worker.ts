import { Duration, Token } from 'aws-cdk-lib';
import { choiceViolations } from '../../core/options.js';
import { checkCount, checkSeconds, show, switchViolations, type Checked } from '../bounds.js';
import { memoryViolations } from './fargate-sizes.js';
import { FARGATE_WORKER_DEFAULTS, type FargateWorkerOptions } from './fargate-worker-options.js';

/** What the kind of work decides where the options say nothing. */
export interface FargateWorkDefaults {
  readonly drainSeconds: number;
  readonly maxTasks: number;
}

/** A Fargate worker's decided numbers. */
export interface CompiledFargateWorker {
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly stopTimeoutSeconds: number;
}

/** The longest that Fargate waits between SIGTERM and SIGKILL. */
const MAX_STOP_SECONDS = 120;
const MAX_TASKS = 5_000;

/** The options with what the kind of work decides where they are silent. */
export function optionsForWork(
  options: FargateWorkerOptions,
  work: FargateWorkDefaults,
): FargateWorkerOptions {
  const { minTasks = FARGATE_WORKER_DEFAULTS.minTasks } = options;
  return {
    ...options,
    maxTasks: options.maxTasks ?? Math.max(work.maxTasks, minTasks),
    drainTimeout: options.drainTimeout ?? Duration.seconds(work.drainSeconds),
  };
}

/** Decides the numbers of a Fargate worker. They are only to be used when there are no violations. */
export function compileFargateWorker(options: FargateWorkerOptions): {
  readonly compiled: CompiledFargateWorker;
  readonly violations: readonly string[];
} {
  const defaults = FARGATE_WORKER_DEFAULTS;
  const cpu = options.cpu ?? defaults.cpu;
  const memory = options.memoryLimitMiB ?? (cpu === defaults.cpu ? 512 : 2 * cpu);
  const min = checkCount('minTasks', options.minTasks ?? defaults.minTasks, tasksFrom(0));
  const max = checkCount(
    'maxTasks',
    options.maxTasks ?? Math.max(defaults.maxTasks, min.value),
    tasksFrom(1),
  );
  const drain = drainOf(options);
  const isKnown = !Token.isUnresolved(min.value) && !Token.isUnresolved(max.value);
  return {
    compiled: Object.freeze({
      cpu,
      memoryLimitMiB: memory,
      minTasks: min.value,
      maxTasks: max.value,
      stopTimeoutSeconds: Math.max(drain.value + defaults.stopMarginSeconds, defaults.minStopSeconds),
    }),
    violations: [
      ...programViolations(options),
      ...memoryViolations(cpu, memory),
      ...min.violations,
      ...max.violations,
      ...(isKnown && min.value > max.value
        ? [`minTasks must not be over maxTasks (${max.value}), got ${min.value}`]
        : []),
      ...drain.violations,
      ...choicesOf(options),
    ],
  };
}

function drainOf(options: FargateWorkerOptions): Checked {
  const { stopMarginSeconds, drainSeconds } = FARGATE_WORKER_DEFAULTS;
  const longest = MAX_STOP_SECONDS - stopMarginSeconds;
  const drain = checkSeconds('drainTimeout', options.drainTimeout ?? Duration.seconds(drainSeconds), {
    min: 1,
    max: longest,
    words: `1 to ${longest} seconds, since Fargate kills a task ${MAX_STOP_SECONDS} seconds after SIGTERM at the latest`,
  });
  if (!Token.isUnresolved(drain.value)) return drain;
  return {
    value: Number.NaN,
    violations: ['drainTimeout must be known at synth: the time until the task is killed is made of it'],
  };
}

function programViolations(options: FargateWorkerOptions): string[] {
  const { image, entry, environment = {} } = options;
  const cluster: unknown = options.cluster;
  const isCluster = typeof cluster === 'object' && cluster !== null && 'clusterName' in cluster;
  return [
    ...(isCluster ? [] : [`cluster must be an ECS cluster, got ${show(cluster)}`]),
    ...((image === undefined) === (entry === undefined)
      ? [
          `one of image and entry must be given, got ${image === undefined ? 'neither' : 'both'}: entry is a source file to be bundled`,
        ]
      : []),
    ...(options.baseImage !== undefined && entry === undefined
      ? ['baseImage is for entry: an image of your own has its base already']
      : []),
    ...Object.keys(environment)
      .filter((name) => /^MILLRACE_(TOPIC|QUEUE|STREAM|READER)_/.test(name))
      .map((name) => `environment must not set '${name}': bindings are written by the constructs`),
    ...(options.logGroup !== undefined && options.logRetention !== undefined
      ? ['logRetention is for a log group of its own: set it on your logGroup']
      : []),
  ];
}

function choicesOf(options: FargateWorkerOptions): string[] {
  const { capacity, cpuArchitecture, targetCpuPercent } = options;
  return [
    ...(capacity === undefined
      ? []
      : choiceViolations('capacity', capacity, ['ON_DEMAND', 'SPOT', 'SPOT_ABOVE_MINIMUM'])),
    ...(cpuArchitecture === undefined
      ? []
      : choiceViolations('cpuArchitecture', cpuArchitecture, ['X86_64', 'ARM64'])),
    ...(targetCpuPercent === undefined
      ? []
      : checkCount('targetCpuPercent', targetCpuPercent, { min: 10, max: 90, words: '10 to 90' }).violations),
    ...switchViolations({ ...options }, ['assignPublicIp', 'readonlyRootFilesystem', 'taskProtection']),
  ];
}

const tasksFrom = (min: number): { readonly min: number; readonly max: number; readonly words: string } => ({
  min,
  max: MAX_TASKS,
  words: `${min} to ${MAX_TASKS}`,
});

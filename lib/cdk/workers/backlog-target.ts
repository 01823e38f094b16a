import { Duration, Token } from 'aws-cdk-lib';
import { checkCount, checkSeconds, type Bounds, type Checked } from '../bounds.js';
import { QUEUE_FARGATE_DEFAULTS, type QueueFargateOptions } from './queue-fargate-options.js';

const UP_TO_12_HOURS: Bounds = { min: 1, max: 43_200, words: '1 second to 12 hours' };

/** What the tasks of a queue are counted by. Only to be used when there are no violations. */
export interface BacklogTarget {
  /** Messages that may wait for each task. */
  readonly backlogPerTask: number;
  /** Messages that a task handles at once. */
  readonly concurrency: number;
  readonly violations: readonly string[];
}

/** What a task can be trusted with: by Little's law, what it works off in the time a message may wait. */
export function compileBacklogTarget(
  options: QueueFargateOptions,
  handlerTimeoutSeconds: number,
): BacklogTarget {
  const slots = checkCount('concurrency', options.concurrency ?? QUEUE_FARGATE_DEFAULTS.concurrency, {
    min: 1,
    max: 1_000,
    words: '1 to 1000',
  });
  const target =
    options.backlogPerTask === undefined
      ? calculated(options, { slots: slots.value, handlerTimeoutSeconds })
      : given(options, options.backlogPerTask);
  return {
    backlogPerTask: target.value,
    concurrency: slots.value,
    violations: [...slots.violations, ...tokensIn({ concurrency: slots.value }), ...target.violations],
  };
}

function given({ acceptableLatency, meanHandlerTime }: QueueFargateOptions, backlogPerTask: number): Checked {
  const target = checkCount('backlogPerTask', backlogPerTask, {
    min: 1,
    max: 1_000_000,
    words: '1 to 1000000',
  });
  const others = Object.entries({ acceptableLatency, meanHandlerTime })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `${name} must be left out where backlogPerTask is given: that is made of it`);
  return { ...target, violations: [...target.violations, ...tokensIn({ backlogPerTask }), ...others] };
}

function calculated(
  { acceptableLatency, meanHandlerTime }: QueueFargateOptions,
  { slots, handlerTimeoutSeconds }: { readonly slots: number; readonly handlerTimeoutSeconds: number },
): Checked {
  const latency = checkSeconds(
    'acceptableLatency',
    acceptableLatency ?? QUEUE_FARGATE_DEFAULTS.acceptableLatency,
    UP_TO_12_HOURS,
  );
  const mean = checkSeconds(
    'meanHandlerTime',
    meanHandlerTime ?? Duration.seconds(handlerTimeoutSeconds),
    UP_TO_12_HOURS,
  );
  const parts = { acceptableLatency: latency.value, meanHandlerTime: mean.value };
  return {
    value: (latency.value * slots) / mean.value,
    violations: [...latency.violations, ...mean.violations, ...tokensIn(parts)],
  };
}

/** Thresholds are calculated at synth. */
const tokensIn = (parts: Readonly<Record<string, number>>): string[] =>
  Object.entries(parts)
    .filter(([, value]) => Token.isUnresolved(value))
    .map(([name]) => `${name} must be known at synth: the thresholds of scaling are calculated with it`);

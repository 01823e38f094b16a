import {
  Duration,
  Names,
  aws_applicationautoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
} from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { FargateWorker } from './fargate-worker.js';
import {
  addScalingStep,
  expressionOf,
  runningTasksOf,
  trackedMetricsOf,
  type MetricSource,
  type MetricSources,
} from './scaling-metrics.js';

/** How the tasks of a queue are counted. */
export interface BacklogScaling {
  readonly queue: IQueue;
  /** Messages that may wait for each task. */
  readonly backlogPerTask: number;
  /** Messages that a task handles at once. */
  readonly concurrency: number;
  /** Whether there may be no task at all. */
  readonly fromZero: boolean;
}

/** Share of its target at which the remaining tasks would still be at ease. */
const EASE = 0.75;

/** Minutes for which fewer tasks must have been enough. */
const CALM_MINUTES = 15;

/**
 * Out by the messages that wait for each task, in by those that wait or are being handled, and from zero by the first.
 *
 * Out and in look at different things on purpose. What is in flight needs no further task; but to see only what waits would
 * stop tasks while they work. The step in is taken when the tasks that remain could carry everything at three quarters of
 * their target, so that it doesn't lead to the next step out.
 */
export function scaleByBacklog(worker: FargateWorker, scaling: BacklogScaling): void {
  const sources = sourcesOf(worker, scaling.queue);
  new autoscaling.CfnScalingPolicy(worker, 'BacklogPolicy', {
    policyName: Names.uniqueResourceName(worker, { maxLength: 200, separator: '-' }),
    policyType: 'TargetTrackingScaling',
    scalingTargetId: worker.scaling.scalableTargetRef.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: scaling.backlogPerTask,
      disableScaleIn: true,
      scaleOutCooldown: 60,
      customizedMetricSpecification: {
        metrics: trackedMetricsOf('visible / IF(running > 0, running, 1)', sources),
      },
    },
  });
  scaleIn(worker, scaling);
  if (scaling.fromZero) scaleFromZero(worker, scaling);
}

function scaleIn(worker: FargateWorker, { queue, backlogPerTask, concurrency }: BacklogScaling): void {
  const sources = { ...sourcesOf(worker, queue), inflight: depthOf(queue, 'NotVisible') };
  addScalingStep(worker, 'ScaleIn', {
    // The last task goes only when nothing at all is left: anything divided by so little is over every threshold.
    when: expressionOf('(visible + inflight) / IF(running > 1, running - 1, 0.000001)', sources),
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: EASE * Math.max(backlogPerTask, concurrency),
    minutes: CALM_MINUTES,
    adjustmentType: autoscaling.AdjustmentType.CHANGE_IN_CAPACITY,
    adjustments: [{ from: 0, change: -1 }],
    cooldown: Duration.minutes(2),
    description: `One task fewer of ${worker.node.path} could carry everything that waits or is being handled; a scaling policy acts on it.`,
  });
}

/** Target tracking multiplies the tasks there are, and nothing times anything is nothing. */
function scaleFromZero(worker: FargateWorker, { queue }: BacklogScaling): void {
  addScalingStep(worker, 'FromZero', {
    when: expressionOf('IF(running > 0, 0, visible)', sourcesOf(worker, queue)),
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    minutes: 1,
    adjustmentType: autoscaling.AdjustmentType.CHANGE_IN_CAPACITY,
    adjustments: [{ from: 0, change: 1 }],
    // A task takes about a minute to start, and until then there is still none.
    cooldown: Duration.minutes(3),
    description: `Messages wait and ${worker.node.path} has no task; a scaling policy acts on it.`,
  });
}

/** A service without tasks sends no sample at all: the queue's own samples stand in for its zero. */
const sourcesOf = (worker: FargateWorker, queue: IQueue): MetricSources => ({
  visible: depthOf(queue, 'Visible'),
  tasks: runningTasksOf(worker),
  none: 'visible * 0',
  running: 'SUM([tasks, none])',
});

const depthOf = (queue: IQueue, which: 'Visible' | 'NotVisible'): MetricSource => ({
  namespace: 'AWS/SQS',
  metricName: `ApproximateNumberOfMessages${which}`,
  dimensions: { QueueName: queue.queueName },
  statistic: 'Maximum',
});

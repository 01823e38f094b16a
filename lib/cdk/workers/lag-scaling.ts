import {
  Duration,
  aws_applicationautoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
} from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateWorker } from './fargate-worker.js';
import { addScalingStep } from './scaling-metrics.js';

/** How the tasks of a stream's reader are counted. */
export interface LagScaling {
  /** How far the reader is behind, in milliseconds. */
  readonly lag: Metric;
  readonly acceptableLagSeconds: number;
}

/** Times the acceptable lag at which a quarter more tasks are not enough. */
const FAR_BEHIND = 4;

/**
 * Out while the reader is behind for longer than it may be, in after half an hour of keeping up. Lag is no measure of how
 * many tasks are needed (one task too few and ten too few both fall behind), so it moves in steps and tracks no target.
 */
export function scaleByLag(worker: FargateWorker, { lag, acceptableLagSeconds }: LagScaling): void {
  const threshold = acceptableLagSeconds * 1_000;
  const far = (FAR_BEHIND - 1) * threshold;
  addScalingStep(worker, 'Behind', {
    when: lag,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold,
    minutes: 3,
    adjustmentType: autoscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
    adjustments: [
      { from: 0, to: far, change: 25 },
      { from: far, change: 100 },
    ],
    // New tasks first take shards over; until they have caught up the lag says nothing new.
    cooldown: Duration.minutes(5),
    description: `${worker.node.path} is ${acceptableLagSeconds} s behind its stream; a scaling policy acts on it.`,
  });
  addScalingStep(worker, 'KeepsUp', {
    when: lag,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: threshold / 10,
    minutes: 30,
    adjustmentType: autoscaling.AdjustmentType.CHANGE_IN_CAPACITY,
    adjustments: [{ from: 0, change: -1 }],
    cooldown: Duration.minutes(10),
    description: `${worker.node.path} has kept up with its stream for half an hour; a scaling policy tries one task fewer.`,
  });
}

import {
  aws_applicationautoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
} from 'aws-cdk-lib';
import type { AdjustmentType, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { ComparisonOperator, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib';
import { ALARM_PERIOD } from '../alarms.js';
import type { FargateWorker } from './fargate-worker.js';

/** One CloudWatch metric, as both an alarm and a scaling policy can be told it. */
export interface MetricSource {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Maximum' | 'SampleCount';
}

/** Named metrics, and expressions of those named before them. */
export type MetricSources = Readonly<Record<string, MetricSource | string>>;

/** A step that an alarm takes. */
export interface ScalingStep {
  readonly when: Metric | MathExpression;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** Minutes in a row. */
  readonly minutes: number;
  readonly adjustmentType: AdjustmentType;
  /** Each from how far over (or under) the threshold, and what to do there. */
  readonly adjustments: readonly { readonly from: number; readonly to?: number; readonly change: number }[];
  readonly cooldown: Duration;
  readonly description: string;
}

/**
 * The running tasks of a service, in ECS's free metrics: each task sends one sample a minute. Container Insights has the
 * number as a metric of its own, for a fee and only where it is turned on.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
 */
export function runningTasksOf({ service }: FargateWorker): MetricSource {
  return {
    namespace: 'AWS/ECS',
    metricName: 'CPUUtilization',
    dimensions: { ClusterName: service.cluster.clusterName, ServiceName: service.serviceName },
    statistic: 'SampleCount',
  };
}

/** A metric for alarms. */
export const metricOf = ({ dimensions, ...source }: MetricSource): Metric =>
  new cloudwatch.Metric({ ...source, dimensionsMap: { ...dimensions }, period: ALARM_PERIOD });

/** An expression for alarms. */
export function expressionOf(expression: string, sources: MetricSources): MathExpression {
  const named: Record<string, Metric | MathExpression> = {};
  const compose = (text: string): MathExpression => {
    const words = new Set(text.match(/[a-z]\w*/g));
    const used = Object.entries(named).filter(([name]) => words.has(name));
    return new cloudwatch.MathExpression({
      expression: text,
      usingMetrics: Object.fromEntries(used),
      period: ALARM_PERIOD,
    });
  };
  for (const [name, source] of Object.entries(sources)) {
    named[name] = typeof source === 'string' ? compose(source) : metricOf(source);
  }
  return compose(expression);
}

/** An expression for target tracking, which aws-cdk-lib's own classes refuse (aws-cdk#20659). */
export const trackedMetricsOf = (
  expression: string,
  sources: MetricSources,
): CfnScalingPolicy.TargetTrackingMetricDataQueryProperty[] => [
  ...Object.entries(sources).map(([id, source]) =>
    typeof source === 'string'
      ? { id, expression: source, returnData: false }
      : { id, metricStat: statOf(source), returnData: false },
  ),
  { id: 'tracked', expression, returnData: true },
];

const statOf = ({
  namespace,
  metricName,
  dimensions,
  statistic,
}: MetricSource): CfnScalingPolicy.TargetTrackingMetricStatProperty => ({
  metric: {
    namespace,
    metricName,
    dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
  },
  stat: statistic,
});

/** Makes an alarm change the number of tasks. */
export function addScalingStep(worker: FargateWorker, id: string, step: ScalingStep): void {
  const action = new autoscaling.StepScalingAction(worker, `${id}Policy`, {
    scalingTarget: worker.scaling,
    adjustmentType: step.adjustmentType,
    cooldown: step.cooldown,
    // A percentage of one task is no task.
    ...(step.adjustments.some(({ change }) => Math.abs(change) > 1) && { minAdjustmentMagnitude: 1 }),
  });
  for (const { from, to, change } of step.adjustments) {
    const isUpwards = change > 0;
    action.addAdjustment({
      adjustment: change,
      ...(isUpwards ? { lowerBound: from } : { upperBound: from }),
      ...(to !== undefined && { upperBound: to }),
    });
  }
  const alarm = new cloudwatch.Alarm(worker, `${id}Alarm`, {
    metric: step.when,
    threshold: step.threshold,
    comparisonOperator: step.comparison,
    evaluationPeriods: step.minutes,
    datapointsToAlarm: step.minutes,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmDescription: step.description,
  });
  alarm.addAlarmAction(new actions.ApplicationScalingAction(action));
}

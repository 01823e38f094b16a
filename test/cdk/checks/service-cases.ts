import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { AdjustmentType, CfnScalingPolicy, Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import {
  FargateService,
  FargateTaskDefinition,
  ContainerImage,
  type ScalableTaskCount,
} from 'aws-cdk-lib/aws-ecs';
import { QueueProcessingFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { createFargateStage } from '../fargate-stage.js';
import type { CasesOfRule } from './cases-of-rule.js';

/** A worker's service by hand. */
function createService(
  stack: Stack,
  { minCapacity = 1, stopTimeout = 30, receives = true } = {},
): { readonly scaling: ScalableTaskCount; readonly queue: Queue } {
  const { given } = createFargateStage(stack);
  const queue = new Queue(stack, 'Work');
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('Worker', {
    image: ContainerImage.fromRegistry('example/worker'),
    stopTimeout: Duration.seconds(stopTimeout),
  });
  if (receives) queue.grantConsumeMessages(taskDefinition.taskRole);
  else queue.grantSendMessages(taskDefinition.taskRole);
  const service = new FargateService(stack, 'Service', { cluster: given.cluster, taskDefinition });
  return { queue, scaling: service.autoScaleTaskCount({ minCapacity, maxCapacity: 10 }) };
}

/** aws-cdk-lib's own pattern, with all its defaults. */
const usePattern = (stack: Stack): unknown =>
  new QueueProcessingFargateService(stack, 'Pattern', {
    cluster: createFargateStage(stack).given.cluster,
    image: ContainerImage.fromRegistry('example/worker'),
  });

/** Messages per task, as AWS's guide has it. */
function trackBacklog(stack: Stack, { scaling }: ReturnType<typeof createService>, expression: string): void {
  const { resourceId: scalingTargetId } = scaling.scalableTargetRef;
  new CfnScalingPolicy(stack, 'Backlog', {
    policyName: 'backlog',
    policyType: 'TargetTrackingScaling',
    scalingTargetId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: 10,
      customizedMetricSpecification: { metrics: [{ id: 'perTask', expression, returnData: true }] },
    },
  });
}

const byCpu = (stack: Stack, props: Parameters<typeof createService>[1]): void => {
  createService(stack, props).scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
};

export const SERVICE_CASES: readonly CasesOfRule[] = [
  {
    rule: 'worker-scaling',
    broken: [
      {
        when: 'CPU takes tasks away',
        build: (stack) => byCpu(stack, {}),
        says: 'takes tasks away by ECSServiceAverageCPUUtilization: tasks that wait for others are idle while messages of Work wait',
      },
      {
        when: 'aws-cdk-lib’s pattern scales by CPU beside the queue',
        build: usePattern,
        says: 'and two policies pull against each other',
      },
    ],
    fine: [
      {
        when: 'a service that only sends scales by CPU',
        build: (stack) => byCpu(stack, { receives: false }),
      },
      {
        when: 'CPU only adds tasks',
        build: (stack) => {
          const { scaling } = createService(stack);
          scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50, disableScaleIn: true });
        },
      },
      {
        when: 'our worker looks at CPU too',
        build: (stack) => {
          const { given } = createFargateStage(stack);
          new WorkQueueWithDLQ(stack, 'Work').processWithFargate({ ...given, targetCpuPercent: 60 });
        },
      },
    ],
  },
  {
    rule: 'worker-scale-in',
    broken: [
      {
        when: 'aws-cdk-lib’s pattern looks at waiting messages only',
        build: usePattern,
        says: 'takes tasks away when few messages wait',
      },
    ],
    fine: [
      {
        when: 'messages in flight are counted',
        build: (stack) => {
          const { scaling, queue } = createService(stack);
          scaling.scaleOnMetric('Depth', {
            metric: queue.metricApproximateNumberOfMessagesNotVisible(),
            adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
            scalingSteps: [
              { upper: 0, change: -1 },
              { lower: 100, change: 1 },
            ],
          });
        },
      },
    ],
  },
  {
    rule: 'worker-from-zero',
    broken: [
      {
        when: 'CPU is all that is measured',
        build: (stack) => byCpu(stack, { minCapacity: 0 }),
        says: 'may have 0 tasks, and all its policies measure what only a running task has',
      },
      {
        when: 'messages are divided by no tasks',
        build: (stack) => trackBacklog(stack, createService(stack, { minCapacity: 0 }), 'visible / running'),
        says: 'may have 0 tasks',
      },
    ],
    fine: [
      {
        when: 'no tasks are thought of',
        build: (stack) =>
          trackBacklog(
            stack,
            createService(stack, { minCapacity: 0 }),
            'visible / IF(running > 0, running, 1)',
          ),
      },
      { when: 'there is a task', build: (stack) => byCpu(stack, {}) },
      {
        when: 'a schedule starts tasks',
        build: (stack) => {
          const { scaling } = createService(stack, { minCapacity: 0 });
          scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
          scaling.scaleOnSchedule('Morning', { schedule: Schedule.cron({ hour: '8' }), minCapacity: 1 });
        },
      },
    ],
  },
  {
    rule: 'worker-stop-limit',
    broken: [
      {
        when: 'a container wants more than two minutes',
        build: (stack) => createService(stack, { stopTimeout: 300 }),
        says: 'wants 300 s from SIGTERM to the kill, Fargate gives 120',
      },
    ],
    fine: [
      {
        when: 'it wants two minutes',
        build: (stack) => createService(stack, { stopTimeout: 120 }),
      },
      {
        when: 'the service receives from no queue',
        build: (stack) => createService(stack, { stopTimeout: 300, receives: false }),
      },
    ],
  },
];

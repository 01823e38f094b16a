import { referencesIn } from './references.js';
import { allowedOn } from './role-rights.js';
import {
  listOf,
  numberOf,
  objectOf,
  type Json,
  type TemplateGraph,
  type TemplateResource,
} from './template-graph.js';
import { statementsOfTask, workersOf } from './worker-facts.js';

/** An ECS service whose tasks receive from queues of this app, whoever made it. */
export interface QueueServiceFacts {
  readonly service: TemplateResource;
  readonly task: TemplateResource;
  readonly queues: readonly TemplateResource[];
  /** How its number of tasks may change; undefined where nothing changes it. */
  readonly scaling?: ScalingFacts | undefined;
}

/** How the number of tasks of a service may change. */
export interface ScalingFacts {
  /** The scalable target. */
  readonly target: TemplateResource;
  readonly minTasks: number | undefined;
  readonly policies: readonly TemplateResource[];
}

/** All services that receive from queues: by the rights of their tasks, or by a binding. */
export function queueServicesOf(graph: TemplateGraph): readonly QueueServiceFacts[] {
  const bound = workersOf(graph).filter(({ kind }) => kind === 'queue');
  return graph.ofType('AWS::ECS::Service').flatMap((service) => {
    const task = graph.follow(service.properties['TaskDefinition'], service.stack);
    if (task === undefined) return [];
    const named = bound.flatMap(({ resource, worksOn }) =>
      resource === task && worksOn !== undefined ? [worksOn] : [],
    );
    const allowed = allowedOn(statementsOfTask(graph, task) ?? [], 'sqs:ReceiveMessage');
    const queues = [...named, ...allowed].filter(({ type }) => type === 'AWS::SQS::Queue');
    if (queues.length === 0) return [];
    return [{ service, task, queues: [...new Set(queues)], scaling: scalingOf(graph, service) }];
  });
}

function scalingOf(graph: TemplateGraph, service: TemplateResource): ScalingFacts | undefined {
  const target = graph
    .ofType('AWS::ApplicationAutoScaling::ScalableTarget')
    .find((candidate) =>
      referencesIn(graph, candidate.properties['ResourceId'], candidate).includes(service),
    );
  if (target === undefined) return undefined;
  return {
    target,
    minTasks: numberOf(target.properties['MinCapacity'], Number.NaN),
    policies: graph
      .ofType('AWS::ApplicationAutoScaling::ScalingPolicy')
      .filter(({ properties, stack }) => graph.follow(properties['ScalingTargetId'], stack) === target),
  };
}

/** What a policy keeps to a target: AWS's own metric by name, or an expression over several. */
export interface TrackingFacts {
  /** Such as `ECSServiceAverageCPUUtilization`. */
  readonly predefined: string | undefined;
  readonly expressions: readonly string[];
  readonly isScalingIn: boolean;
}

/** What a policy tracks; undefined for one that moves in steps. */
export function trackingOf({ properties }: TemplateResource): TrackingFacts | undefined {
  const tracking = properties['TargetTrackingScalingPolicyConfiguration'];
  if (tracking === undefined) return undefined;
  const { PredefinedMetricSpecification, CustomizedMetricSpecification, DisableScaleIn } = objectOf(tracking);
  const predefined = objectOf(PredefinedMetricSpecification)['PredefinedMetricType'];
  return {
    predefined: typeof predefined === 'string' ? predefined : undefined,
    expressions: listOf(objectOf(CustomizedMetricSpecification)['Metrics'])
      .map((query) => objectOf(query)['Expression'])
      .filter((expression) => typeof expression === 'string'),
    isScalingIn: DisableScaleIn !== true,
  };
}

/** Whether a policy's steps take tasks away. */
export const stepsDown = ({ properties }: TemplateResource): boolean =>
  listOf(objectOf(properties['StepScalingPolicyConfiguration'])['StepAdjustments']).some(
    (step: Json) => (numberOf(objectOf(step)['ScalingAdjustment'], 0) ?? 0) < 0,
  );

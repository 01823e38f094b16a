import { factsByResource } from './fact-tables.js';
import { metricsOf } from './metric-facts.js';
import { referencesIn } from './references.js';
import { listOf, numberOf, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** One alarm of the app. */
export interface AlarmFacts {
  readonly resource: TemplateResource;
  /** Names of the metrics it looks at, in its expressions too. */
  readonly metrics: readonly string[];
  readonly threshold: number | undefined;
}

/** Alarms with a dimension that names this resource. Those that only change a number of tasks tell nobody, and are left out. */
export const alarmsOn = factsByResource((graph) =>
  graph
    .ofType('AWS::CloudWatch::Alarm')
    .filter((alarm) => !isForScaling(graph, alarm))
    .flatMap((resource) => {
      const metrics = metricsOf(resource);
      const alarm: AlarmFacts = {
        resource,
        metrics: metrics.map(({ name }) => name),
        threshold: numberOf(resource.properties['Threshold'], Number.NaN),
      };
      return metrics
        .flatMap(({ dimensions }) => dimensions)
        .map((value) => [graph.follow(value, resource.stack), alarm] as const);
    }),
);

/** Whether an alarm looks at one of these metrics. */
export const watches = (alarm: AlarmFacts, metrics: readonly string[]): boolean =>
  alarm.metrics.some((metric) => metrics.includes(metric));

function isForScaling(graph: TemplateGraph, { properties, stack }: TemplateResource): boolean {
  const actions = listOf(properties['AlarmActions']);
  return (
    actions.length > 0 &&
    actions.every(
      (action) => graph.follow(action, stack)?.type === 'AWS::ApplicationAutoScaling::ScalingPolicy',
    )
  );
}

/** Whether a composite alarm with actions looks at this one. */
export const isHeardThroughOthers = (graph: TemplateGraph, alarm: TemplateResource): boolean =>
  compositesOf(graph, alarm).length > 0;

const compositesOf = factsByResource((graph) =>
  graph
    .ofType('AWS::CloudWatch::CompositeAlarm')
    .filter(({ properties }) => listOf(properties['AlarmActions']).length > 0)
    .flatMap((composite) =>
      referencesIn(graph, composite.properties['AlarmRule'], composite).map(
        (alarm) => [alarm, composite] as const,
      ),
    ),
);

/** Topics of this app that alarms publish to. */
export function alarmTopicsOf(graph: TemplateGraph): readonly TemplateResource[] {
  const targets = graph
    .ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm')
    .flatMap((alarm) =>
      ['AlarmActions', 'OKActions', 'InsufficientDataActions']
        .flatMap((name) => listOf(alarm.properties[name]))
        .map((action) => graph.follow(action, alarm.stack)),
    )
    .filter((target) => target?.type === 'AWS::SNS::Topic');
  return [...new Set(targets)].filter((target) => target !== undefined);
}

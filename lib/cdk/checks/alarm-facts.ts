import { metricsOf, type MetricFacts } from './metric-facts.js';
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
export function alarmsOn(graph: TemplateGraph, watched: TemplateResource): readonly AlarmFacts[] {
  return graph
    .ofType('AWS::CloudWatch::Alarm')
    .filter((alarm) => metricsOf(alarm).some((metric) => names(graph, metric, alarm, watched)))
    .filter((alarm) => !isForScaling(graph, alarm))
    .map((resource) => ({
      resource,
      metrics: metricsOf(resource).map(({ name }) => name),
      threshold: numberOf(resource.properties['Threshold'], Number.NaN),
    }));
}

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
export function isHeardThroughOthers(graph: TemplateGraph, alarm: TemplateResource): boolean {
  return graph
    .ofType('AWS::CloudWatch::CompositeAlarm')
    .filter(({ properties }) => listOf(properties['AlarmActions']).length > 0)
    .some((composite) => referencesIn(graph, composite.properties['AlarmRule'], composite).includes(alarm));
}

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

/** Whether one of a metric's dimensions is the resource. */
const names = (
  graph: TemplateGraph,
  { dimensions }: MetricFacts,
  alarm: TemplateResource,
  watched: TemplateResource,
): boolean => dimensions.some((value) => graph.follow(value, alarm.stack) === watched);

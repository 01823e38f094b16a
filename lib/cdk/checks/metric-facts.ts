import { listOf, objectOf, type Json, type TemplateResource } from './template-graph.js';

/** One metric that an alarm looks at, alone or in an expression. */
export interface MetricFacts {
  readonly namespace: string;
  readonly name: string;
  /** Such as `Maximum`; undefined for a percentile. */
  readonly statistic: string | undefined;
  /** Values of its dimensions, which mostly are references. */
  readonly dimensions: readonly Json[];
}

/** The alarm's own metric, or those of its expressions. */
export function metricsOf({ properties }: TemplateResource): readonly MetricFacts[] {
  if (properties['MetricName'] !== undefined) return [metricFacts(properties, properties['Statistic'])];
  return listOf(properties['Metrics']).flatMap((query) => {
    const { Metric, Stat } = objectOf(objectOf(query)['MetricStat']);
    return Metric === undefined ? [] : [metricFacts(Metric, Stat)];
  });
}

function metricFacts(metric: Json, statistic: Json): MetricFacts {
  const { Namespace, MetricName, Dimensions } = objectOf(metric);
  return {
    namespace: String(Namespace),
    name: String(MetricName),
    statistic: typeof statistic === 'string' ? statistic : undefined,
    dimensions: listOf(Dimensions).map((dimension) => objectOf(dimension)['Value']),
  };
}

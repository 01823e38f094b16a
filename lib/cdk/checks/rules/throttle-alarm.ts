import type { CheckRule } from '../check-rule.js';
import { metricsOf } from '../metric-facts.js';
import { numberOf } from '../template-graph.js';

/** An alarm on throttles counts them. */
export const throttleAlarm: CheckRule = {
  id: 'throttle-alarm',
  severity: 'warning',
  title: 'An alarm on throttles counts them',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html',
  check: (graph) =>
    graph.ofType('AWS::CloudWatch::Alarm').flatMap((resource) => {
      const threshold = numberOf(resource.properties['Threshold'], Number.NaN);
      const [throttles] = metricsOf(resource).filter(
        ({ namespace, name, statistic }) =>
          namespace === 'AWS/Kinesis' &&
          THROTTLES.includes(name) &&
          ['Average', 'Minimum'].includes(statistic ?? ''),
      );
      if (throttles === undefined || threshold === undefined || threshold < 1) return [];
      return [
        {
          resource,
          location: 'Properties/Statistic',
          problem: `rings at ${threshold} of the ${throttles.statistic ?? ''} of ${throttles.name}, to which every call that went well adds a 0: a hot shard stays unheard among the others`,
          fix: "set Statistic: 'Sum'; aws-cdk-lib's own metric has Average",
        },
      ];
    }),
};

const THROTTLES = ['WriteProvisionedThroughputExceeded', 'ReadProvisionedThroughputExceeded'];

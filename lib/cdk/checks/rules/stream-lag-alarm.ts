import type { CheckRule } from '../check-rule.js';
import { alarmsOn, watches } from '../alarm-facts.js';
import { numberOf } from '../template-graph.js';

/** Somebody hears of a reader that falls behind. */
export const streamLagAlarm: CheckRule = {
  id: 'stream-lag-alarm',
  severity: 'warning',
  title: 'Somebody hears of a reader that falls behind',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const hours = numberOf(resource.properties['RetentionPeriodHours'], 24);
      const alarms = alarmsOn(graph, resource).filter((alarm) => watches(alarm, LAG_METRICS));
      const problem = problemOf(
        alarms.map(({ threshold }) => threshold),
        hours,
      );
      if (problem === undefined) return [];
      const bound = hours === undefined ? '' : ` (${(hours * HOUR_MS) / 2} ms)`;
      return [
        {
          resource,
          location: 'Properties',
          problem,
          fix: `alarm on the Maximum of GetRecords.IteratorAgeMilliseconds with the dimension StreamName, at half the retention at most${bound}: as much time is left to mend the reader`,
        },
      ];
    }),
};

/** Half of the retention is for noticing, half for mending. A bound or a time that only the deployment knows is believed. */
function problemOf(
  thresholds: readonly (number | undefined)[],
  hours: number | undefined,
): string | undefined {
  if (thresholds.length === 0)
    return 'has no alarm on how far its readers are behind: records expire unread and unseen';
  const known = thresholds.filter((threshold) => threshold !== undefined);
  if (known.length < thresholds.length || hours === undefined) return undefined;
  const [first, retention] = [Math.min(...known), hours * HOUR_MS];
  if (first <= retention / 2) return undefined;
  return first >= retention
    ? `has a lag alarm that rings at ${first} ms, when records of ${retention} ms are gone already`
    : `has a lag alarm that rings at ${first} ms, when ${retention - first} ms of the retention's ${retention} are left to mend the reader`;
}

const HOUR_MS = 3_600_000;

const LAG_METRICS = [
  'GetRecords.IteratorAgeMilliseconds',
  'SubscribeToShardEvent.MillisBehindLatest',
  'IteratorAge',
];

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
      const finding = (problem: string) => [
        {
          resource,
          location: 'Properties',
          problem,
          fix: 'alarm on the Maximum of GetRecords.IteratorAgeMilliseconds with the dimension StreamName, at half the retention at most',
        },
      ];
      if (alarms.length === 0)
        return finding('has no alarm on how far its readers are behind: records expire unread and unseen');
      const retention = hours === undefined ? Infinity : hours * 3_600_000;
      const late = alarms.filter(({ threshold }) => threshold !== undefined && threshold >= retention);
      return late.length < alarms.length
        ? []
        : finding(
            `has a lag alarm that rings at ${late[0]?.threshold ?? 0} ms, when records of ${retention} ms are gone already`,
          );
    }),
};

const LAG_METRICS = [
  'GetRecords.IteratorAgeMilliseconds',
  'SubscribeToShardEvent.MillisBehindLatest',
  'IteratorAge',
];

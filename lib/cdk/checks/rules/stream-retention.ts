import type { CheckRule } from '../check-rule.js';
import { numberOf } from '../template-graph.js';

/** A stream keeps records for a week. */
export const streamRetention: CheckRule = {
  id: 'stream-retention',
  severity: 'warning',
  title: 'A stream keeps records for a week',
  doc: 'https://docs.aws.amazon.com/securityhub/latest/userguide/kinesis-controls.html#kinesis-3',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const hours = numberOf(resource.properties['RetentionPeriodHours'], 24);
      if (hours === undefined || hours >= 168) return [];
      return [
        {
          resource,
          location: 'Properties/RetentionPeriodHours',
          problem: `keeps records ${hours} h: a reader that is down for longer loses what it missed`,
          fix: 'set RetentionPeriodHours: 168, or use ShardedStream',
        },
      ];
    }),
};

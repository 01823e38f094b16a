import { archivesOf, DESTINATION } from '../archive-facts.js';
import type { CheckRule } from '../check-rule.js';
import { objectOf, switchOf } from '../template-graph.js';

/** An archive says why it could not deliver. */
export const archiveLogging: CheckRule = {
  id: 'archive-logging',
  severity: 'warning',
  title: 'An archive says why it could not deliver',
  doc: 'https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html',
  check: (graph) =>
    archivesOf(graph)
      .filter(
        ({ destination }) => switchOf(objectOf(destination['CloudWatchLoggingOptions'])['Enabled']) === false,
      )
      .map(({ resource }) => ({
        resource,
        location: `${DESTINATION}/CloudWatchLoggingOptions`,
        problem:
          'logs no failed deliveries: when records stop coming, nothing says whether bucket, key or role refuses them',
        fix: 'set CloudWatchLoggingOptions { Enabled: true, LogGroupName, LogStreamName }, and allow logs:PutLogEvents to its role',
      })),
};

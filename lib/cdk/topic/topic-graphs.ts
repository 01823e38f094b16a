import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { ALARM_PERIOD } from '../alarms.js';
import type { GraphOfMetrics } from '../monitoring/watched-construct.js';

/** What a dashboard shows of a topic. */
export function topicGraphs(topic: ITopic): readonly GraphOfMetrics[] {
  return [
    {
      title: 'Messages published, deliveries made (a minute)',
      metrics: [
        topic.metricNumberOfMessagesPublished({ ...TOTAL, label: 'published' }),
        topic.metricNumberOfNotificationsDelivered({ ...TOTAL, label: 'delivered' }),
      ],
    },
    {
      title: 'Deliveries that failed',
      metrics: [
        topic.metricNumberOfNotificationsFailed({ ...TOTAL, label: 'failed' }),
        topic.metric('NumberOfNotificationsRedrivenToDlq', { ...TOTAL, label: 'kept as dead letters' }),
        topic.metric('NumberOfNotificationsFailedToRedriveToDlq', { ...TOTAL, label: 'lost' }),
      ],
    },
    {
      title: 'Deliveries that filters left out',
      metrics: [
        topic.metricNumberOfNotificationsFilteredOut({ ...TOTAL, label: 'all' }),
        topic.metricNumberOfNotificationsFilteredOutNoMessageAttributes({ ...TOTAL, label: 'no attributes' }),
        topic.metricNumberOfNotificationsFilteredOutInvalidAttributes({
          ...TOTAL,
          label: 'invalid attributes',
        }),
      ],
    },
  ];
}

const TOTAL = { statistic: 'Sum', period: ALARM_PERIOD };

import { ALARM_PERIOD } from '../alarms.js';
import type { GraphOfMetrics } from '../monitoring/watched-construct.js';
import type { QueueAlarms } from './queue-alarms.js';
import type { WorkedResources } from './queue-work.js';

/** What a dashboard shows of a queue. */
export function queueGraphs(
  { queue, deadLetterQueue }: Pick<WorkedResources, 'queue' | 'deadLetterQueue'>,
  alarms: QueueAlarms,
): readonly GraphOfMetrics[] {
  return [
    {
      title: 'Messages that wait, in flight, dead',
      metrics: [
        queue.metricApproximateNumberOfMessagesVisible({ ...PEAK, label: 'waiting' }),
        queue.metricApproximateNumberOfMessagesNotVisible({ ...PEAK, label: 'in flight' }),
      ],
      right: [deadLetterQueue.metricApproximateNumberOfMessagesVisible({ ...PEAK, label: 'dead letters' })],
    },
    {
      title: 'Age of the oldest message (s)',
      metrics: [queue.metricApproximateAgeOfOldestMessage({ ...PEAK, label: 'oldest' })],
      threshold: alarms.backlog,
    },
    {
      title: 'Messages a minute',
      metrics: [
        queue.metricNumberOfMessagesSent({ ...TOTAL, label: 'sent' }),
        queue.metricNumberOfMessagesReceived({ ...TOTAL, label: 'received' }),
        queue.metricNumberOfMessagesDeleted({ ...TOTAL, label: 'deleted' }),
      ],
    },
  ];
}

const PEAK = { statistic: 'Maximum', period: ALARM_PERIOD };
const TOTAL = { statistic: 'Sum', period: ALARM_PERIOD };

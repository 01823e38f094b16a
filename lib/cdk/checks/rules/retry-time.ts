import type { CheckRule } from '../check-rule.js';
import { queuesOf } from '../messaging-facts.js';

/** All receives of a message fit into its retention. */
export const retryTime: CheckRule = {
  id: 'retry-time',
  severity: 'warning',
  title: 'All receives of a message fit into its retention',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/working-with-visibility-timeouts.html',
  check: (graph) =>
    queuesOf(graph).flatMap(({ resource, redrive, visibilitySeconds, retentionSeconds }) => {
      const receives = redrive?.maxReceiveCount;
      if (receives === undefined || visibilitySeconds === undefined || retentionSeconds === undefined)
        return [];
      const needed = receives * visibilitySeconds;
      if (needed < retentionSeconds) return [];
      return [
        {
          resource,
          location: 'Properties/MessageRetentionPeriod',
          problem: `keeps messages ${retentionSeconds} s, but ${receives} receives of ${visibilitySeconds} s take ${needed} s: a failing message expires before it reaches its dead-letter queue`,
          fix: 'lower VisibilityTimeout or maxReceiveCount, or raise MessageRetentionPeriod',
        },
      ];
    }),
};

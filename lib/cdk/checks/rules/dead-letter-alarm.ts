import type { CheckRule } from '../check-rule.js';
import { alarmsOn, watches } from '../alarm-facts.js';
import { deadLetterQueuesOf } from '../messaging-facts.js';

/** Somebody hears of the first dead letter. */
export const deadLetterAlarm: CheckRule = {
  id: 'dead-letter-alarm',
  severity: 'warning',
  title: 'Somebody hears of the first dead letter',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html',
  check: (graph) =>
    [...deadLetterQueuesOf(graph)].flatMap((resource) => {
      const alarms = alarmsOn(graph, resource);
      const finding = (problem: string) => [
        {
          resource,
          location: 'Properties',
          problem,
          fix: 'alarm on the Maximum of ApproximateNumberOfMessagesVisible ≥ 1',
        },
      ];
      if (alarms.some((alarm) => watches(alarm, GOOD_METRICS))) return [];
      return alarms.some((alarm) => watches(alarm, ['NumberOfMessagesSent']))
        ? finding(
            'has an alarm on NumberOfMessagesSent, which does not count what SQS itself moves here: it never rings',
          )
        : finding('has no alarm: what dies here is found by chance');
    }),
};

const GOOD_METRICS = ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'];

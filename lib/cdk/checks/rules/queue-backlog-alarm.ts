import { alarmsOn, watches } from '../alarm-facts.js';
import type { CheckRule } from '../check-rule.js';
import { deadLetterQueuesOf, mappingsOf, queuesOf } from '../messaging-facts.js';
import { queueServicesOf } from '../service-facts.js';

/** Somebody hears when nobody works on a queue. */
export const queueBacklogAlarm: CheckRule = {
  id: 'queue-backlog-alarm',
  severity: 'warning',
  title: 'Somebody hears when nobody works on a queue',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  check: (graph) => {
    const dead = deadLetterQueuesOf(graph);
    const worked = new Set([
      ...mappingsOf(graph, 'AWS::SQS::Queue').map(({ source }) => source),
      ...queueServicesOf(graph).flatMap(({ queues }) => queues),
    ]);
    return queuesOf(graph)
      .filter(
        ({ resource, redrive }) => (redrive !== undefined || worked.has(resource)) && !dead.has(resource),
      )
      .filter(({ resource }) => !alarmsOn(graph, resource).some((alarm) => watches(alarm, BACKLOG)))
      .map(({ resource, retentionSeconds }) => ({
        resource,
        location: 'Properties',
        problem: `has no alarm on how long its messages wait: when its workers stop, messages expire after ${retentionSeconds ?? 'some'} s, and no dead letter tells of it`,
        fix: 'alarm on the Maximum of ApproximateAgeOfOldestMessage with the dimension QueueName, above the time a message may wait',
      }));
  },
};

const BACKLOG = ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'];

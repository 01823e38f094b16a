import type { CheckRule } from '../check-rule.js';
import { deadLetterQueuesOf, queuesOf } from '../messaging-facts.js';

/** Every work queue has a dead-letter queue. */
export const queueDeadLetters: CheckRule = {
  id: 'queue-dead-letters',
  severity: 'warning',
  title: 'Every work queue has a dead-letter queue',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html',
  check: (graph) =>
    queuesOf(graph)
      .filter(({ resource, redrive }) => redrive === undefined && !deadLetterQueuesOf(graph).has(resource))
      .map(({ resource }) => ({
        resource,
        location: 'Properties/RedrivePolicy',
        problem:
          'has no dead-letter queue: a message that no worker can handle comes back until it expires, and is then gone',
        fix: 'set RedrivePolicy { deadLetterTargetArn, maxReceiveCount: 5 }, or use WorkQueueWithDLQ',
      })),
};

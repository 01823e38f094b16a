import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** Every subscription keeps its failed deliveries. */
export const subscriptionDeadLetters: CheckRule = {
  id: 'subscription-dead-letters',
  severity: 'warning',
  title: 'Every subscription keeps its failed deliveries',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html',
  check: (graph) =>
    subscriptionsOf(graph)
      .filter(({ redrive }) => redrive === undefined)
      .map(({ resource, protocol }) => ({
        resource,
        location: 'Properties/RedrivePolicy',
        problem: `has no dead-letter queue: what SNS can not deliver by ${protocol} is dropped`,
        fix: 'set RedrivePolicy { deadLetterTargetArn }, or subscribe with FanoutTopic.fanOutTo',
      })),
};

import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { allowsService, statementsOn } from '../policy-statements.js';
import { statementText } from '../statement-text.js';

/** A subscribed queue lets its topic send. */
export const subscriptionPolicy: CheckRule = {
  id: 'subscription-policy',
  severity: 'error',
  title: 'A subscribed queue lets its topic send',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ queue, topic }) => {
      if (queue === undefined) return [];
      const wanted = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage', source: topic };
      if (allowsService(graph, statementsOn(graph, queue), wanted)) return [];
      return [
        {
          resource: queue,
          location: 'Properties',
          problem: `is subscribed to ${topic?.logicalId ?? 'a topic'}, but no policy lets SNS send to it: every delivery is denied`,
          fix: `add to its policy: ${statementText({ on: queue, principal: wanted, actions: [wanted.action], source: topic })}`,
        },
      ];
    }),
};

import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { allowsService, statementsOn } from '../policy-statements.js';
import { statementText } from '../statement-text.js';

/** The dead-letter queue of a subscription lets SNS send. */
export const subscriptionDeadLetterPolicy: CheckRule = {
  id: 'subscription-dead-letter-policy',
  severity: 'error',
  title: 'The dead-letter queue of a subscription lets SNS send',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, redrive, topic }) => {
      const target = redrive?.target;
      if (target === undefined) return [];
      const wanted = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage', source: topic };
      if (allowsService(graph, statementsOn(graph, target), wanted)) return [];
      return [
        {
          resource: target,
          location: 'Properties',
          problem: `keeps the failed deliveries of ${resource.logicalId}, but no policy lets SNS send to it: they are lost`,
          fix: `add to its policy: ${statementText({ on: target, principal: wanted, actions: [wanted.action], source: topic })}`,
        },
      ];
    }),
};

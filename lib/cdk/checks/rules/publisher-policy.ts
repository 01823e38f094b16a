import type { CheckRule } from '../check-rule.js';
import { allowsService, statementsOn } from '../policy-statements.js';
import { publishersOf, sendingTo } from '../publisher-facts.js';
import { statementText } from '../statement-text.js';

/** A service that sends to a queue or topic is let in. */
export const publisherPolicy: CheckRule = {
  id: 'publisher-policy',
  severity: 'error',
  title: 'A service that sends to a queue or topic is let in',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html',
  check: (graph) =>
    publishersOf(graph).flatMap(({ resource, service, target, source, isLetInByDefault }) => {
      const statements = statementsOn(graph, target);
      const action = sendingTo(target);
      if (statements.length === 0 && isLetInByDefault) return [];
      if (allowsService(graph, statements, { service, action, source })) return [];
      return [
        {
          resource: target,
          location: 'Properties',
          problem: `is sent to by ${service} for ${resource.logicalId}, and no policy lets it: nothing arrives`,
          fix: `add to its policy: ${statementText({ on: target, principal: { service }, actions: [action], source })}`,
        },
      ];
    }),
};

import type { CheckRule } from '../check-rule.js';
import { statementsOn } from '../policy-statements.js';
import { ownerStatementText } from '../statement-text.js';

/** A topic policy that denies also allows. */
export const topicOwner: CheckRule = {
  id: 'topic-owner',
  severity: 'warning',
  title: 'A topic policy that denies also allows',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html',
  check: (graph) =>
    graph.ofType('AWS::SNS::Topic').flatMap((resource) => {
      const statements = statementsOn(graph, resource);
      const isDenyOnly = statements.length > 0 && statements.every(({ effect }) => effect === 'Deny');
      if (!isDenyOnly) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem:
            'has a policy that only denies: it replaces the default policy by which the account and CloudWatch alarms could publish',
          fix: `add an Allow for each service that publishes, and for the account: ${ownerStatementText(resource)}`,
        },
      ];
    }),
};

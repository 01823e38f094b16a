import type { CheckRule } from '../check-rule.js';
import { mappingsOf, queueFacts } from '../messaging-facts.js';
import { numberOf } from '../template-graph.js';

/** A message stays hidden as long as its function may run. */
export const lambdaVisibility: CheckRule = {
  id: 'lambda-visibility',
  severity: 'error',
  title: 'A message stays hidden as long as its function may run',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue').flatMap(({ source, worker }) => {
      const visibility = queueFacts(graph, source).visibilitySeconds;
      const timeout = worker && numberOf(worker.properties['Timeout'], 3);
      if (visibility === undefined || timeout === undefined || visibility >= timeout) return [];
      return [
        {
          resource: source,
          location: 'Properties/VisibilityTimeout',
          problem: `hides messages ${visibility} s, but its function ${worker?.logicalId ?? ''} may run ${timeout} s: Lambda refuses the mapping`,
          fix: `set VisibilityTimeout: ${6 * timeout} (6 × the function's timeout)`,
        },
      ];
    }),
};

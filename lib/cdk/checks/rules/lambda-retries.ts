import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { mappingsOf, queueFacts } from '../messaging-facts.js';
import { numberOf } from '../template-graph.js';

/** A throttled invocation can be retried before its message comes back. */
export const lambdaRetries: CheckRule = {
  id: 'lambda-retries',
  severity: 'warning',
  title: 'A throttled invocation can be retried before its message comes back',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue').flatMap(({ resource, source, worker }) => {
      const visibility = queueFacts(graph, source).visibilitySeconds;
      const timeout = worker && numberOf(worker.properties['Timeout'], 3);
      const window = numberOf(resource.properties['MaximumBatchingWindowInSeconds'], 0);
      if (visibility === undefined || timeout === undefined || window === undefined) return [];
      const advised = limitOf('lambda.visibilityFactor') * timeout + window;
      if (visibility < timeout || visibility >= advised) return [];
      return [
        {
          resource: source,
          location: 'Properties/VisibilityTimeout',
          problem: `hides messages ${visibility} s; AWS advises ${advised} s (6 × the ${timeout} s of its function, plus the batching window of ${window} s)`,
          fix: `set VisibilityTimeout: ${advised}`,
        },
      ];
    }),
};

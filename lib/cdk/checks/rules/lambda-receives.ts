import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { mappingsOf, queueFacts } from '../messaging-facts.js';

/** A queue with a function allows five receives. */
export const lambdaReceives: CheckRule = {
  id: 'lambda-receives',
  severity: 'warning',
  title: 'A queue with a function allows five receives',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue').flatMap(({ source }) => {
      const receives = queueFacts(graph, source).redrive?.maxReceiveCount;
      const least = limitOf('lambda.minReceiveCount');
      if (receives === undefined || receives >= least) return [];
      return [
        {
          resource: source,
          location: 'Properties/RedrivePolicy',
          problem: `gives up after ${receives} receives, AWS advises ${least}: a throttled invocation uses up receives, so good messages die`,
          fix: `set maxReceiveCount: ${least}`,
        },
      ];
    }),
};

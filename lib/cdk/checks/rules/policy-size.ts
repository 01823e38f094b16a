import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { policyOf } from '../policy-statements.js';

/** The policy of a queue or topic is no larger than AWS takes. */
export const policySize: CheckRule = {
  id: 'policy-size',
  severity: 'error',
  title: 'The policy of a queue or topic is no larger than AWS takes',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic').flatMap((resource) => {
      const { statements, bytes } = policyOf(graph, resource);
      const [kind, most, mostBytes] =
        resource.type === 'AWS::SQS::Queue'
          ? (['SQS', limitOf('sqs.policy.maxStatements'), limitOf('sqs.policy.maxBytes')] as const)
          : (['SNS', limitOf('sns.policy.maxStatements'), limitOf('sns.policy.maxBytes')] as const);
      return [
        ...(statements > most ? [`${statements} statements, ${kind} takes ${most}`] : []),
        ...(bytes > mostBytes ? [`${bytes} bytes at least, ${kind} takes ${mostBytes}`] : []),
      ].map((problem) => ({
        resource,
        location: 'Properties',
        problem: `has a policy of ${problem}: the deployment fails`,
        fix: 'merge statements that differ only in their source: one Allow, with a list of ARNs in ArnEquals aws:SourceArn, or with aws:SourceAccount',
      }));
    }),
};

import type { CheckRule } from '../check-rule.js';
import { isNarrowed, statementsOn } from '../policy-statements.js';

/** Nobody outside is allowed in by a wildcard. */
export const publicPolicy: CheckRule = {
  id: 'public-policy',
  severity: 'error',
  title: 'Nobody outside is allowed in by a wildcard',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html#ensure-queues-not-publicly-accessible',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic').flatMap((resource) =>
      statementsOn(graph, resource)
        .filter(
          (statement) => statement.effect === 'Allow' && statement.isForAnyone && !isNarrowed(statement),
        )
        .map(({ policy, actions }) => ({
          resource: policy,
          location: 'Properties/PolicyDocument',
          problem: `allows ${actions.join(', ')} on ${resource.logicalId} to everybody in the world`,
          fix: 'name the principals, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID',
        })),
    ),
};

import type { CheckRule } from '../check-rule.js';
import { isNarrowed, statementsOn } from '../policy-statements.js';
import type { TemplateResource } from '../template-graph.js';

/** A service is let in for one source only. */
export const confusedDeputy: CheckRule = {
  id: 'confused-deputy',
  severity: 'warning',
  title: 'A service is let in for one source only',
  doc: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic').flatMap((resource) =>
      statementsOn(graph, resource)
        .filter(
          (statement) =>
            statement.effect === 'Allow' &&
            statement.services.some((service) => !isSourceless(resource, service)) &&
            !isNarrowed(statement),
        )
        .map(({ policy, services }) => ({
          resource: policy,
          location: 'Properties/PolicyDocument',
          problem: `lets ${services.join(', ')} into ${resource.logicalId} on anybody's behalf`,
          fix: 'add a condition: ArnEquals aws:SourceArn, or StringEquals aws:SourceAccount where the source has no ARN yet',
        })),
    ),
};

/**
 * These say nothing of their source when they publish to a topic. AWS's documentation rules a condition out, which would deny
 * everything they publish.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
 */
const SOURCELESS_PUBLISHERS = ['events.amazonaws.com', 'codestar-notifications.amazonaws.com'];

const isSourceless = ({ type }: TemplateResource, service: string): boolean =>
  type === 'AWS::SNS::Topic' && SOURCELESS_PUBLISHERS.includes(service);

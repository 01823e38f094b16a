import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { allowsService, statementsOn } from '../policy-statements.js';
import type { TemplateResource } from '../template-graph.js';

/** A subscription is made after the policy that lets it deliver. */
export const subscriptionOrder: CheckRule = {
  id: 'subscription-order',
  severity: 'warning',
  title: 'A subscription is made after the policy that lets it deliver',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, queue }) => {
      if (queue === undefined) return [];
      const policies = statementsOn(graph, queue)
        .filter((statement) => allowsService(graph, [statement], SENDING))
        .map(({ policy }) => policy)
        .filter(({ stack }) => stack === resource.stack);
      const [policy] = policies;
      if (policy === undefined || policies.some((candidate) => waitsFor(resource, candidate))) return [];
      return [
        {
          resource,
          location: 'DependsOn',
          problem: `does not wait for ${policy.logicalId}: what is published between the two is denied`,
          fix: `add DependsOn: ["${policy.logicalId}"] (subscription.addDependency(policy))`,
        },
      ];
    }),
};

const waitsFor = ({ dependsOn }: TemplateResource, { logicalId }: TemplateResource): boolean =>
  dependsOn.includes(logicalId);

const SENDING = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage' };

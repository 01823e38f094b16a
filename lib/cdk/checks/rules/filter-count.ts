import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** A topic has no more filter policies than SNS takes. */
export const filterCount: CheckRule = {
  id: 'filter-count',
  severity: 'warning',
  title: 'A topic has no more filter policies than SNS takes',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html',
  check: (graph) => {
    const filtered = subscriptionsOf(graph).filter(
      ({ filterPolicy }) => Object.keys(filterPolicy).length > 0,
    );
    const most = limitOf('sns.filter.maxPoliciesPerTopic');
    return graph.ofType('AWS::SNS::Topic').flatMap((resource) => {
      const { length } = filtered.filter(({ topic }) => topic === resource);
      if (length <= most) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem: `has ${length} subscriptions with a filter policy, SNS takes ${most} unless the quota was raised`,
          fix: 'raise the quota and acknowledge this, or split the topic',
        },
      ];
    });
  },
};

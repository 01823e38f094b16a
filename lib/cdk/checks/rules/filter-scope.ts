import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** A filter policy says its scope. */
export const filterScope: CheckRule = {
  id: 'filter-scope',
  severity: 'warning',
  title: 'A filter policy says its scope',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html',
  check: (graph) =>
    subscriptionsOf(graph)
      .filter(({ resource, filterPolicy }) => {
        const isFiltered = Object.keys(filterPolicy).length > 0;
        return isFiltered && resource.properties['FilterPolicyScope'] === undefined;
      })
      .map(({ resource }) => ({
        resource,
        location: 'Properties/FilterPolicyScope',
        problem:
          'has a filter policy without its scope: the update that moves it to the body and back fails (aws-cdk#24804)',
        fix: "set FilterPolicyScope: 'MessageAttributes' or 'MessageBody'",
      })),
};

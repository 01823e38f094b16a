import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { listOf, objectOf, type JsonObject } from '../template-graph.js';

/** Filter policies stay within what SNS takes. */
export const filterLimits: CheckRule = {
  id: 'filter-limits',
  severity: 'error',
  title: 'Filter policies stay within what SNS takes',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, filterPolicy }) => {
      const { keys, combinations } = measure(filterPolicy, 1);
      const bytes = Buffer.byteLength(JSON.stringify(filterPolicy));
      const [maxKeys, maxCombinations, maxBytes] = [
        limitOf('sns.filter.maxKeys'),
        limitOf('sns.filter.maxCombinations'),
        limitOf('sns.filter.maxBytes'),
      ];
      return [
        ...(keys > maxKeys ? [`${keys} keys, SNS takes ${maxKeys}`] : []),
        ...(combinations > maxCombinations
          ? [`${combinations} combinations, SNS takes ${maxCombinations}`]
          : []),
        ...(bytes > maxBytes ? [`${bytes} bytes, SNS takes ${maxBytes}`] : []),
      ].map((problem) => ({
        resource,
        location: 'Properties/FilterPolicy',
        problem: `has a filter policy of ${problem}: the deployment fails`,
        fix: 'filter on fewer attributes or values, use a prefix, or filter in the handler',
      }));
    }),
};

/** Leaf keys, and the product of their numbers of values; a nested key counts its values once per level. */
function measure(
  policy: JsonObject,
  level: number,
): { readonly keys: number; readonly combinations: number } {
  let total = { keys: 0, combinations: 1 };
  for (const value of Object.values(policy)) {
    const isLeaf = Array.isArray(value);
    const part = isLeaf
      ? { keys: 1, combinations: Math.max(1, listOf(value).length) * level }
      : measure(objectOf(value), level + 1);
    total = { keys: total.keys + part.keys, combinations: total.combinations * part.combinations };
  }
  return total;
}

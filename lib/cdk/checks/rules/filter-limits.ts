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

interface FilterSize {
  readonly keys: number;
  readonly combinations: number;
}

/**
 * Leaf keys, and the product of their numbers of values; a nested key counts its values once per level. Between the
 * filters of an `$or`, keys and combinations add up.
 */
function measure(policy: JsonObject, level: number): FilterSize {
  return Object.entries(policy)
    .map(([key, value]): FilterSize => {
      if (!Array.isArray(value)) return measure(objectOf(value), level + 1);
      const values = listOf(value);
      return key === '$or'
        ? values.map((one) => measure(objectOf(one), level)).reduce(addUp, { keys: 0, combinations: 0 })
        : { keys: 1, combinations: Math.max(1, values.length) * level };
    })
    .reduce(
      (all, one) => ({ keys: all.keys + one.keys, combinations: all.combinations * one.combinations }),
      { keys: 0, combinations: 1 },
    );
}

const addUp = (one: FilterSize, other: FilterSize): FilterSize => ({
  keys: one.keys + other.keys,
  combinations: one.combinations + other.combinations,
});

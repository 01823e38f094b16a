import type { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { limitOf } from '../../contract/limits.js';

/** A filter policy on message attributes, as `Subscription` takes it. */
export type FilterPolicy = Readonly<Record<string, SubscriptionFilter>>;

/** Says that one of several filters must match. */
export const OR = '$or';

/** What SNS counts of a filter. */
interface FilterSize {
  readonly keys: number;
  readonly combinations: number;
}

/** What is wrong with the size of a filter policy. */
export function sizeViolations(policy: FilterPolicy = {}): string[] {
  const plain = plainPolicy(policy);
  const { keys, combinations } = sizeOf(plain);
  const bytes = Buffer.byteLength(JSON.stringify(plain));
  const [maxKeys, maxCombinations, maxBytes] = [
    limitOf('sns.filter.maxKeys'),
    limitOf('sns.filter.maxCombinations'),
    limitOf('sns.filter.maxBytes'),
  ];
  return [
    ...(keys > maxKeys
      ? [
          `where makes a filter of ${keys} keys (the message type is one of them), SNS takes ${maxKeys}: filter in the handler what is left`,
        ]
      : []),
    ...(combinations > maxCombinations
      ? [
          `where and messages make ${combinations} combinations (the product of their numbers of values), SNS takes ${maxCombinations}: use fewer values, a prefix, or a second queue`,
        ]
      : []),
    ...(bytes > maxBytes ? [`where makes a filter of ${bytes} bytes, SNS takes ${maxBytes}`] : []),
  ];
}

/** A filter policy as the template has it. */
export const plainPolicy = (policy: FilterPolicy): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    Object.entries(policy).map(([name, { conditions }]) => [name, conditions as readonly unknown[]]),
  );

/** Values multiply between keys; between the filters of an `$or`, keys and combinations add up. */
function sizeOf(plain: Readonly<Record<string, readonly unknown[]>>): FilterSize {
  return Object.entries(plain)
    .map(([name, conditions]) =>
      name === OR
        ? conditions
            .map((one) => sizeOf(one as Readonly<Record<string, readonly unknown[]>>))
            .reduce((all, one) => ({
              keys: all.keys + one.keys,
              combinations: all.combinations + one.combinations,
            }))
        : { keys: 1, combinations: conditions.length },
    )
    .reduce(
      (all, one) => ({ keys: all.keys + one.keys, combinations: all.combinations * one.combinations }),
      { keys: 0, combinations: 1 },
    );
}

import { aws_sns as sns } from 'aws-cdk-lib';
import { OR, plainPolicy, sizeViolations, type FilterPolicy } from './filter-size.js';

/** What one `fanOutTo` asks for: a filter, or everything. */
export type Wish = FilterPolicy | undefined;

/**
 * One filter that lets through what any of several would. SNS keeps one subscription per topic and queue, so what a queue is
 * to get by two calls is told in one policy: filters that differ in one key have its values together, others stand in an `$or`.
 * @see https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
 */
export function unionOf(wishes: readonly Wish[]): Wish {
  const filters = wishes.filter((wish) => wish !== undefined);
  if (filters.length < wishes.length) return undefined;
  const together = filters.reduce<readonly FilterPolicy[]>(joined, []);
  const [first] = together;
  return together.length === 1
    ? first
    : { [OR]: new sns.SubscriptionFilter(together.map((filter) => ({ ...plainPolicy(filter) }))) };
}

/** What SNS would refuse of several filters together, or read in another way than it is meant. */
export function unionViolations(wishes: readonly Wish[]): string[] {
  const union = unionOf(wishes);
  if (union === undefined) return [];
  const ambiguous =
    OR in union
      ? wishes.flatMap((wish) => Object.keys(wish ?? {})).filter((name) => OPERATORS.includes(name))
      : [];
  return [
    ...ambiguous.map(
      (name) =>
        `where names the attribute '${name}', which is an operator to SNS where filters stand side by side: name all messages of this queue in one fanOutTo`,
    ),
    ...sizeViolations(union).map(
      (violation) => `together with what this queue gets of the topic already, ${violation}`,
    ),
  ];
}

/** Adds a filter to others, in place of one that it widens by a single key. */
function joined(others: readonly FilterPolicy[], added: FilterPolicy): readonly FilterPolicy[] {
  for (const other of others) {
    const wider = joinedByOneKey(other, added);
    // Wider by one key, it may now fit to a third.
    if (wider !== undefined)
      return joined(
        others.filter((one) => one !== other),
        wider,
      );
  }
  return [...others, added];
}

function joinedByOneKey(one: FilterPolicy, two: FilterPolicy): FilterPolicy | undefined {
  const names = Object.keys(one);
  if (!isSame(names.toSorted(), Object.keys(two).toSorted())) return undefined;
  const differing = names.filter((name) => !isSame(one[name]?.conditions, two[name]?.conditions));
  const [name] = differing;
  if (name === undefined) return one;
  if (differing.length > 1) return undefined;
  const values: readonly unknown[] = [one, two].flatMap((filter) => filter[name]?.conditions as unknown[]);
  return { ...one, [name]: new sns.SubscriptionFilter(distinct(values)) };
}

const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

const isSame = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two);

/** SNS does not see an `$or` in a list of filters with one of these as a key. */
const OPERATORS: readonly string[] = [
  'anything-but',
  'cidr',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
];

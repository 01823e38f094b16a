import { limitOf } from '../../contract/limits.js';
import { isRecord } from '../structures/call-input.js';
import type { MessageAttributeMap } from '../structures/message-attributes.js';
import { readCondition, type Condition, type Scalar } from './condition.js';

/** What a filter policy looks at. */
export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** What of a message a filter policy is held against. */
export interface FilterSubject {
  readonly attributes: MessageAttributeMap;
  readonly body: string;
}

/** A filter policy that may be set. */
export interface FilterPolicy {
  readonly kind: 'policy';
  /** True when the subscription gets the message. */
  readonly matches: (subject: FilterSubject) => boolean;
}

/** A filter policy, or why SNS would not take it. */
export type FilterPolicyReading = FilterPolicy | { readonly kind: 'refused'; readonly reason: string };

type Node =
  | { readonly kind: 'leaf'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'all'; readonly members: ReadonlyMap<string, Node>; readonly either: readonly Either[] };

/** `$or`: one of these must match. */
type Either = readonly Node[];

const MAX_WILDCARD_COMPLEXITY = 100;

/** Names that would make an `$or` ambiguous. */
const OPERATOR_NAMES = new Set(['anything-but', 'exists', 'numeric', 'prefix', 'suffix', 'cidr', 'wildcard']);

/**
 * Reads a filter policy and holds it against SNS's limits: 5 keys, 150 combinations (in bodies times the depth of
 * each key), 256 KB, 3 wildcards per pattern and a wildcard complexity of 100.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function readFilterPolicy(text: string, scope: FilterScope): FilterPolicyReading {
  if (Buffer.byteLength(text) > limitOf('sns.filter.maxBytes'))
    return { kind: 'refused', reason: 'Filter policy is too large, 256 KB are allowed' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'refused', reason: 'failed to parse JSON' };
  }
  if (!isRecord(json)) return { kind: 'refused', reason: 'Filter policy must be an object' };
  const reader = new PolicyReader(scope);
  const root = reader.object(json, 1);
  const reason = reader.refusal ?? refuseSize(root);
  if (reason !== undefined) return { kind: 'refused', reason };
  return { kind: 'policy', matches: (subject) => matchesSubject(root, scope, subject) };
}

class PolicyReader {
  refusal: string | undefined;
  readonly #scope: FilterScope;

  constructor(scope: FilterScope) {
    this.#scope = scope;
  }

  object(json: Readonly<Record<string, unknown>>, depth: number): Node {
    const members = new Map<string, Node>();
    const either: Either[] = [];
    for (const [key, value] of Object.entries(json)) {
      if (key === '$or' && isAlternatives(value)) either.push(value.map((one) => this.object(one, depth)));
      else members.set(key, this.#member(key, value, depth));
    }
    return { kind: 'all', members, either };
  }

  #member(key: string, value: unknown, depth: number): Node {
    if (isRecord(value)) {
      if (this.#scope === 'MessageAttributes')
        this.#refuse('Filter policy scope MessageAttributes does not support nested filter policy');
      else if (Object.keys(value).length === 0) this.#refuse(`Empty objects are not allowed for "${key}"`);
      return this.object(value, depth + 1);
    }
    if (!Array.isArray(value)) {
      this.#refuse(`"${key}" must be an object or an array`);
      return { kind: 'leaf', conditions: [] };
    }
    if (value.length === 0) this.#refuse('Empty arrays are not allowed');
    return { kind: 'leaf', conditions: value.flatMap((one) => this.#condition(one)) };
  }

  #condition(value: unknown): readonly Condition[] {
    const reading = readCondition(value);
    if (reading.kind === 'condition') return [reading.condition];
    this.#refuse(reading.reason);
    return [];
  }

  #refuse(reason: string): void {
    this.refusal ??= reason;
  }
}

const isAlternatives = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every(
    (one) =>
      isRecord(one) &&
      Object.keys(one).length > 0 &&
      !Object.keys(one).some((key) => OPERATOR_NAMES.has(key)),
  );

interface Measure {
  readonly keys: number;
  readonly combinations: number;
  /** 0 when there are no wildcards. */
  readonly wildcards: number;
}

function refuseSize(root: Node): string | undefined {
  const { keys, combinations, wildcards } = measure(root, 0);
  const maxKeys = limitOf('sns.filter.maxKeys');
  if (keys > maxKeys) return `Filter policy can not have more than ${maxKeys} keys`;
  if (combinations > limitOf('sns.filter.maxCombinations')) return 'Filter policy is too complex';
  if (wildcards > MAX_WILDCARD_COMPLEXITY)
    return `Filter policy is too complex: its wildcards count ${wildcards}, ${MAX_WILDCARD_COMPLEXITY} are allowed`;
  return undefined;
}

/** Values multiply between keys and add up between the branches of an `$or`. */
function measure(node: Node, depth: number): Measure {
  if (node.kind === 'leaf') {
    const wildcards = node.conditions.reduce((sum, one) => sum + wildcardPoints(one), 0);
    return { keys: 1, combinations: node.conditions.length * depth, wildcards };
  }
  let total: Measure = { keys: 0, combinations: 1, wildcards: 0 };
  for (const member of node.members.values()) total = product(total, measure(member, depth + 1));
  for (const branches of node.either)
    total = product(total, branches.map((branch) => measure(branch, depth)).reduce(sum));
  return total;
}

const wildcardPoints = (condition: Condition): number => {
  if (condition.kind === 'absent' || condition.wildcards === 0) return 0;
  return condition.wildcards === 1 ? 1 : 3;
};

const product = (a: Measure, b: Measure): Measure => ({
  keys: a.keys + b.keys,
  combinations: a.combinations * b.combinations,
  wildcards: a.wildcards === 0 || b.wildcards === 0 ? a.wildcards + b.wildcards : a.wildcards * b.wildcards,
});

const sum = (a: Measure, b: Measure): Measure => ({
  keys: a.keys + b.keys,
  combinations: a.combinations + b.combinations,
  wildcards: a.wildcards + b.wildcards,
});

function matchesSubject(root: Node, scope: FilterScope, { attributes, body }: FilterSubject): boolean {
  if (scope === 'MessageAttributes') return matchesAttributes(root, attributes);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return false;
  }
  return isRecord(json) && matchesValue(root, json);
}

/** A message without any attribute matches no policy but the empty one: even `exists: false` wants some attribute. */
function matchesAttributes(root: Node, attributes: MessageAttributeMap): boolean {
  if (Object.keys(attributes).length === 0) return isEmpty(root);
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const text = attribute.StringValue;
    if (text === undefined) continue;
    if (attribute.DataType === 'String.Array') values[name] = readArray(text);
    else if (attribute.DataType.startsWith('Number')) values[name] = Number(text);
    else values[name] = text;
  }
  return matchesValue(root, values);
}

const isEmpty = (node: Node): boolean =>
  node.kind === 'all' && node.members.size === 0 && node.either.length === 0;

function readArray(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Within an array one element must satisfy the whole of what is asked below it. */
function matchesValue(node: Node, value: unknown): boolean {
  if (node.kind === 'leaf') return matchesLeaf(node.conditions, value);
  if (Array.isArray(value)) return value.some((element) => matchesValue(node, element));
  const object = isRecord(value) ? value : {};
  for (const [key, member] of node.members) {
    if (!matchesValue(member, Object.hasOwn(object, key) ? object[key] : undefined)) return false;
  }
  return node.either.every((branches) => branches.some((branch) => matchesValue(branch, object)));
}

function matchesLeaf(conditions: readonly Condition[], value: unknown): boolean {
  const scalars = scalarsOf(value);
  return conditions.some((condition) =>
    condition.kind === 'absent' ? scalars.length === 0 : scalars.some((scalar) => condition.holds(scalar)),
  );
}

function scalarsOf(value: unknown): readonly Scalar[] {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (value === null) return [null];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [value];
  return [];
}

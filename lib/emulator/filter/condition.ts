import { isRecord } from '../structures/call-input.js';
import { parseCidr } from './cidr.js';

/** A value a condition is held against. */
export type Scalar = string | number | boolean | null;

/** One condition of a filter policy, ready to test a value; `exists: false` is the only one that wants no value. */
export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'test'; readonly holds: (value: Scalar) => boolean; readonly wildcards: number };

/** A condition, or why AWS would not take it. */
export type ConditionReading =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'refused'; readonly reason: string };

const MAX_NUMBER = 1e9;
const MAX_WILDCARDS = 3;

const refused = (reason: string): ConditionReading => ({ kind: 'refused', reason });

const test = (holds: (value: Scalar) => boolean, wildcards = 0): ConditionReading => ({
  kind: 'condition',
  condition: { kind: 'test', holds, wildcards },
});

const onText =
  (holds: (text: string) => boolean) =>
  (value: Scalar): boolean =>
    typeof value === 'string' && holds(value);

type Operator = (operand: unknown) => ConditionReading;

const textOperator =
  (name: string, build: (operand: string) => (text: string) => boolean): Operator =>
  (operand) =>
    typeof operand === 'string' && operand !== ''
      ? test(onText(build(operand)))
      : refused(`${name} match pattern must be a non-empty string`);

const TEXT_OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: textOperator('prefix', (prefix) => (text) => text.startsWith(prefix)),
  suffix: textOperator('suffix', (suffix) => (text) => text.endsWith(suffix)),
  'equals-ignore-case': textOperator('equals-ignore-case', (wanted) => {
    const lower = wanted.toLowerCase();
    return (text) => text.toLowerCase() === lower;
  }),
  wildcard: readWildcard,
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...TEXT_OPERATORS,
  exists: readExists,
  numeric: readNumeric,
  cidr: readCidr,
  'anything-but': readAnythingBut,
};

/**
 * Reads one element of a filter policy's list: a plain value, or an object with one operator.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function readCondition(value: unknown): ConditionReading {
  if (isScalar(value)) return readExact(value);
  if (!isRecord(value)) return refused('Match value must be String, number, true, false, or null');
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return refused('Only one key allowed in match expression');
  const [name, operand] = entry;
  const operator = OPERATORS[name];
  return operator === undefined ? refused(`Unrecognized match type ${name}`) : operator(operand);
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function readExact(wanted: Scalar): ConditionReading {
  if (typeof wanted === 'number' && Math.abs(wanted) > MAX_NUMBER)
    return refused('Value must be between -1.0E9 and 1.0E9, inclusive');
  return test((value) => value === wanted);
}

function readExists(operand: unknown): ConditionReading {
  if (typeof operand !== 'boolean') return refused('exists match pattern must be either true or false');
  if (!operand) return { kind: 'condition', condition: { kind: 'absent' } };
  return test((value) => value !== null && value !== '');
}

function readWildcard(operand: unknown): ConditionReading {
  if (typeof operand !== 'string' || operand === '')
    return refused('wildcard match pattern must be a non-empty string');
  const parts = operand.split('*');
  if (operand.includes('**')) return refused('Consecutive wildcard characters in a pattern are not allowed');
  if (parts.length - 1 > MAX_WILDCARDS)
    return refused(`a wildcard pattern can have at most ${MAX_WILDCARDS} wildcards`);
  const source = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  const pattern = new RegExp(`^${source}$`, 's');
  return test(
    onText((text) => pattern.test(text)),
    parts.length - 1,
  );
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function readNumeric(operand: unknown): ConditionReading {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [];
  if (list.length !== 2 && list.length !== 4)
    return refused('Value of numeric must be an array of one or two comparisons');
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < list.length; at += 2) {
    const [name, bound] = [list[at], list[at + 1]];
    const compare = typeof name === 'string' ? COMPARISONS[name] : undefined;
    if (compare === undefined) return refused(`Unrecognized numeric range operator: ${String(name)}`);
    if (typeof bound !== 'number' || Math.abs(bound) > MAX_NUMBER)
      return refused(`Value of ${String(name)} must be numeric, between -1.0E9 and 1.0E9, inclusive`);
    tests.push((value) => compare(value, bound));
  }
  if (tests.length === 2 && !isRange(list))
    return refused('a numeric range has a lower bound (> or >=) before an upper bound (< or <=) above it');
  return test((value) => typeof value === 'number' && tests.every((holds) => holds(value)));
}

const isRange = ([lower, from, upper, to]: readonly unknown[]): boolean =>
  (lower === '>' || lower === '>=') &&
  (upper === '<' || upper === '<=') &&
  typeof from === 'number' &&
  typeof to === 'number' &&
  from < to;

function readCidr(operand: unknown): ConditionReading {
  const block = typeof operand === 'string' ? parseCidr(operand) : undefined;
  if (block === undefined)
    return refused('Malformed CIDR, one of an IPv4 or IPv6 address and a mask is wanted');
  return test(onText(block));
}

/** Refuses one value, several, or what a text operator matches; like every condition, it wants the key to be there. */
function readAnythingBut(operand: unknown): ConditionReading {
  if (isRecord(operand)) {
    const [entry, ...others] = Object.entries(operand);
    const operator = entry === undefined ? undefined : TEXT_OPERATORS[entry[0]];
    if (entry === undefined || operator === undefined || others.length > 0)
      return refused(
        'Unsupported anything-but pattern: one of prefix, suffix, wildcard, equals-ignore-case is allowed',
      );
    return negated(readAny(entry[1], operator));
  }
  const unwanted: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const isUniform =
    unwanted.every((value) => typeof value === 'string') ||
    unwanted.every((value) => typeof value === 'number');
  if (unwanted.length === 0 || !isUniform)
    return refused('anything-but takes a string, a number, or a list of either');
  const set = new Set<unknown>(unwanted);
  return test((value) => !set.has(value));
}

function readAny(operand: unknown, operator: Operator): ConditionReading {
  if (!Array.isArray(operand)) return operator(operand);
  const readings = operand.map((value) => operator(value));
  const wrong = readings.find((reading) => reading.kind === 'refused');
  if (wrong !== undefined || readings.length === 0)
    return wrong ?? refused('anything-but takes a non-empty list');
  const tests = readings.flatMap((reading) =>
    reading.kind === 'condition' && reading.condition.kind === 'test' ? [reading.condition] : [],
  );
  return test(
    (value) => tests.some((one) => one.holds(value)),
    tests.reduce((sum, one) => sum + one.wildcards, 0),
  );
}

function negated(reading: ConditionReading): ConditionReading {
  if (reading.kind === 'refused' || reading.condition.kind === 'absent') return reading;
  const { holds, wildcards } = reading.condition;
  return test((value) => !holds(value), wildcards);
}

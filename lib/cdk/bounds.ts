import { Duration, Token, type Size } from 'aws-cdk-lib';

/** What is allowed for a prop, both ends inclusive, and how to say it. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** How the bounds read in a message, e.g. `1 minute to 14 days`. */
  readonly words: string;
}

/** A prop in its bare unit, and what is wrong with it. The value is only to be used when nothing is. */
export interface Checked {
  readonly value: number;
  readonly violations: readonly string[];
}

const right = (value: number): Checked => ({ value, violations: [] });
const wrong = (violation: string): Checked => ({ value: Number.NaN, violations: [violation] });

/** A duration in whole seconds. Tokens pass unchecked: their value is known at deployment only. */
export function checkSeconds(prop: string, duration: Duration, bounds: Bounds): Checked {
  if (!isDuration(duration))
    return wrong(`${prop} must be a Duration (${bounds.words}), got ${show(duration)}`);
  if (duration.isUnresolved()) {
    return checkToken(prop, 'Duration.seconds(…)', () => duration.toSeconds());
  }
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds)) {
    return wrong(`${prop} must be whole seconds (${bounds.words}), got ${duration.toString()}`);
  }
  return within(seconds, bounds) ? right(seconds) : outside(prop, bounds, duration.toHumanString());
}

/** A duration in whole hours, the unit of stream retention. Tokens pass unchecked. */
export function checkHours(prop: string, duration: Duration, bounds: Bounds): Checked {
  if (!isDuration(duration))
    return wrong(`${prop} must be a Duration (${bounds.words}), got ${show(duration)}`);
  if (duration.isUnresolved()) return checkToken(prop, 'Duration.hours(…)', () => duration.toHours());
  const hours = duration.toHours({ integral: false });
  if (!Number.isInteger(hours)) {
    return wrong(`${prop} must be whole hours (${bounds.words}), got ${duration.toString()}`);
  }
  return within(hours, bounds) ? right(hours) : outside(prop, bounds, duration.toHumanString());
}

/** A size in bytes. Tokens pass unchecked. */
export function checkBytes(prop: string, size: Size, bounds: Bounds): Checked {
  if (!isSize(size)) return wrong(`${prop} must be a Size (${bounds.words}), got ${show(size)}`);
  if (size.isUnresolved()) return checkToken(prop, 'Size.bytes(…)', () => size.toBytes());
  const bytes = size.toBytes();
  return within(bytes, bounds) ? right(bytes) : outside(prop, bounds, size.toHumanString());
}

/** A whole number. Tokens pass unchecked. */
export function checkCount(prop: string, count: number, bounds: Bounds): Checked {
  if (Token.isUnresolved(count)) return right(count);
  const isRight = typeof count === 'number' && Number.isInteger(count) && within(count, bounds);
  return isRight
    ? right(count)
    : wrong(`${prop} must be a whole number, ${bounds.words}, got ${show(count)}`);
}

/** Violations of a switch: plain JavaScript users write 'true'. */
export function switchViolations(
  props: Readonly<Record<string, unknown>>,
  names: readonly string[],
): string[] {
  return names
    .filter((name) => props[name] !== undefined && typeof props[name] !== 'boolean')
    .map((name) => `${name} must be true or false, got ${show(props[name])}`);
}

/** What was got, short enough for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Token.isUnresolved(value)) return 'a token';
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** Seconds as people say them; a token has no words yet. */
export const inWords = (seconds: number): string =>
  Token.isUnresolved(seconds) ? 'the configured time' : Duration.seconds(seconds).toHumanString();

/** @see inWords */
export const hoursInWords = (hours: number): string =>
  Token.isUnresolved(hours) ? inWords(hours) : Duration.hours(hours).toHumanString();

/** A token can't be converted between units, so it must come in the unit of the template. */
function checkToken(prop: string, unit: string, convert: () => number): Checked {
  try {
    return right(convert());
  } catch {
    return wrong(`${prop} is known at deployment only, so it must be given as ${unit}`);
  }
}

const within = (value: number, { min, max }: Bounds): boolean => value >= min && value <= max;
const outside = (prop: string, bounds: Bounds, got: string): Checked =>
  wrong(`${prop} must be ${bounds.words}, got ${got}`);

// By their methods and not by instanceof: two copies of aws-cdk-lib in one tree must not break an app.
const isDuration = (value: unknown): value is Duration =>
  typeof value === 'object' && value !== null && 'toSeconds' in value;
const isSize = (value: unknown): value is Size =>
  typeof value === 'object' && value !== null && 'toMebibytes' in value;

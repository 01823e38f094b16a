/**
 * A hash key as 32 lower-case hexadecimal digits: 128 bits that compare as plain text, so that nothing on the path of a
 * record needs a big integer.
 */
export type HashKey = string;

/** Hash keys from `start` to `end`, both included. */
export interface HashRange {
  readonly start: HashKey;
  readonly end: HashKey;
}

/** All hash keys there are. */
export const WHOLE_RANGE: HashRange = Object.freeze({ start: '0'.repeat(32), end: 'f'.repeat(32) });

/** A hash key of the API (decimal text) as {@link HashKey}. */
export function hashKeyOfDecimal(decimal: string): HashKey {
  return BigInt(decimal).toString(16).padStart(32, '0');
}

/** Whether `hash` lies in `range`. */
export function isInRange(hash: HashKey, range: HashRange): boolean {
  return hash >= range.start && hash <= range.end;
}

/** Whether the two ranges share a hash key. */
export function overlaps(a: HashRange, b: HashRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}

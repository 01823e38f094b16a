import { hash } from 'node:crypto';

/**
 * A hash key as 32 hexadecimal digits. Fixed width makes text order the numeric order, so that routing a record needs
 * no big numbers; the API's decimal form is made only when a shard is described.
 */
export type HashKey = string;

/** The keys of one shard, both ends included. */
export interface HashRange {
  readonly start: HashKey;
  readonly end: HashKey;
}

const DIGITS = 32;
const KEY_COUNT = 1n << 128n;

/** The smallest hash key there is. */
export const FIRST_HASH_KEY: HashKey = '0'.repeat(DIGITS);
/** The largest hash key there is, 2^128 - 1. */
export const LAST_HASH_KEY: HashKey = 'f'.repeat(DIGITS);

const toHashKey = (value: bigint): HashKey => value.toString(16).padStart(DIGITS, '0');
const toNumber = (key: HashKey): bigint => BigInt(`0x${key}`);

/** Where a partition key falls: the MD5 of its UTF-8 bytes. */
export const hashPartitionKey = (partitionKey: string): HashKey => hash('md5', partitionKey, 'hex');

/** The first 52 bits of a hash key as a number: 13 digits, which compare faster than 32 and decide nearly always. */
export const topOf = (key: HashKey): number => Number.parseInt(key.slice(0, 13), 16);

/** Reads the API's decimal form; undefined when it is no number from 0 to 2^128 - 1. */
export function parseHashKey(decimal: string): HashKey | undefined {
  if (!/^(0|[1-9]\d{0,38})$/.test(decimal)) return undefined;
  const value = BigInt(decimal);
  return value < KEY_COUNT ? toHashKey(value) : undefined;
}

/** The API's decimal form. */
export const formatHashKey = (key: HashKey): string => toNumber(key).toString();

/** The key just before this one; only for keys above zero. */
export const previousHashKey = (key: HashKey): HashKey => toHashKey(toNumber(key) - 1n);

/** Whether `right` begins where `left` ends. */
export const isAdjacent = (left: HashRange, right: HashRange): boolean =>
  left.end !== LAST_HASH_KEY && toNumber(left.end) + 1n === toNumber(right.start);

/** The key that halves a range: the start of its upper half; undefined for a range of one key. */
export function middleOf(range: HashRange): HashKey | undefined {
  const [start, end] = [toNumber(range.start), toNumber(range.end)];
  return start === end ? undefined : toHashKey((start + end + 1n) / 2n);
}

/** The key space in `count` equal parts (the last keys over make some one key longer), lowest first. */
export function uniformRanges(count: number): HashRange[] {
  const parts = BigInt(count);
  const boundary = (part: bigint): bigint => (part * KEY_COUNT) / parts;
  return Array.from({ length: count }, (_, index) => ({
    start: toHashKey(boundary(BigInt(index))),
    end: toHashKey(boundary(BigInt(index) + 1n) - 1n),
  }));
}

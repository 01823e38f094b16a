import { decodeAggregate, type AggregatedRecord, type Digest } from './aggregation.js';
import { hashKeyOfDecimal, isInRange, type HashKey, type HashRange } from './hash-range.js';

/** A record as it came out of a Kinesis record, with its index inside it. */
export interface UnpackedRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly subSequence: number;
}

/** What came out of one Kinesis record. */
export interface Unpacked {
  readonly records: readonly UnpackedRecord[];
  /** Sub-sequence of the last record inside, delivered or not: the position at which this Kinesis record is done. */
  readonly lastSubSequence: number;
  /** Records left out, because their producer has put them elsewhere too. */
  readonly strays: number;
}

/** What unpacking needs from outside. */
export interface UnpackTools {
  readonly digest: Digest;
  /** Hash key of a partition key: MD5 as 32 hexadecimal digits. */
  readonly hashOf: (partitionKey: string) => HashKey;
}

const OUR_PREFIX = new TextEncoder().encode('{"mr":1,');

/**
 * Takes a Kinesis record apart. An aggregate that was built for a shard which was split meanwhile lands whole on one of
 * the children, with records ("strays") whose keys belong to the other child, where newer records of the same key
 * already are. Delivering strays here would break the order of their key, so their producer puts them again:
 *
 * - our producer, and KPL readers' own rule, count such an aggregate as not written at all, and put all of it again;
 * - the KPL (0.15.11 and later) counts the records that are in range as written, and puts the strays alone again.
 *
 * So an aggregate of ours with a stray gives nothing, and one of a KPL gives what is in range. Sub-sequences count what
 * is left out, so that checkpoints of either rule mean the same.
 */
export function unpackRecord(
  record: { readonly partitionKey: string; readonly data: Uint8Array },
  range: HashRange,
  tools: UnpackTools,
): Unpacked {
  const inside = decodeAggregate(record.data, tools.digest);
  if (inside === undefined || inside.length === 0) {
    const { partitionKey, data } = record;
    return { records: [{ partitionKey, data, subSequence: 0 }], lastSubSequence: 0, strays: 0 };
  }
  const records: UnpackedRecord[] = [];
  for (const [subSequence, aggregated] of inside.entries()) {
    if (!isInRange(hashOfAggregated(aggregated, tools), range)) continue;
    records.push({ partitionKey: aggregated.partitionKey, data: aggregated.data, subSequence });
  }
  const strays = inside.length - records.length;
  const lastSubSequence = inside.length - 1;
  if (strays > 0 && isOurs(inside[0])) return { records: [], lastSubSequence, strays: inside.length };
  return { records, lastSubSequence, strays };
}

function hashOfAggregated(record: AggregatedRecord, tools: UnpackTools): HashKey {
  const { explicitHashKey, partitionKey } = record;
  if (explicitHashKey === undefined || !/^\d+$/.test(explicitHashKey)) return tools.hashOf(partitionKey);
  return hashKeyOfDecimal(explicitHashKey);
}

function isOurs(first: AggregatedRecord | undefined): boolean {
  return first !== undefined && OUR_PREFIX.every((byte, index) => first.data[index] === byte);
}

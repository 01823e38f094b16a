/**
 * The aggregation format of the Kinesis Producer Library, so that any KPL-aware reader reads what we write and we read
 * what any KPL writes: one Kinesis record that carries many.
 *
 * ```text
 * F3 89 9A C2 | AggregatedRecord (protobuf) | MD5 of the protobuf, 16 bytes
 * AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2; repeated Record records = 3 }
 * Record           { uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2; bytes data = 3; repeated Tag tags = 4 }
 * ```
 * @see https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */

/** One record inside an aggregate. */
export interface AggregatedRecord {
  readonly partitionKey: string;
  /** Decimal, where the producer set one; it then decides the shard instead of the partition key. */
  readonly explicitHashKey?: string;
  readonly data: Uint8Array;
}

/** MD5 of bytes: given from outside, since core has no cryptography of its own. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;
const DIGEST_BYTES = 16;

/** Bytes of magic and digest around the protobuf. */
export const AGGREGATE_OVERHEAD_BYTES = MAGIC.length + DIGEST_BYTES;

const PARTITION_KEY_FIELD = 0x0a; // field 1, length-delimited
const EXPLICIT_HASH_KEY_FIELD = 0x12; // field 2, length-delimited
const RECORD_FIELD = 0x1a; // field 3, length-delimited, in both messages
const PARTITION_KEY_INDEX_FIELD = 0x08; // field 1, varint
const EXPLICIT_HASH_KEY_INDEX_FIELD = 0x10; // field 2, varint

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes that a record adds to an aggregate that already carries `knownKeys` partition keys. */
export function aggregatedBytes(
  record: { readonly keyBytes: number; readonly dataBytes: number },
  isNewKey: boolean,
  knownKeys: number,
): number {
  const inner = 1 + varintBytes(knownKeys) + 1 + varintBytes(record.dataBytes) + record.dataBytes;
  const key = isNewKey ? 1 + varintBytes(record.keyBytes) + record.keyBytes : 0;
  return key + 1 + varintBytes(inner) + inner;
}

/** Packs records into one Kinesis record's data. Explicit hash keys are read, never written: ours follow the key. */
export function encodeAggregate(
  records: readonly { readonly partitionKey: string; readonly data: Uint8Array }[],
  digest: Digest,
): Uint8Array {
  const keys = new Map<string, { readonly index: number; readonly bytes: Uint8Array }>();
  let size = AGGREGATE_OVERHEAD_BYTES;
  for (const { partitionKey, data } of records) {
    let key = keys.get(partitionKey);
    if (key === undefined) {
      key = { index: keys.size, bytes: encoder.encode(partitionKey) };
      keys.set(partitionKey, key);
      size += 1 + varintBytes(key.bytes.length) + key.bytes.length;
    }
    const inner = innerBytes(key.index, data);
    size += 1 + varintBytes(inner) + inner;
  }
  const out = new Uint8Array(size);
  out.set(MAGIC, 0);
  let at: number = MAGIC.length;
  for (const { bytes } of keys.values()) at = writeBlock(out, at, PARTITION_KEY_FIELD, bytes);
  for (const { partitionKey, data } of records) {
    const index = keys.get(partitionKey)?.index ?? 0;
    out[at] = RECORD_FIELD;
    at = writeVarint(out, at + 1, innerBytes(index, data));
    out[at] = PARTITION_KEY_INDEX_FIELD;
    at = writeVarint(out, at + 1, index);
    at = writeBlock(out, at, RECORD_FIELD, data);
  }
  out.set(digest(out.subarray(MAGIC.length, at)), at);
  return out;
}

/**
 * Unpacks an aggregate, or `undefined` when the bytes are a plain record: too short, another magic, a digest that does
 * not match, or no such protobuf. Such bytes pass through as they are, as every KPL reader does it.
 */
export function decodeAggregate(bytes: Uint8Array, digest: Digest): readonly AggregatedRecord[] | undefined {
  if (bytes.length <= AGGREGATE_OVERHEAD_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte))
    return undefined;
  const end = bytes.length - DIGEST_BYTES;
  const body = bytes.subarray(MAGIC.length, end);
  const expected = digest(body);
  for (let i = 0; i < DIGEST_BYTES; i += 1) if (expected[i] !== bytes[end + i]) return undefined;
  return readAggregate(new Cursor(body));
}

function readAggregate(cursor: Cursor): readonly AggregatedRecord[] | undefined {
  const partitionKeys: string[] = [];
  const explicitHashKeys: string[] = [];
  const blocks: Uint8Array[] = [];
  while (cursor.hasMore) {
    const tag = cursor.varint();
    if (tag === PARTITION_KEY_FIELD) partitionKeys.push(decoder.decode(cursor.block()));
    else if (tag === EXPLICIT_HASH_KEY_FIELD) explicitHashKeys.push(decoder.decode(cursor.block()));
    else if (tag === RECORD_FIELD) blocks.push(cursor.block());
    else cursor.skip(tag);
  }
  const records = blocks.map((block) => readRecord(new Cursor(block), partitionKeys, explicitHashKeys));
  const isWhole = !cursor.isBroken && records.every((record) => record !== undefined);
  return isWhole ? records : undefined;
}

function readRecord(
  cursor: Cursor,
  partitionKeys: readonly string[],
  explicitHashKeys: readonly string[],
): AggregatedRecord | undefined {
  let partitionKey: string | undefined;
  let explicitHashKey: string | undefined;
  let data: Uint8Array | undefined;
  while (cursor.hasMore) {
    const tag = cursor.varint();
    if (tag === PARTITION_KEY_INDEX_FIELD) partitionKey = partitionKeys[cursor.varint()];
    else if (tag === EXPLICIT_HASH_KEY_INDEX_FIELD) explicitHashKey = explicitHashKeys[cursor.varint()];
    else if (tag === RECORD_FIELD) data = cursor.block();
    else cursor.skip(tag);
  }
  if (cursor.isBroken || partitionKey === undefined || data === undefined) return undefined;
  return { partitionKey, data, ...(explicitHashKey !== undefined && { explicitHashKey }) };
}

/** Reads protobuf; bytes that run out make it broken instead of throwing, since broken bytes are an expected answer. */
class Cursor {
  isBroken = false;
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get hasMore(): boolean {
    return !this.isBroken && this.at < this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = this.bytes[this.at];
      this.at += 1;
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }

  block(): Uint8Array {
    const length = this.varint();
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) this.isBroken = true;
    return this.bytes.subarray(start, this.at);
  }

  /** Passes over a field this format does not know (tags, and what may come later). */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === 0) this.varint();
    else if (wireType === 2) this.block();
    else if (wireType === 1) this.at += 8;
    else if (wireType === 5) this.at += 4;
    else this.isBroken = true;
    if (this.at > this.bytes.length) this.isBroken = true;
  }
}

function innerBytes(index: number, data: Uint8Array): number {
  return 1 + varintBytes(index) + 1 + varintBytes(data.length) + data.length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

function writeVarint(out: Uint8Array, at: number, value: number): number {
  let [rest, next] = [value, at];
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80), next += 1) out[next] = (rest % 0x80) + 0x80;
  out[next] = rest;
  return next + 1;
}

function writeBlock(out: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
  out[at] = tag;
  const start = writeVarint(out, at + 1, bytes.length);
  out.set(bytes, start);
  return start + bytes.length;
}

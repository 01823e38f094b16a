import { limitOf } from '../../contract/limits.js';
import { textLanes } from '../lanes/text-lanes.js';
import { blob, list, required, structure, text, type Blob, type Field } from './fields.js';
import { hashKey } from './operation.js';

/** A record's partition key. */
export const partitionKey = text({ min: 1, max: limitOf('kinesis.partitionKey.maxLength') });
/** A record's data. */
export const data = blob(limitOf('kinesis.record.maxBytes'));

/** One record to put. */
export interface PutEntry {
  readonly Data: Blob;
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
  /** The first 52 bits of the key's MD5, when they are known already. */
  readonly keyTop?: number | undefined;
}

const MAX_ENTRIES = limitOf('kinesis.putRecords.maxEntries');
const MAX_KEY_LENGTH = limitOf('kinesis.partitionKey.maxLength');

const anyEntries = list(
  structure({ Data: required(data), PartitionKey: partitionKey, ExplicitHashKey: hashKey }),
  { min: 1, max: MAX_ENTRIES },
);

/**
 * The records of a PutRecords. Plain ones, with data and an ASCII key each and nothing wrong with any, are read all at
 * once; the rest, and whatever may be wrong, goes through the general reader, which knows the words to refuse it with.
 */
export const recordBatch: Field<readonly PutEntry[]> = {
  isRequired: false,
  read: (value, problems) => readPlainEntries(value) ?? anyEntries.read(value, problems),
};

function readPlainEntries(value: unknown): readonly PutEntry[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENTRIES) return undefined;
  const blobs: string[] = [];
  const keys: string[] = [];
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) return undefined;
    const { Data, PartitionKey, ExplicitHashKey } = entry as Readonly<Record<string, unknown>>;
    if (typeof Data !== 'string' || typeof PartitionKey !== 'string') return undefined;
    if (PartitionKey.length === 0 || PartitionKey.length > MAX_KEY_LENGTH) return undefined;
    if (ExplicitHashKey !== undefined && ExplicitHashKey !== null) return undefined;
    blobs.push(Data);
    keys.push(PartitionKey);
  }
  return combine(blobs, keys);
}

function combine(blobs: readonly string[], keys: readonly string[]): readonly PutEntry[] | undefined {
  const lanes = textLanes();
  const paddings = blobs.map(paddingOf);
  const padding = paddings.reduce((sum, one) => sum + one, 0);
  // As many `=` as stand at the ends: then none stands elsewhere.
  if (!lanes.take(blobs) || lanes.countPads() !== padding) return undefined;
  if (!lanes.take(keys)) return undefined;
  lanes.digest(keys);
  return blobs.map((base64, at) => ({
    Data: { base64, bytes: (base64.length / 4) * 3 - (paddings[at] ?? 0) },
    PartitionKey: keys[at],
    keyTop: lanes.topOf(at),
  }));
}

const EQUALS = 61;

/** How many `=` end a base64 text: 0 to 2; NaN when its length is none of base64's. */
function paddingOf(base64: string): number {
  const { length } = base64;
  if (length % 4 !== 0) return NaN;
  if (base64.charCodeAt(length - 1) !== EQUALS) return 0;
  return base64.charCodeAt(length - 2) === EQUALS ? 2 : 1;
}

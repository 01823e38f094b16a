import { limitOf } from '../../contract/limits.js';
import {
  FIRST_HASH_KEY,
  hashPartitionKey,
  middleOf,
  previousHashKey,
  topOf,
  uniformRanges,
  type HashKey,
  type HashRange,
} from './hash-key.js';
import { RecordLog, type StoredRecord } from './record-log.js';
import { formatSequenceNumber, frameSequenceNumbers } from './sequence-number.js';
import type { KinesisState, Shard, ShardLimits, Stream } from './stream-state.js';
import { TokenBucket } from './token-bucket.js';

const perSecond = (rate: number, now: number): TokenBucket =>
  new TokenBucket({ perSecond: rate, capacity: rate }, now);

/** GetShardIterator calls per second and shard. */
const ITERATOR_CALLS_PER_SECOND = 5;

const shardLimits = (now: number): ShardLimits => ({
  writeBytes: perSecond(limitOf('kinesis.shard.writeBytesPerSecond'), now),
  writeRecords: perSecond(limitOf('kinesis.shard.writeRecordsPerSecond'), now),
  readBytes: perSecond(limitOf('kinesis.shard.readBytesPerSecond'), now),
  readCalls: perSecond(limitOf('kinesis.shard.getRecordsPerSecond'), now),
  iteratorCalls: perSecond(ITERATOR_CALLS_PER_SECOND, now),
});

/** The id AWS gives the n-th shard of a stream. */
export const shardIdOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

/** Adds the first shards of a new stream. */
export function openFirstShards(stream: Stream, count: number, now: number): void {
  stream.open = uniformRanges(count).map((range) => openShard(stream, range, [], now));
}

function openShard(stream: Stream, range: HashRange, parents: readonly string[], now: number): Shard {
  const number = stream.nextShardNumber;
  const { generation } = stream;
  const frame = frameSequenceNumbers(generation, number);
  const shard: Shard = {
    id: shardIdOf(number),
    number,
    range,
    startTop: topOf(range.start),
    parents,
    generation,
    frame,
    startingSequenceNumber: formatSequenceNumber(frame, 0, now),
    openedAt: now,
    log: new RecordLog(),
    limits: shardLimits(now),
    closure: undefined,
    lastIndex: 0,
    readBlockedUntil: 0,
    load: { since: now, bytes: 0 },
  };
  stream.nextShardNumber += 1;
  stream.shards.set(shard.id, shard);
  return shard;
}

function closeShard(shard: Shard, children: readonly Shard[], now: number): void {
  shard.lastIndex += 1;
  const endingSequenceNumber = tipOf(shard, now);
  shard.closure = { at: now, endingSequenceNumber, children };
}

/** Closes `parents` and opens one child per range; the open shards cover the key space before and after. */
function replaceShards(
  stream: Stream,
  parents: readonly Shard[],
  ranges: readonly HashRange[],
  now: number,
): readonly Shard[] {
  stream.generation = Math.max(stream.generation + 1, Math.floor(now / 1_000));
  const parentIds = parents.map((parent) => parent.id);
  const children = ranges.map((range) => openShard(stream, range, parentIds, now));
  for (const parent of parents) closeShard(parent, children, now);
  stream.open = [...stream.open.filter((shard) => !parents.includes(shard)), ...children].sort((a, b) =>
    a.range.start < b.range.start ? -1 : 1,
  );
  return children;
}

/** Splits an open shard so that `at`, inside its range, starts the upper child. */
export function splitShard(stream: Stream, shard: Shard, at: HashKey, now: number): void {
  const lower = { start: shard.range.start, end: previousHashKey(at) };
  replaceShards(stream, [shard], [lower, { start: at, end: shard.range.end }], now);
}

/** Splits an open shard in the middle; a shard of one key stays as it is. */
export function halveShard(stream: Stream, shard: Shard, now: number): void {
  const middle = middleOf(shard.range);
  if (middle !== undefined) splitShard(stream, shard, middle, now);
}

/** Merges two open, adjacent shards; `shard` becomes the parent, the other the adjacent parent. */
export function mergeShards(stream: Stream, shard: Shard, adjacent: Shard, now: number): void {
  const [low, high] = shard.range.start < adjacent.range.start ? [shard, adjacent] : [adjacent, shard];
  replaceShards(stream, [shard, adjacent], [{ start: low.range.start, end: high.range.end }], now);
}

/**
 * Brings a stream to `count` equal shards the way the service does: by splits at the new boundaries, then by merges of
 * what lies between two of them. Shards in between open and close at once, and stay in the lineage.
 */
export function resizeUniformly(stream: Stream, count: number, now: number): void {
  const targets = uniformRanges(count);
  for (const { start } of targets) {
    if (start === FIRST_HASH_KEY) continue;
    const crossed = routeTo(stream, start);
    if (crossed !== undefined && crossed.range.start !== start) splitShard(stream, crossed, start, now);
  }
  for (const target of targets) {
    for (;;) {
      const [first, second] = stream.open.filter(
        ({ range }) => range.start >= target.start && range.end <= target.end,
      );
      if (first === undefined || second === undefined) break;
      mergeShards(stream, first, second, now);
    }
  }
}

/** The open shard that holds a hash key. */
export function routeTo(stream: Stream, key: HashKey): Shard | undefined {
  const { open } = stream;
  let low = 0;
  let high = open.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const shard = open[middle];
    if (shard !== undefined && shard.range.start <= key) low = middle;
    else high = middle - 1;
  }
  return open[low];
}

/** The open shard that holds a partition key. */
export const routeByKey = (stream: Stream, partitionKey: string): Shard | undefined =>
  routeTo(stream, hashPartitionKey(partitionKey));

/** As {@link routeByKey}, by the first 52 bits of the key's MD5. */
export function routeByTop(stream: Stream, top: number, partitionKey: string): Shard | undefined {
  const { open } = stream;
  let low = 0;
  let high = open.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const shard = open[middle];
    if (shard !== undefined && shard.startTop <= top) low = middle;
    else high = middle - 1;
  }
  const shard = open[low];
  // Which side of a boundary with the same first digits it falls on, only the other digits tell.
  return shard?.startTop === top ? routeByKey(stream, partitionKey) : shard;
}

/** The end of a shard at `now`: at or above every record it holds, below every record to come. */
export const tipOf = (shard: Shard, now: number): string =>
  shard.closure?.endingSequenceNumber ?? formatSequenceNumber(shard.frame, shard.lastIndex, now);

/** How far apart sequence numbers may lie: nobody may count on the next one being one more. */
const LARGEST_STEP = 4;

/** Appends a record and gives its sequence number. */
export function appendRecord(
  state: KinesisState,
  shard: Shard,
  { partitionKey, base64, bytes, arrival }: Omit<StoredRecord, 'index'>,
): string {
  const index = shard.lastIndex + 1 + Math.floor(state.random.next() * LARGEST_STEP);
  shard.lastIndex = index;
  shard.log.append({ index, partitionKey, base64, bytes, arrival });
  return formatSequenceNumber(shard.frame, index, arrival.at);
}

/** The sequence number of a record of the given shard. */
export const sequenceNumberOf = (shard: Shard, record: StoredRecord): string =>
  formatSequenceNumber(shard.frame, record.index, record.arrival.at);

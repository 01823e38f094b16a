import { limitOf } from '../../contract/limits.js';
import { answer, refuse, toTimestamp, type Refusal } from './answers.js';
import { flag, required, text, timestamp, whole } from './fields.js';
import { formatHashKey } from './hash-key.js';
import {
  formatIterator,
  latestPosition,
  offsetOf,
  parseIterator,
  timestampPosition,
  trimHorizonPosition,
  type ShardIterator,
  type ShardPosition,
} from './iterator.js';
import { operation, sequenceNumber, shardId, STREAM_REFERENCE, streamArn } from './operation.js';
import { dryRun } from './put-operations.js';
import type { StoredRecord } from './record-log.js';
import { parseSequenceNumber } from './sequence-number.js';
import { sequenceNumberOf } from './shards.js';
import type { KinesisState, Shard, Stream } from './stream-state.js';
import { findServingStream } from './streams.js';

/** Where reading may start. */
export const POSITION_TYPES = [
  'AT_SEQUENCE_NUMBER',
  'AFTER_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
  'LATEST',
  'AT_TIMESTAMP',
] as const;

/** A starting position as GetShardIterator and SubscribeToShard take it. */
export interface StartingPosition {
  readonly type: (typeof POSITION_TYPES)[number];
  readonly sequenceNumber: string | undefined;
  readonly timestamp: number | undefined;
}

const ITERATOR_LIFETIME_MS = limitOf('kinesis.iterator.lifetime') * 1_000;
const READ_BYTES_PER_SECOND = limitOf('kinesis.shard.readBytesPerSecond');

/** GetShardIterator: a place to read from, good for five minutes. */
export const getShardIterator = operation(
  {
    ...STREAM_REFERENCE,
    ShardId: required(shardId),
    ShardIteratorType: required(text({ oneOf: POSITION_TYPES })),
    StartingSequenceNumber: sequenceNumber,
    Timestamp: timestamp,
    DryRun: flag,
  },
  (state, input, now) => {
    const found = findShard(state, input, input.ShardId);
    if (found.kind === 'fault') return found;
    const { stream, shard } = found;
    if (state.areLimitsEnforced && !shard.limits.iteratorCalls.tryTake(1, now))
      return throttled(state, stream, shard);
    const start = resolvePosition(
      shard,
      {
        type: input.ShardIteratorType,
        sequenceNumber: input.StartingSequenceNumber,
        timestamp: input.Timestamp,
      },
      now,
    );
    if (start.kind === 'fault') return start;
    if (input.DryRun === true) return dryRun();
    return answer({ ShardIterator: iteratorAt(stream, shard, start.position, now) });
  },
);

/** GetRecords: the next records of a shard; at the end of a closed one, its children instead of a next iterator. */
export const getRecords = operation(
  {
    StreamARN: streamArn,
    ShardIterator: required(text({ min: 1, max: 512 })),
    Limit: whole({ min: 1, max: limitOf('kinesis.getRecords.maxRecords') }),
    DryRun: flag,
  },
  (state, input, now) => {
    const opened = openIterator(state, input.ShardIterator, now);
    if (opened.kind === 'fault') return opened;
    const { stream, shard, iterator } = opened;
    if (state.areLimitsEnforced && !mayRead(shard, now)) return throttled(state, stream, shard);
    if (input.DryRun === true) return dryRun();
    const page = readPage(shard, iterator.position, {
      maxRecords: input.Limit ?? limitOf('kinesis.getRecords.maxRecords'),
      maxBytes: limitOf('kinesis.getRecords.maxBytes'),
    });
    chargeRead(shard, page.bytes, now);
    const hasEnded = shard.closure !== undefined && page.next === undefined;
    return answer({
      Records: page.records.map((record) => describeRecord(shard, record)),
      MillisBehindLatest: millisBehind(page.next, now),
      ...(hasEnded
        ? { ChildShards: describeChildren(shard) }
        : { NextShardIterator: iteratorAt(stream, shard, page.position, now) }),
    });
  },
);

/** A page of records, the place after it, and the record there if it has come already. */
export interface Page {
  readonly records: readonly StoredRecord[];
  readonly bytes: number;
  readonly position: ShardPosition;
  readonly next: StoredRecord | undefined;
}

/** Reads from a position; the first record is given whatever its size. */
export function readPage(
  shard: Shard,
  position: ShardPosition,
  bounds: { readonly maxRecords: number; readonly maxBytes: number },
): Page {
  const records: StoredRecord[] = [];
  let bytes = 0;
  let offset = offsetOf(shard, position);
  let next = shard.log.at(offset);
  while (next !== undefined && records.length < bounds.maxRecords) {
    if (records.length > 0 && bytes + next.bytes > bounds.maxBytes) break;
    records.push(next);
    bytes += next.bytes;
    offset += 1;
    next = shard.log.at(offset);
  }
  const last = records.at(-1);
  return {
    records,
    bytes,
    position:
      last === undefined ? position : { bound: 'after', sequenceNumber: sequenceNumberOf(shard, last) },
    next,
  };
}

/** How far a reader is behind whose next record is the given one. */
export const millisBehind = (next: StoredRecord | undefined, now: number): number =>
  next === undefined ? 0 : Math.max(0, now - next.arrival.at);

/** A record as GetRecords and SubscribeToShard give it. */
export function describeRecord(shard: Shard, record: StoredRecord): Readonly<Record<string, unknown>> {
  const described = {
    SequenceNumber: sequenceNumberOf(shard, record),
    ApproximateArrivalTimestamp: toTimestamp(record.arrival.at),
    Data: record.base64,
    PartitionKey: record.partitionKey,
  };
  return record.arrival.isEncrypted ? { ...described, EncryptionType: 'KMS' } : described;
}

/** The children of a closed shard, as its readers are told. */
export const describeChildren = (shard: Shard): readonly Readonly<Record<string, unknown>>[] =>
  (shard.closure?.children ?? []).map((child) => ({
    ShardId: child.id,
    ParentShards: child.parents,
    HashKeyRange: {
      StartingHashKey: formatHashKey(child.range.start),
      EndingHashKey: formatHashKey(child.range.end),
    },
  }));

const iteratorAt = (stream: Stream, shard: Shard, position: ShardPosition, now: number): string =>
  formatIterator({ streamId: stream.id, shardId: shard.id, position, issuedAt: now });

/** A starting position in a given shard, or why there is none. */
export function resolvePosition(
  shard: Shard,
  start: StartingPosition,
  now: number,
): { readonly kind: 'position'; readonly position: ShardPosition } | Refusal {
  switch (start.type) {
    case 'TRIM_HORIZON':
      return { kind: 'position', position: trimHorizonPosition(shard) };
    case 'LATEST':
      return { kind: 'position', position: latestPosition(shard, now) };
    case 'AT_TIMESTAMP': {
      const time = start.timestamp;
      if (time === undefined) return missing('Timestamp', start.type);
      if (time > now)
        return refuse(
          'InvalidArgumentException',
          `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${time}, currentTimestampInMillis: ${now}`,
        );
      return { kind: 'position', position: timestampPosition(shard, time, now) };
    }
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      if (start.sequenceNumber === undefined) return missing('StartingSequenceNumber', start.type);
      const bound = start.type === 'AT_SEQUENCE_NUMBER' ? 'at' : 'after';
      if (!hasGivenOut(shard, start.sequenceNumber))
        return refuse(
          'InvalidArgumentException',
          `StartingSequenceNumber ${start.sequenceNumber} used in GetShardIterator on shard ${shard.id} is invalid because it did not come from this shard.`,
        );
      return { kind: 'position', position: { bound, sequenceNumber: start.sequenceNumber } };
    }
  }
}

const missing = (name: string, type: string): Refusal =>
  refuse('InvalidArgumentException', `Must specify ${name} with iterator type ${type}.`);

function hasGivenOut(shard: Shard, text: string): boolean {
  const parts = parseSequenceNumber(text);
  return (
    parts?.shardNumber === shard.number &&
    parts.generation === shard.generation &&
    parts.index <= shard.lastIndex
  );
}

type FoundShard = { readonly kind: 'found'; readonly stream: Stream; readonly shard: Shard } | Refusal;

/** Finds a shard of a stream that serves. */
export function findShard(
  state: KinesisState,
  reference: Parameters<typeof findServingStream>[1],
  id: string,
): FoundShard {
  const found = findServingStream(state, reference);
  if (found.kind === 'fault') return found;
  const shard = found.stream.shards.get(id);
  if (shard !== undefined) return { kind: 'found', stream: found.stream, shard };
  return refuse(
    'ResourceNotFoundException',
    `Shard ${id} in stream ${found.stream.name} under account ${state.accountId} does not exist`,
  );
}

type OpenedIterator =
  | {
      readonly kind: 'opened';
      readonly stream: Stream;
      readonly shard: Shard;
      readonly iterator: ShardIterator;
    }
  | Refusal;

function openIterator(state: KinesisState, text: string, now: number): OpenedIterator {
  const iterator = parseIterator(text);
  if (iterator === undefined) return refuse('InvalidArgumentException', 'Invalid ShardIterator.');
  if (now - iterator.issuedAt > ITERATOR_LIFETIME_MS)
    return refuse(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at time ${new Date(iterator.issuedAt).toISOString()} while right now it is ${new Date(now).toISOString()} which is further in the future than the tolerated delay of ${ITERATOR_LIFETIME_MS} milliseconds.`,
    );
  for (const stream of state.streams.values()) {
    if (stream.id !== iterator.streamId || stream.status === 'DELETING') continue;
    const shard = stream.shards.get(iterator.shardId);
    if (shard !== undefined) return { kind: 'opened', stream, shard, iterator };
  }
  return refuse(
    'ResourceNotFoundException',
    `Shard ${iterator.shardId} of the iterator under account ${state.accountId} does not exist`,
  );
}

const mayRead = (shard: Shard, now: number): boolean =>
  now >= shard.readBlockedUntil &&
  shard.limits.readBytes.has(1, now) &&
  shard.limits.readCalls.tryTake(1, now);

/** A read of more than a second's worth blocks the shard for as long as it is worth: 10 MiB for five seconds. */
function chargeRead(shard: Shard, bytes: number, now: number): void {
  shard.limits.readBytes.take(Math.min(bytes, READ_BYTES_PER_SECOND), now);
  if (bytes > READ_BYTES_PER_SECOND)
    shard.readBlockedUntil = now + Math.ceil((bytes / READ_BYTES_PER_SECOND) * 1_000);
}

const throttled = (state: KinesisState, stream: Stream, shard: Shard): Refusal =>
  refuse(
    'ProvisionedThroughputExceededException',
    `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${state.accountId}.`,
  );

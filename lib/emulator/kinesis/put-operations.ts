import { limitOf } from '../../contract/limits.js';
import type { ApiResult } from '../engine.js';
import { answer, refuse, type Refusal } from './answers.js';
import { flag, required } from './fields.js';
import { parseHashKey } from './hash-key.js';
import { hashKey, operation, sequenceNumber as sequenceNumberText, STREAM_REFERENCE } from './operation.js';
import { parseSequenceNumber } from './sequence-number.js';
import { data, partitionKey, recordBatch, type PutEntry } from './record-batch.js';
import type { Arrival } from './record-log.js';
import { appendRecord, routeByKey, routeByTop, routeTo } from './shards.js';
import type { KinesisState, Shard, Stream } from './stream-state.js';
import { findServingStream, noteLoad } from './streams.js';

const DRY_RUN = { DryRun: flag } as const;

/** The answer to a call that would have worked but was only tried. */
export const dryRun = (): Refusal =>
  refuse('DryRunOperationException', 'Request would have succeeded, but DryRun flag is set.');

/** PutRecord: one record, refused as a whole when the shard is out of throughput. */
export const putRecord = operation(
  {
    ...STREAM_REFERENCE,
    ...DRY_RUN,
    Data: required(data),
    PartitionKey: partitionKey,
    ExplicitHashKey: hashKey,
    SequenceNumberForOrdering: sequenceNumberText,
  },
  (state, input, now) => {
    const found = findServingStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    const bytes = sizeOf(input);
    const misfit = misfitOf(stream, input, bytes) ?? orderingMisfit(stream, input.SequenceNumberForOrdering);
    if (misfit !== undefined) return misfit;
    if (input.DryRun === true) return dryRun();
    const put = putEntry(state, stream, { entry: input, bytes, arrival: arrivalIn(stream, now) });
    return put.kind === 'throttled'
      ? refuse('ProvisionedThroughputExceededException', put.message)
      : answer({ ...put.result, EncryptionType: encryptionOf(stream) });
  },
);

/** PutRecords: up to 500 records, each with its own outcome. */
export const putRecords = operation(
  {
    ...STREAM_REFERENCE,
    ...DRY_RUN,
    Records: required(recordBatch),
  },
  (state, input, now) => {
    const found = findServingStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    const sizes: number[] = [];
    for (const entry of input.Records) {
      const bytes = sizeOf(entry);
      const misfit = misfitOf(stream, entry, bytes);
      if (misfit !== undefined) return misfit;
      sizes.push(bytes);
    }
    const misfit = requestSizeMisfit(sizes);
    if (misfit !== undefined) return misfit;
    if (input.DryRun === true) return dryRun();
    return putEntries(state, stream, { entries: input.Records, sizes, now });
  },
);

interface Entries {
  readonly entries: readonly PutEntry[];
  /** Bytes of each entry. */
  readonly sizes: readonly number[];
  readonly now: number;
}

function putEntries(state: KinesisState, stream: Stream, { entries, sizes, now }: Entries): ApiResult {
  let failed = 0;
  const arrival = arrivalIn(stream, now);
  const results = entries.map((entry, at) => {
    const put = putEntry(state, stream, { entry, bytes: sizes[at] ?? 0, arrival });
    if (put.kind === 'put') return put.result;
    failed += 1;
    return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: put.message };
  });
  return answer({ FailedRecordCount: failed, Records: results, EncryptionType: encryptionOf(stream) });
}

type PutOutcome =
  | { readonly kind: 'put'; readonly result: { readonly ShardId: string; readonly SequenceNumber: string } }
  | { readonly kind: 'throttled'; readonly message: string };

interface SizedEntry {
  readonly entry: PutEntry;
  readonly bytes: number;
  readonly arrival: Arrival;
}

const arrivalIn = (stream: Stream, now: number): Arrival => ({
  at: now,
  isEncrypted: stream.keyId !== undefined,
});

function putEntry(state: KinesisState, stream: Stream, { entry, bytes, arrival }: SizedEntry): PutOutcome {
  const now = arrival.at;
  const shard = shardFor(state, stream, entry);
  if (state.areLimitsEnforced && !takeWriteCapacity(shard, bytes, now))
    return {
      kind: 'throttled',
      message: `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${state.accountId}.`,
    };
  const sequenceNumber = appendRecord(state, shard, {
    partitionKey: entry.PartitionKey ?? '',
    base64: entry.Data.base64,
    bytes: entry.Data.bytes,
    arrival,
  });
  noteLoad(stream, shard, bytes, now);
  return { kind: 'put', result: { ShardId: shard.id, SequenceNumber: sequenceNumber } };
}

function takeWriteCapacity({ limits }: Shard, bytes: number, now: number): boolean {
  if (!limits.writeBytes.has(bytes, now) || !limits.writeRecords.tryTake(1, now)) return false;
  limits.writeBytes.take(bytes, now);
  return true;
}

function shardFor(state: KinesisState, stream: Stream, entry: PutEntry): Shard {
  const isSpread = stream.distribution === 'AUTO';
  const shard = isSpread
    ? stream.open[Math.floor(state.random.next() * stream.open.length)]
    : routeEntry(stream, entry);
  if (shard === undefined)
    throw new RangeError(`the open shards of ${stream.name} leave a hash key uncovered`);
  return shard;
}

function routeEntry(stream: Stream, entry: PutEntry): Shard | undefined {
  if (entry.keyTop !== undefined) return routeByTop(stream, entry.keyTop, entry.PartitionKey ?? '');
  const explicit = entry.ExplicitHashKey === undefined ? undefined : parseHashKey(entry.ExplicitHashKey);
  return explicit === undefined ? routeByKey(stream, entry.PartitionKey ?? '') : routeTo(stream, explicit);
}

/** What a record counts as: its data and its key. */
const sizeOf = (entry: PutEntry): number => entry.Data.bytes + Buffer.byteLength(entry.PartitionKey ?? '');

const encryptionOf = (stream: Stream): 'KMS' | 'NONE' => (stream.keyId === undefined ? 'NONE' : 'KMS');

function misfitOf(stream: Stream, entry: PutEntry, bytes: number): Refusal | undefined {
  if (stream.distribution === 'USER_PARTITION_KEY' && entry.PartitionKey === undefined)
    return refuse(
      'ValidationException',
      "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null",
    );
  if (entry.ExplicitHashKey !== undefined && parseHashKey(entry.ExplicitHashKey) === undefined)
    return refuse(
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${entry.ExplicitHashKey}`,
    );
  const maxBytes = stream.maxRecordKiB * 1_024;
  if (bytes <= maxBytes) return undefined;
  return refuse(
    'InvalidArgumentException',
    `Record size ${bytes} exceeds the maximum record size of ${maxBytes} bytes of stream ${stream.name}.`,
  );
}

function requestSizeMisfit(sizes: readonly number[]): Refusal | undefined {
  const maxBytes = limitOf('kinesis.putRecords.maxBytes');
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes <= maxBytes) return undefined;
  return refuse('InvalidArgumentException', `Records size exceeds ${maxBytes / 1_048_576} MB limit`);
}

function orderingMisfit(stream: Stream, ordering: string | undefined): Refusal | undefined {
  if (ordering === undefined) return undefined;
  const parts = parseSequenceNumber(ordering);
  const isOfStream = parts !== undefined && parts.shardNumber < stream.nextShardNumber;
  if (isOfStream && stream.distribution === 'USER_PARTITION_KEY') return undefined;
  return refuse(
    'InvalidArgumentException',
    `ExclusiveMinimumSequenceNumber ${ordering} used in PutRecord on stream ${stream.name} is invalid.`,
  );
}

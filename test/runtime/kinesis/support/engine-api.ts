import type { Clock } from '../../../../lib/core/clock.js';
import { hashKeyOfDecimal } from '../../../../lib/core/stream/hash-range.js';
import type { Shard } from '../../../../lib/core/stream/shard-graph.js';
import { createKinesisEngine } from '../../../../lib/emulator/kinesis/kinesis-engine.js';
import type { IteratorStart, KinesisApi } from '../../../../lib/runtime/kinesis/kinesis-api.js';
import { sleep } from '../../../../lib/runtime/system/sleep.js';

const STREAM = 'flights';

interface RangeJson {
  readonly StartingHashKey: string;
  readonly EndingHashKey: string;
}
interface ShardJson {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: RangeJson;
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
}
interface PageJson {
  readonly Records: readonly {
    readonly PartitionKey: string;
    readonly SequenceNumber: string;
    readonly Data: string;
    readonly ApproximateArrivalTimestamp: number;
  }[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly {
    readonly ShardId: string;
    readonly ParentShards: readonly string[];
    readonly HashKeyRange: RangeJson;
  }[];
}
interface PutJson {
  readonly Records: readonly {
    readonly ShardId?: string;
    readonly SequenceNumber?: string;
    readonly ErrorCode?: string;
  }[];
}

/** What goes wrong with a call: nothing, an error before it or an answer lost after it. */
export type Fault = 'none' | 'before' | 'after';

export interface EngineStreamOptions {
  readonly clock: Clock;
  readonly shards?: number;
  readonly latencyMs?: number;
  readonly areLimitsEnforced?: boolean;
  readonly faultOf?: (operation: string) => Fault;
}

export interface EngineStream {
  readonly api: KinesisApi;
  readonly calls: Map<string, number>;
  openShards(): readonly Shard[];
  /** Splits the n-th open shard in the middle. */
  split(index: number): Promise<void>;
  /** Merges the n-th open shard with the next one. */
  merge(index: number): Promise<void>;
  /** Writes bytes as some other producer would; returns the shard. */
  putRaw(partitionKey: string, data: Uint8Array): string;
}

/** A stream in the emulator's own engine, on the given clock and without sockets. */
export function createEngineStream(options: EngineStreamOptions): EngineStream {
  const { clock, shards = 2, latencyMs = 5, faultOf = () => 'none' as const } = options;
  const engine = createKinesisEngine({
    region: 'us-east-1',
    accountId: '000000000000',
    randomId: () => 'id',
    random: { next: () => 0.5 },
    transitionMs: 0,
    areLimitsEnforced: options.areLimitsEnforced ?? false,
  });
  const calls = new Map<string, number>();
  const now = (operation: string, input: object): unknown => {
    const result = engine.call({ operation, input: { ...input } }, Math.floor(clock.now())); // epoch milliseconds are whole
    if (result.kind === 'output') return result.output;
    const fault = result.kind === 'fault' ? result.fault : { code: 'Unexpected', status: 500 };
    throw Object.assign(new Error(fault.code), {
      name: fault.code,
      $metadata: { httpStatusCode: fault.status },
    });
  };
  const call = async (operation: string, input: object, signal?: AbortSignal): Promise<unknown> => {
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const fault = faultOf(operation);
    await sleep(clock, latencyMs, signal);
    if (signal?.aborted === true) throw Object.assign(new Error('aborted'), { name: 'AbortError' });
    const failure = Object.assign(new Error('reset'), { name: 'TimeoutError' });
    if (fault === 'before') throw failure;
    const output = now(operation, input);
    await sleep(clock, latencyMs);
    if (fault === 'after') throw failure;
    return output;
  };
  now('CreateStream', { StreamName: STREAM, ShardCount: shards });
  const list = (output: unknown): readonly Shard[] =>
    (output as { Shards: readonly ShardJson[] }).Shards.map(shardOf);
  const openShards = (): readonly Shard[] =>
    list(now('ListShards', { StreamName: STREAM }))
      .filter(({ isOpen }) => isOpen)
      .sort((a, b) => (a.hashRange.start < b.hashRange.start ? -1 : 1));

  return {
    calls,
    openShards,
    api: {
      listShards: async (signal) => list(await call('ListShards', { StreamName: STREAM }, signal)),
      async openIterator({ shardId, start }, signal) {
        const input = { StreamName: STREAM, ShardId: shardId, ...iteratorInput(start) };
        const output = (await call('GetShardIterator', input, signal)) as { readonly ShardIterator: string };
        return output.ShardIterator;
      },
      async getRecords({ iterator, limit }, signal) {
        const page = (await call(
          'GetRecords',
          { ShardIterator: iterator, Limit: limit },
          signal,
        )) as PageJson;
        return pageOf(page);
      },
      async putRecords(entries, signal) {
        const Records = entries.map(({ partitionKey, data }) => ({
          PartitionKey: partitionKey,
          Data: Buffer.from(data).toString('base64'),
        }));
        const output = (await call('PutRecords', { StreamName: STREAM, Records }, signal)) as PutJson;
        return output.Records.map(({ ShardId, SequenceNumber, ErrorCode }) =>
          ShardId !== undefined && SequenceNumber !== undefined
            ? { kind: 'landed', shardId: ShardId, sequenceNumber: SequenceNumber }
            : ErrorCode === 'ProvisionedThroughputExceededException'
              ? { kind: 'throttled' }
              : { kind: 'failed', code: ErrorCode ?? '' },
        );
      },
      close: () => undefined,
    },
    async split(index) {
      const shard = openShards()[index];
      const { start = '0', end = '0' } = shard?.hashRange ?? {};
      const middle = (BigInt(`0x${start}`) + BigInt(`0x${end}`)) / 2n;
      const input = { StreamName: STREAM, ShardToSplit: shard?.shardId, NewStartingHashKey: String(middle) };
      await call('SplitShard', input);
    },
    async merge(index) {
      const [left, right] = openShards().slice(index);
      const input = { StreamName: STREAM, ShardToMerge: left?.shardId, AdjacentShardToMerge: right?.shardId };
      await call('MergeShards', input);
    },
    putRaw(partitionKey, data) {
      const Data = Buffer.from(data).toString('base64');
      const output = now('PutRecord', { StreamName: STREAM, PartitionKey: partitionKey, Data });
      return (output as { readonly ShardId: string }).ShardId;
    },
  };
}

function iteratorInput(start: IteratorStart): object {
  switch (start.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'since':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: start.epochMs / 1_000 };
    case 'at':
      return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: start.sequenceNumber };
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: start.sequenceNumber };
  }
}

function shardOf(json: ShardJson): Shard {
  return {
    shardId: json.ShardId,
    parents: [json.ParentShardId, json.AdjacentParentShardId].filter((parent) => parent !== undefined),
    hashRange: rangeOf(json.HashKeyRange),
    isOpen: json.SequenceNumberRange.EndingSequenceNumber === undefined,
  };
}

function rangeOf(range: RangeJson): Shard['hashRange'] {
  return { start: hashKeyOfDecimal(range.StartingHashKey), end: hashKeyOfDecimal(range.EndingHashKey) };
}

function pageOf(page: PageJson): Awaited<ReturnType<KinesisApi['getRecords']>> {
  const next = page.NextShardIterator;
  return {
    records: page.Records.map((record) => ({
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data: Buffer.from(record.Data, 'base64'),
      arrivedAt: record.ApproximateArrivalTimestamp * 1_000,
    })),
    millisBehind: page.MillisBehindLatest,
    childShards: (page.ChildShards ?? []).map((child) => ({
      shardId: child.ShardId,
      parents: child.ParentShards,
      hashRange: rangeOf(child.HashKeyRange),
      isOpen: true,
    })),
    ...(next !== undefined && { nextIterator: next }),
  };
}

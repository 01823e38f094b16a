import type {
  ChildShard,
  GetRecordsCommandOutput,
  GetShardIteratorCommandInput,
  KinesisClient,
  PutRecordsResultEntry,
  Shard as ListedShard,
} from '@aws-sdk/client-kinesis';
import { loadKinesisModule, type AwsTarget } from '../aws/load-sdk.js';
import { hashKeyOfDecimal, WHOLE_RANGE, type HashRange } from '../../core/stream/hash-range.js';
import type { Shard } from '../../core/stream/shard-graph.js';
import type { IteratorStart, KinesisApi, KinesisRecord, PutAnswer, ShardPage } from './kinesis-api.js';
import { http2Config } from '../aws/client-config.js';

/** The calls over SDK v3, for one stream. */
export async function createSdkKinesisApi(
  target: AwsTarget,
  streamArn: string,
  given?: KinesisClient,
): Promise<KinesisApi> {
  const sdk = await loadKinesisModule();
  const client = given ?? new sdk.KinesisClient(http2Config(target));
  const StreamARN = streamArn;
  return {
    async listShards(abortSignal) {
      const shards: Shard[] = [];
      let NextToken: string | undefined;
      do {
        // A page token names the stream by itself; the service refuses both together.
        const input = NextToken === undefined ? { StreamARN } : { NextToken };
        const page = await client.send(new sdk.ListShardsCommand(input), { abortSignal });
        shards.push(...(page.Shards ?? []).map(shardOf));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return shards;
    },
    async openIterator({ shardId, start }, abortSignal) {
      const input = { StreamARN, ShardId: shardId, ...iteratorInput(start) };
      const { ShardIterator } = await client.send(new sdk.GetShardIteratorCommand(input), { abortSignal });
      return ShardIterator ?? '';
    },
    async getRecords({ iterator, limit }, abortSignal) {
      const input = { StreamARN, ShardIterator: iterator, Limit: limit };
      return pageOf(await client.send(new sdk.GetRecordsCommand(input), { abortSignal }));
    },
    async putRecords(entries, abortSignal) {
      const Records = entries.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
      const result = await client.send(new sdk.PutRecordsCommand({ StreamARN, Records }), { abortSignal });
      return (result.Records ?? []).map(answerOf);
    },
    close() {
      if (given === undefined) client.destroy();
    },
  };
}

function pageOf(page: GetRecordsCommandOutput): ShardPage {
  const next = page.NextShardIterator;
  return {
    records: (page.Records ?? []).map(recordOf),
    millisBehind: page.MillisBehindLatest ?? 0,
    childShards: (page.ChildShards ?? []).map(childOf),
    ...(next !== undefined && { nextIterator: next }),
  };
}

type IteratorInput = Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
>;

function iteratorInput(start: IteratorStart): IteratorInput {
  switch (start.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'since':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(start.epochMs) };
    case 'at':
      return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: start.sequenceNumber };
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: start.sequenceNumber };
  }
}

function shardOf(listed: ListedShard): Shard {
  return {
    shardId: listed.ShardId ?? '',
    parents: [listed.ParentShardId, listed.AdjacentParentShardId].filter((parent) => parent !== undefined),
    hashRange: rangeOf(listed.HashKeyRange),
    isOpen: listed.SequenceNumberRange?.EndingSequenceNumber === undefined,
  };
}

function childOf(child: ChildShard): Shard {
  return {
    shardId: child.ShardId ?? '',
    parents: child.ParentShards ?? [],
    hashRange: rangeOf(child.HashKeyRange),
    isOpen: true,
  };
}

function rangeOf(range: ListedShard['HashKeyRange']): HashRange {
  if (range?.StartingHashKey === undefined || range.EndingHashKey === undefined) return WHOLE_RANGE;
  return { start: hashKeyOfDecimal(range.StartingHashKey), end: hashKeyOfDecimal(range.EndingHashKey) };
}

function recordOf(record: {
  readonly PartitionKey?: string | undefined;
  readonly SequenceNumber?: string | undefined;
  readonly Data?: Uint8Array | undefined;
  readonly ApproximateArrivalTimestamp?: Date | undefined;
}): KinesisRecord {
  return {
    partitionKey: record.PartitionKey ?? '',
    sequenceNumber: record.SequenceNumber ?? '',
    data: record.Data ?? new Uint8Array(),
    arrivedAt: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
  };
}

function answerOf(entry: PutRecordsResultEntry): PutAnswer {
  const { ShardId, SequenceNumber, ErrorCode } = entry;
  if (ShardId !== undefined && SequenceNumber !== undefined)
    return { kind: 'landed', shardId: ShardId, sequenceNumber: SequenceNumber };
  if (ErrorCode === 'ProvisionedThroughputExceededException') return { kind: 'throttled' };
  return { kind: 'failed', code: ErrorCode ?? 'no error code' };
}

import {
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';

const ACTIVE_PATIENCE_MS = 30_000;

/** The stream whose shards are changed. */
export interface ReshardedStream {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly onIncident: (what: string) => void;
}

/** Cuts the open shard with the lowest hash keys in two. */
export async function splitFirstShard(stream: ReshardedStream): Promise<void> {
  const [first] = await openShards(stream);
  if (first === undefined) throw new Error(`stream ${stream.streamName} has no open shard to split`);
  const { start, end } = hashRange(first);
  const middle = String((start + end) / 2n + 1n);
  await stream.kinesis.send(
    new SplitShardCommand({
      StreamName: stream.streamName,
      ShardToSplit: first.ShardId,
      NewStartingHashKey: middle,
    }),
  );
  stream.onIncident(`split of ${String(first.ShardId)}`);
  await untilActive(stream);
}

/** Joins the two open shards with the highest hash keys. */
export async function mergeLastShards(stream: ReshardedStream): Promise<void> {
  const [left, right] = (await openShards(stream)).slice(-2);
  if (left === undefined || right === undefined)
    throw new Error(`stream ${stream.streamName} has no two open shards to merge`);
  await stream.kinesis.send(
    new MergeShardsCommand({
      StreamName: stream.streamName,
      ShardToMerge: left.ShardId,
      AdjacentShardToMerge: right.ShardId,
    }),
  );
  stream.onIncident(`merge of ${String(left.ShardId)} and ${String(right.ShardId)}`);
  await untilActive(stream);
}

async function openShards({ kinesis, streamName }: ReshardedStream): Promise<Shard[]> {
  const { Shards: shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
  const open = shards.filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined);
  return open.sort((a, b) => (hashRange(a).start < hashRange(b).start ? -1 : 1));
}

function hashRange({ HashKeyRange: range }: Shard): { start: bigint; end: bigint } {
  return { start: BigInt(range?.StartingHashKey ?? '0'), end: BigInt(range?.EndingHashKey ?? '0') };
}

async function untilActive({ kinesis, streamName }: ReshardedStream): Promise<void> {
  const deadline = performance.now() + ACTIVE_PATIENCE_MS;
  while (performance.now() < deadline) {
    const { StreamDescriptionSummary: summary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: streamName }),
    );
    if (summary?.StreamStatus === 'ACTIVE') return;
    await sleep(100);
  }
  throw new Error(
    `stream ${streamName} is not ACTIVE ${ACTIVE_PATIENCE_MS / 1_000} s after its shards were changed`,
  );
}

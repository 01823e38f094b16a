import {
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
  type ListShardsCommandInput,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, pause, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  FIRST_SHARD,
  getRecords,
  idsOf,
  iteratorOf,
  patiently,
  put,
  readRecords,
  shardsOf,
  texts,
  untilActive,
  type TestStream,
} from '../../fixtures/streams.js';

const REFUSED = ['InvalidArgumentException', 'ValidationException'] as const;
const MIDDLE = (2n ** 127n).toString();
const [CHILD_1, CHILD_2] = ['shardId-000000000001', 'shardId-000000000002'] as const;

const split = async (
  context: CaseContext,
  stream: TestStream,
  { shard = FIRST_SHARD, at = MIDDLE } = {},
): Promise<void> => {
  await patiently(() =>
    context.kinesis.send(
      new SplitShardCommand({ StreamName: stream.name, ShardToSplit: shard, NewStartingHashKey: at }),
    ),
  );
  await untilActive(context, stream);
};

const merge = async (
  context: CaseContext,
  stream: TestStream,
  [ShardToMerge, AdjacentShardToMerge]: readonly [string, string],
): Promise<void> => {
  await patiently(() =>
    context.kinesis.send(
      new MergeShardsCommand({ StreamName: stream.name, ShardToMerge, AdjacentShardToMerge }),
    ),
  );
  await untilActive(context, stream);
};

const resize = async (
  context: CaseContext,
  stream: TestStream,
  TargetShardCount: number,
): Promise<number | undefined> => {
  await patiently(() =>
    context.kinesis.send(
      new UpdateShardCountCommand({
        StreamName: stream.name,
        TargetShardCount,
        ScalingType: 'UNIFORM_SCALING',
      }),
    ),
  );
  return (await untilActive(context, stream)).OpenShardCount;
};

/** Reads a shard to its end and answers the last read. */
const readToEnd = (
  context: CaseContext,
  stream: TestStream,
): Promise<Awaited<ReturnType<typeof getRecords>>> =>
  eventually(
    async () => {
      let output = await getRecords(context, await iteratorOf(context, stream));
      for (let round = 0; round < 5 && output.NextShardIterator !== undefined; round += 1) {
        await pause(250);
        output = await getRecords(context, output.NextShardIterator);
      }
      check(output.NextShardIterator === undefined, 'the shard does not end');
      return output;
    },
    { everyMs: 1_000 },
  );

/** Splitting, merging and what becomes of the parents. */
export const reshardCases = caseGroup('kinesis.reshard', {
  'SplitShard makes two children that share the range': {
    page: kinesisApi('SplitShard'),
    run: async (context) => {
      const stream = await createStream(context);
      await split(context, stream);
      const [parent, left, right] = await shardsOf(context, stream);
      same([left?.ParentShardId, right?.ParentShardId], [FIRST_SHARD, FIRST_SHARD], 'parents');
      same(left?.HashKeyRange?.StartingHashKey, parent?.HashKeyRange?.StartingHashKey, 'start');
      same(left?.HashKeyRange?.EndingHashKey, (BigInt(MIDDLE) - 1n).toString(), 'end of the left child');
      same(right?.HashKeyRange?.StartingHashKey, MIDDLE, 'start of the right child');
      same(right?.HashKeyRange?.EndingHashKey, parent?.HashKeyRange?.EndingHashKey, 'end');
    },
  },
  'a split closes the parent': {
    page: kinesisGuide('kinesis-using-sdk-java-resharding-split'),
    run: async (context) => {
      const stream = await createStream(context);
      await split(context, stream);
      const [parent, left] = await shardsOf(context, stream);
      const end = parent?.SequenceNumberRange?.EndingSequenceNumber;
      check(end !== undefined, 'EndingSequenceNumber is missing');
      same(left?.SequenceNumberRange?.EndingSequenceNumber, undefined, 'end of the child');
      check(
        BigInt(left?.SequenceNumberRange?.StartingSequenceNumber ?? 0) > BigInt(end),
        'the child does not start after the parent',
      );
    },
  },
  'records go to the children after a split': {
    page: kinesisGuide('kinesis-using-sdk-java-after-resharding'),
    run: async (context) => {
      const stream = await createStream(context);
      await split(context, stream);
      const left = await put(context, stream, 'x', { ExplicitHashKey: '0' });
      const right = await put(context, stream, 'x', { ExplicitHashKey: MIDDLE });
      same([left.ShardId, right.ShardId], [CHILD_1, CHILD_2], 'shards');
    },
  },
  'records put before a split stay in the parent': {
    page: kinesisGuide('kinesis-using-sdk-java-after-resharding'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, 'before');
      await split(context, stream);
      same(texts(await readRecords(context, await iteratorOf(context, stream), 1)), ['before'], 'data');
    },
  },
  'the end of a closed shard has no next iterator and names the children': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, 'before');
      await split(context, stream);
      const { ChildShards } = await readToEnd(context, stream);
      sameSet(
        (ChildShards ?? []).map((child) => child.ShardId ?? ''),
        [CHILD_1, CHILD_2],
        'ChildShards',
      );
      same(ChildShards?.[0]?.ParentShards, [FIRST_SHARD], 'ParentShards');
      check(ChildShards?.[0]?.HashKeyRange !== undefined, 'HashKeyRange is missing');
    },
  },
  'sequence numbers grow from parent to child': {
    page: kinesisGuide('key-concepts'),
    run: async (context) => {
      const stream = await createStream(context);
      const before = await put(context, stream, 'before');
      await split(context, stream);
      const after = await put(context, stream, 'after');
      check(
        BigInt(after.SequenceNumber ?? 0) > BigInt(before.SequenceNumber ?? 0),
        'the number did not grow',
      );
    },
  },
  'MergeShards makes one child of two parents': {
    page: kinesisApi('MergeShards'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      await merge(context, stream, [FIRST_SHARD, CHILD_1]);
      const child = (await shardsOf(context, stream)).find(({ ShardId }) => ShardId === CHILD_2);
      same([child?.ParentShardId, child?.AdjacentParentShardId], [FIRST_SHARD, CHILD_1], 'parents');
      same(child?.HashKeyRange?.StartingHashKey, '0', 'start');
      same(child?.HashKeyRange?.EndingHashKey, (2n ** 128n - 1n).toString(), 'end');
    },
  },
  'the end of a merged shard names one child with both parents': {
    page: kinesisApi('ChildShard'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      await merge(context, stream, [FIRST_SHARD, CHILD_1]);
      const { ChildShards } = await readToEnd(context, stream);
      same(
        ChildShards?.map((child) => child.ShardId),
        [CHILD_2],
        'ChildShards',
      );
      sameSet(ChildShards?.[0]?.ParentShards ?? [], [FIRST_SHARD, CHILD_1], 'ParentShards');
    },
  },
  'merging shards that are not adjacent is refused': {
    page: kinesisApi('MergeShards'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 3 });
      await refusal(merge(context, stream, [FIRST_SHARD, CHILD_2]), ...REFUSED);
    },
  },
  'splitting at the start of the range is refused': {
    page: kinesisApi('SplitShard'),
    run: async (context) => {
      const stream = await createStream(context);
      await refusal(split(context, stream, { at: '0' }), ...REFUSED);
    },
  },
  'splitting outside the range is refused': {
    page: kinesisApi('SplitShard'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      await refusal(split(context, stream, { at: (2n ** 128n - 2n).toString() }), ...REFUSED);
    },
  },
  'splitting an unknown shard is refused': {
    page: kinesisApi('SplitShard'),
    run: async (context) => {
      const stream = await createStream(context);
      const attempt = split(context, stream, { shard: 'shardId-000000000099' });
      await refusal(attempt, 'ResourceNotFoundException');
    },
  },
  'UpdateShardCount doubles': {
    page: kinesisApi('UpdateShardCount'),
    run: async (context) =>
      same(await resize(context, await createStream(context, { shards: 2 }), 4), 4, 'shards'),
  },
  'UpdateShardCount halves': {
    page: kinesisApi('UpdateShardCount'),
    run: async (context) =>
      same(await resize(context, await createStream(context, { shards: 4 }), 2), 2, 'shards'),
  },
  'UpdateShardCount beyond double is refused': {
    page: kinesisApi('UpdateShardCount'),
    timeoutMs: 45_000,
    run: async (context) => {
      const stream = await createStream(context);
      const attempt = context.kinesis.send(
        new UpdateShardCountCommand({
          StreamName: stream.name,
          TargetShardCount: 3,
          ScalingType: 'UNIFORM_SCALING',
        }),
      );
      await refusal(attempt, ...REFUSED, 'LimitExceededException');
    },
  },
  'UpdateShardCount keeps the ranges whole': {
    page: kinesisApi('UpdateShardCount'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      await resize(context, stream, 3);
      const open = (await shardsOf(context, stream))
        .filter(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber === undefined)
        .map(({ HashKeyRange: range }) => [
          BigInt(range?.StartingHashKey ?? 0),
          BigInt(range?.EndingHashKey ?? 0),
        ])
        .sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1));
      let next = 0n;
      for (const [start = 0n, end = 0n] of open) {
        same(start.toString(), next.toString(), 'start of a shard');
        next = end + 1n;
      }
      same(next.toString(), (2n ** 128n).toString(), 'end of the last shard');
    },
  },
});

const listShards = (context: CaseContext, input: ListShardsCommandInput): Promise<ListShardsCommandOutput> =>
  context.kinesis.send(new ListShardsCommand(input));

const listed = async (context: CaseContext, input: ListShardsCommandInput): Promise<readonly string[]> =>
  idsOf((await listShards(context, input)).Shards ?? []);

/** A stream of one shard that was split: one closed shard, two open ones. */
const splitStream = async (context: CaseContext): Promise<TestStream> => {
  const stream = await createStream(context);
  await split(context, stream);
  return stream;
};

/** Listing shards, with every filter. */
export const listShardsCases = caseGroup('kinesis.list-shards', {
  'lists open and closed shards': {
    page: kinesisApi('ListShards'),
    run: async (context) => {
      const { name: StreamName } = await splitStream(context);
      sameSet(await listed(context, { StreamName }), [FIRST_SHARD, CHILD_1, CHILD_2], 'shards');
    },
  },
  'pages with MaxResults and NextToken': {
    page: kinesisApi('ListShards'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context, { shards: 3 });
      const first = await listShards(context, { StreamName, MaxResults: 2 });
      same(idsOf(first.Shards ?? []), [FIRST_SHARD, CHILD_1], 'the first page');
      const NextToken = present(first.NextToken, 'NextToken');
      const second = await listShards(context, { NextToken });
      same([idsOf(second.Shards ?? []), second.NextToken], [[CHILD_2], undefined], 'the second page');
    },
  },
  'NextToken together with a stream name is refused': {
    page: kinesisApi('ListShards'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context, { shards: 3 });
      const { NextToken } = await listShards(context, { StreamName, MaxResults: 2 });
      const both = { StreamName, NextToken: present(NextToken, 'NextToken') };
      await refusal(listShards(context, both), ...REFUSED);
    },
  },
  'a NextToken that is none is refused': {
    page: kinesisApi('ListShards'),
    run: async (context) =>
      await refusal(listShards(context, { NextToken: 'wheel' }), ...REFUSED, 'ExpiredNextTokenException'),
  },
  'ExclusiveStartShardId starts after that shard': {
    page: kinesisApi('ListShards'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context, { shards: 3 });
      const got = await listed(context, { StreamName, ExclusiveStartShardId: FIRST_SHARD });
      same(got, [CHILD_1, CHILD_2], 'shards');
    },
  },
  'AT_LATEST lists open shards': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await splitStream(context);
      const got = await listed(context, { StreamName, ShardFilter: { Type: 'AT_LATEST' } });
      sameSet(got, [CHILD_1, CHILD_2], 'shards');
    },
  },
  'AT_TRIM_HORIZON lists the shards open at the trim horizon': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await splitStream(context);
      const got = await listed(context, { StreamName, ShardFilter: { Type: 'AT_TRIM_HORIZON' } });
      same(got, [FIRST_SHARD], 'shards');
    },
  },
  'FROM_TRIM_HORIZON lists every shard': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await splitStream(context);
      const got = await listed(context, { StreamName, ShardFilter: { Type: 'FROM_TRIM_HORIZON' } });
      sameSet(got, [FIRST_SHARD, CHILD_1, CHILD_2], 'shards');
    },
  },
  'AFTER_SHARD_ID lists the shards after that one': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await splitStream(context);
      const ShardFilter = { Type: 'AFTER_SHARD_ID', ShardId: CHILD_1 } as const;
      same(await listed(context, { StreamName, ShardFilter }), [CHILD_2], 'shards');
    },
  },
  'AT_TIMESTAMP lists the shards open at that time': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const stream = await createStream(context);
      await pause(1_200);
      const Timestamp = new Date();
      await pause(1_200);
      await split(context, stream);
      const ShardFilter = { Type: 'AT_TIMESTAMP', Timestamp } as const;
      same(await listed(context, { StreamName: stream.name, ShardFilter }), [FIRST_SHARD], 'shards');
    },
  },
  'FROM_TIMESTAMP lists the shards open at or after that time': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const stream = await splitStream(context);
      await pause(1_200);
      const ShardFilter = { Type: 'FROM_TIMESTAMP', Timestamp: new Date() } as const;
      sameSet(await listed(context, { StreamName: stream.name, ShardFilter }), [CHILD_1, CHILD_2], 'shards');
    },
  },
  'AFTER_SHARD_ID without an id is refused': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context);
      const attempt = listShards(context, { StreamName, ShardFilter: { Type: 'AFTER_SHARD_ID' } });
      await refusal(attempt, ...REFUSED);
    },
  },
  'AT_TIMESTAMP without a time is refused': {
    page: kinesisApi('ShardFilter'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context);
      const attempt = listShards(context, { StreamName, ShardFilter: { Type: 'AT_TIMESTAMP' } });
      await refusal(attempt, ...REFUSED);
    },
  },
  'an unknown stream is not found': {
    page: kinesisApi('ListShards'),
    run: async (context) => {
      const attempt = listShards(context, { StreamName: context.unique('absent') });
      await refusal(attempt, 'ResourceNotFoundException');
    },
  },
});

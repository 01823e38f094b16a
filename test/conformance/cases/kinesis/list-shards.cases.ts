import {
  ListShardsCommand,
  type ListShardsCommandInput,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { pause, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { kinesisApi } from '../../fixtures/pages.js';
import { createStream, FIRST_SHARD, idsOf, split, type TestStream } from '../../fixtures/streams.js';

const REFUSED = ['InvalidArgumentException', 'ValidationException'] as const;
const [CHILD_1, CHILD_2] = ['shardId-000000000001', 'shardId-000000000002'] as const;

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

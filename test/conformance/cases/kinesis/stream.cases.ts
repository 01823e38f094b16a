import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  RemoveTagsFromStreamCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  UpdateMaxRecordSizeCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, refusal, same } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  idsOf,
  patiently,
  put,
  shardsOf,
  summaryOf,
  untilActive,
  type TestStream,
} from '../../fixtures/streams.js';

/** Members that break the model are refused under either name, depending on who noticed. */
const REFUSED = ['InvalidArgumentException', 'ValidationException'] as const;
const LAST_HASH_KEY = (2n ** 128n - 1n).toString();

const setRetention = (context: CaseContext, stream: TestStream, hours: number): Promise<unknown> =>
  patiently(() =>
    context.kinesis.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: stream.name, RetentionPeriodHours: hours }),
    ),
  );

const reduceRetention = (context: CaseContext, stream: TestStream, hours: number): Promise<unknown> =>
  patiently(() =>
    context.kinesis.send(
      new DecreaseStreamRetentionPeriodCommand({ StreamName: stream.name, RetentionPeriodHours: hours }),
    ),
  );

/** Streams: made, described, set up and taken away. */
export const streamCases = caseGroup('kinesis.stream', {
  'CreateStream makes the shards it was asked for': {
    page: kinesisApi('CreateStream'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 3 });
      const ids = idsOf(await shardsOf(context, stream));
      same(ids, ['shardId-000000000000', 'shardId-000000000001', 'shardId-000000000002'], 'shards');
    },
  },
  'the hash ranges of a new stream cover every key once': {
    page: kinesisGuide('key-concepts'),
    run: async (context) => {
      const shards = await shardsOf(context, await createStream(context, { shards: 3 }));
      let next = 0n;
      for (const { HashKeyRange: range, ShardId: id } of shards) {
        same(range?.StartingHashKey, next.toString(), `start of ${id ?? 'a shard'}`);
        next = BigInt(range?.EndingHashKey ?? 0) + 1n;
      }
      same((next - 1n).toString(), LAST_HASH_KEY, 'end of the last shard');
    },
  },
  'a new stream says what it is': {
    page: kinesisApi('DescribeStreamSummary'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      const found = await summaryOf(context, stream);
      same(
        [found.StreamName, found.OpenShardCount, found.RetentionPeriodHours],
        [stream.name, 2, 24],
        'summary',
      );
      same(found.StreamModeDetails?.StreamMode, 'PROVISIONED', 'StreamMode');
      check(/^arn:aws:kinesis:[a-z0-9-]+:\d{12}:stream\//.test(stream.arn), `ARN is ${stream.arn}`);
    },
  },
  'a new stream is not encrypted and has no consumers': {
    page: kinesisApi('DescribeStreamSummary'),
    run: async (context) => {
      const found = await summaryOf(context, await createStream(context));
      same([found.EncryptionType, found.ConsumerCount ?? 0], ['NONE', 0], 'summary');
    },
  },
  'CreateStream with a name in use is refused': {
    page: kinesisApi('CreateStream'),
    run: async (context) => {
      const { name } = await createStream(context);
      const again = new CreateStreamCommand({ StreamName: name, ShardCount: 1 });
      await refusal(
        patiently(() => context.kinesis.send(again)),
        'ResourceInUseException',
      );
    },
  },
  'CreateStream with a name that is none is refused': {
    page: kinesisApi('CreateStream'),
    run: async (context) => {
      const create = new CreateStreamCommand({ StreamName: 'mill race', ShardCount: 1 });
      await refusal(
        patiently(() => context.kinesis.send(create)),
        ...REFUSED,
      );
    },
  },
  'CreateStream with a name of 129 characters is refused': {
    page: kinesisApi('CreateStream'),
    run: async (context) => {
      const create = new CreateStreamCommand({ StreamName: 's'.repeat(129), ShardCount: 1 });
      await refusal(
        patiently(() => context.kinesis.send(create)),
        ...REFUSED,
      );
    },
  },
  'CreateStream with no shards is refused': {
    page: kinesisApi('CreateStream'),
    run: async (context) => {
      const create = new CreateStreamCommand({ StreamName: context.unique('stream'), ShardCount: 0 });
      await refusal(
        patiently(() => context.kinesis.send(create)),
        ...REFUSED,
      );
    },
  },
  'an unknown stream is not found': {
    page: kinesisApi('DescribeStreamSummary'),
    run: async (context) =>
      await refusal(summaryOf(context, { name: context.unique('absent') }), 'ResourceNotFoundException'),
  },
  'a stream can be named by its ARN': {
    page: kinesisApi('DescribeStream'),
    run: async (context) => {
      const stream = await createStream(context);
      const { StreamDescription } = await patiently(() =>
        context.kinesis.send(new DescribeStreamCommand({ StreamARN: stream.arn })),
      );
      same(StreamDescription?.StreamName, stream.name, 'StreamName');
    },
  },
  'DescribeStream pages shards': {
    page: kinesisApi('DescribeStream'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context, { shards: 3 });
      const describe = (
        ExclusiveStartShardId?: string,
      ): Promise<readonly [readonly string[], boolean | undefined]> =>
        patiently(async () => {
          const { StreamDescription } = await context.kinesis.send(
            new DescribeStreamCommand({ StreamName, Limit: 2, ExclusiveStartShardId }),
          );
          return [idsOf(StreamDescription?.Shards ?? []), StreamDescription?.HasMoreShards];
        });
      const [first, hasMore] = await describe();
      same([first.length, hasMore], [2, true], 'the first page');
      same(await describe(first[1]), [['shardId-000000000002'], false], 'the second page');
    },
  },
  'ListStreams starts after the name it is given': {
    page: kinesisApi('ListStreams'),
    run: async (context) => {
      const { name } = await createStream(context);
      const { StreamNames } = await patiently(() =>
        context.kinesis.send(
          new ListStreamsCommand({ ExclusiveStartStreamName: name.slice(0, -1), Limit: 100 }),
        ),
      );
      same(StreamNames?.[0], name, 'the first name');
    },
  },
  'a deleted stream is not found': {
    page: kinesisApi('DeleteStream'),
    run: async (context) => {
      const stream = await createStream(context);
      await patiently(() => context.kinesis.send(new DeleteStreamCommand({ StreamName: stream.name })));
      await eventually(() => refusal(summaryOf(context, stream), 'ResourceNotFoundException'), {
        withinMs: 60_000,
      });
    },
  },
  'an on-demand stream starts with four shards': {
    page: kinesisGuide('how-do-i-size-a-stream'),
    run: async (context) => {
      const found = await summaryOf(context, await createStream(context, { mode: 'ON_DEMAND' }));
      same([found.StreamModeDetails?.StreamMode, found.OpenShardCount], ['ON_DEMAND', 4], 'summary');
    },
  },
  'UpdateStreamMode switches the mode': {
    page: kinesisApi('UpdateStreamMode'),
    run: async (context) => {
      const stream = await createStream(context);
      const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
      await patiently(() =>
        context.kinesis.send(new UpdateStreamModeCommand({ StreamARN: stream.arn, StreamModeDetails })),
      );
      same((await untilActive(context, stream)).StreamModeDetails?.StreamMode, 'ON_DEMAND', 'StreamMode');
    },
  },
  'retention goes up and down': {
    page: kinesisApi('IncreaseStreamRetentionPeriod'),
    run: async (context) => {
      const stream = await createStream(context);
      await setRetention(context, stream, 48);
      same((await untilActive(context, stream)).RetentionPeriodHours, 48, 'after the increase');
      await reduceRetention(context, stream, 24);
      same((await untilActive(context, stream)).RetentionPeriodHours, 24, 'after the decrease');
    },
  },
  'retention below what it is cannot be an increase': {
    page: kinesisApi('IncreaseStreamRetentionPeriod'),
    run: async (context) => {
      const stream = await createStream(context);
      await setRetention(context, stream, 72);
      await untilActive(context, stream);
      await refusal(setRetention(context, stream, 48), ...REFUSED);
    },
  },
  'retention above what it is cannot be a decrease': {
    page: kinesisApi('DecreaseStreamRetentionPeriod'),
    run: async (context) => {
      const stream = await createStream(context);
      await refusal(reduceRetention(context, stream, 48), ...REFUSED);
    },
  },
  'retention over 365 days is refused': {
    page: kinesisApi('IncreaseStreamRetentionPeriod'),
    run: async (context) => {
      const stream = await createStream(context);
      await refusal(setRetention(context, stream, 8_761), ...REFUSED);
    },
  },
  'retention under 24 hours is refused': {
    page: kinesisApi('DecreaseStreamRetentionPeriod'),
    run: async (context) => {
      const stream = await createStream(context);
      await refusal(reduceRetention(context, stream, 23), ...REFUSED);
    },
  },
  'tags are added, overwritten and taken away': {
    page: kinesisApi('AddTagsToStream'),
    run: async (context) => {
      const { name: StreamName } = await createStream(context);
      const tag = (Tags: Record<string, string>): Promise<unknown> =>
        patiently(() => context.kinesis.send(new AddTagsToStreamCommand({ StreamName, Tags })));
      await tag({ a: '1', b: '2' });
      await tag({ b: '3' });
      await patiently(() =>
        context.kinesis.send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys: ['a'] })),
      );
      const { Tags } = await patiently(() =>
        context.kinesis.send(new ListTagsForStreamCommand({ StreamName })),
      );
      same(Tags, [{ Key: 'b', Value: '3' }], 'Tags');
    },
  },
  'encryption is switched on and off': {
    page: kinesisApi('StartStreamEncryption'),
    run: async (context) => {
      const stream = await createStream(context);
      const key = { StreamName: stream.name, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' } as const;
      await patiently(() => context.kinesis.send(new StartStreamEncryptionCommand(key)));
      same((await untilActive(context, stream)).EncryptionType, 'KMS', 'after the start');
      await patiently(() => context.kinesis.send(new StopStreamEncryptionCommand(key)));
      same((await untilActive(context, stream)).EncryptionType, 'NONE', 'after the stop');
    },
  },
  'UpdateMaxRecordSize admits larger records': {
    page: kinesisGuide('large-records'),
    run: async (context) => {
      const stream = await createStream(context);
      const large = new Uint8Array(2 * 1_048_576);
      await refusal(put(context, stream, large), ...REFUSED);
      await patiently(() =>
        context.kinesis.send(
          new UpdateMaxRecordSizeCommand({ StreamARN: stream.arn, MaxRecordSizeInKiB: 4_096 }),
        ),
      );
      await untilActive(context, stream);
      check((await put(context, stream, large)).SequenceNumber !== undefined, 'SequenceNumber is missing');
    },
  },
});

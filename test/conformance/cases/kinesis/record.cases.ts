import { PutRecordsCommand, type GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, pause, present, refusal, same } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  FIRST_SHARD,
  getRecords,
  hashOf,
  iteratorOf,
  put,
  putAll,
  readRecords,
  shardHolding,
  shardsOf,
  texts,
  type TestStream,
} from '../../fixtures/streams.js';

const REFUSED = ['InvalidArgumentException', 'ValidationException'] as const;
const MIB = 1_048_576;
const LAST_HASH_KEY = (2n ** 128n - 1n).toString();

const sequence = ({ SequenceNumber }: { readonly SequenceNumber?: string | undefined }): bigint =>
  BigInt(present(SequenceNumber, 'SequenceNumber'));

/** Putting records. */
export const putCases = caseGroup('kinesis.put', {
  'PutRecord answers shard and sequence number': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const answer = await put(context, await createStream(context), 'data');
      same(answer.ShardId, FIRST_SHARD, 'ShardId');
      check(
        /^\d{20,128}$/.test(answer.SequenceNumber ?? ''),
        `SequenceNumber is ${answer.SequenceNumber ?? 'missing'}`,
      );
    },
  },
  'sequence numbers grow within a shard': {
    page: kinesisGuide('key-concepts'),
    run: async (context) => {
      const stream = await createStream(context);
      const numbers: bigint[] = [];
      for (const data of ['1', '2', '3']) numbers.push(sequence(await put(context, stream, data)));
      const [a = 0n, b = 0n, c = 0n] = numbers;
      check(a < b && b < c, `got ${numbers.join(', ')}`);
    },
  },
  'SequenceNumberForOrdering gives a greater number': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const stream = await createStream(context);
      const first = await put(context, stream, '1');
      const second = await put(context, stream, '2', { SequenceNumberForOrdering: first.SequenceNumber });
      check(sequence(second) > sequence(first), 'the second number is not greater');
    },
  },
  'a partition key goes to the shard that holds its MD5': {
    page: kinesisGuide('key-concepts'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 4 });
      const shards = await shardsOf(context, stream);
      for (const key of ['a', 'b', 'wheel', 'millrace', 'grüße']) {
        const { ShardId } = await put(context, stream, 'x', { PartitionKey: key });
        same(ShardId, shardHolding(shards, hashOf(key)), `shard of '${key}'`);
      }
    },
  },
  'ExplicitHashKey overrides the partition key': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 4 });
      const first = await put(context, stream, 'x', { ExplicitHashKey: '0' });
      const last = await put(context, stream, 'x', { ExplicitHashKey: LAST_HASH_KEY });
      same([first.ShardId, last.ShardId], [FIRST_SHARD, 'shardId-000000000003'], 'shards');
    },
  },
  'PutRecords answers each record in order': {
    page: kinesisApi('PutRecords'),
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      const { Records, FailedRecordCount } = await putAll(context, stream, [
        { hash: '0', data: '1' },
        { hash: LAST_HASH_KEY, data: '2' },
        { hash: '0', data: '3' },
      ]);
      same(FailedRecordCount, 0, 'FailedRecordCount');
      same(
        Records?.map(({ ShardId }) => ShardId?.slice(-1)),
        ['0', '1', '0'],
        'shards',
      );
    },
  },
  'PutRecords takes 500 records': {
    page: kinesisApi('PutRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      const { Records } = await putAll(
        context,
        stream,
        Array.from({ length: 500 }, () => ({ data: 'x' })),
      );
      same(Records?.length, 500, 'records');
    },
  },
  'data of any bytes makes the round trip': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const stream = await createStream(context);
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await put(context, stream, bytes);
      const [record] = await readRecords(context, await iteratorOf(context, stream), 1);
      same([...(record?.Data ?? [])], [...bytes], 'Data');
    },
  },
  'empty data is taken': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '');
      const records = await readRecords(context, await iteratorOf(context, stream), 1);
      same(texts(records), [''], 'Data');
    },
  },
  'a record of 1 MiB with its key is taken': {
    page: kinesisGuide('service-sizes-and-limits'),
    run: async (context) => {
      const stream = await createStream(context);
      const answer = await put(context, stream, new Uint8Array(MIB - 'key'.length));
      check(answer.SequenceNumber !== undefined, 'SequenceNumber is missing');
    },
  },
});

type Put = (context: CaseContext, stream: TestStream) => Promise<unknown>;

const refusedPuts: Readonly<Record<string, Put>> = {
  'a record whose data and key exceed 1 MiB': (context, stream) =>
    put(context, stream, new Uint8Array(MIB - 'key'.length + 1)),
  'an empty partition key': (context, stream) => put(context, stream, 'x', { PartitionKey: '' }),
  'a partition key of 257 characters': (context, stream) =>
    put(context, stream, 'x', { PartitionKey: 'k'.repeat(257) }),
  'a hash key beyond the last': (context, stream) =>
    put(context, stream, 'x', { ExplicitHashKey: (2n ** 128n).toString() }),
  'a hash key that is no number': (context, stream) =>
    put(context, stream, 'x', { ExplicitHashKey: 'wheel' }),
  'a SequenceNumberForOrdering that is none': (context, stream) =>
    put(context, stream, 'x', { SequenceNumberForOrdering: 'wheel' }),
  'PutRecords of 501 records': (context, stream) =>
    putAll(
      context,
      stream,
      Array.from({ length: 501 }, () => ({ data: 'x' })),
    ),
  'PutRecords of no records': (context, stream) =>
    context.kinesis.send(new PutRecordsCommand({ StreamName: stream.name, Records: [] })),
  'PutRecords with one record over 1 MiB': (context, stream) =>
    putAll(context, stream, [{ data: 'x' }, { data: new Uint8Array(MIB + 1) }]),
  'PutRecords over 10 MiB': (context, stream) =>
    putAll(
      context,
      stream,
      Array.from({ length: 11 }, () => ({ data: new Uint8Array(MIB - 3) })),
    ),
};

/** Records that cannot be put. */
export const putRefusalCases = caseGroup('kinesis.put-refusal', {
  ...Object.fromEntries(
    Object.entries(refusedPuts).map(([title, attempt]) => [
      `${title}: InvalidArgumentException`,
      {
        page: kinesisApi(title.startsWith('PutRecords') ? 'PutRecords' : 'PutRecord'),
        run: async (context) => await refusal(attempt(context, await createStream(context)), ...REFUSED),
      } satisfies CaseDeclaration,
    ]),
  ),
  'PutRecord to an unknown stream: ResourceNotFoundException': {
    page: kinesisApi('PutRecord'),
    run: async (context) => {
      const absent = { name: context.unique('absent'), arn: '' };
      await refusal(put(context, absent, 'x'), 'ResourceNotFoundException');
    },
  },
});

const textsFrom = async (
  context: CaseContext,
  stream: TestStream,
  [count, from]: readonly [number, Partial<GetShardIteratorCommandInput>],
): Promise<readonly string[]> =>
  texts(await readRecords(context, await iteratorOf(context, stream, from), count));

const refusedReads: Readonly<Record<string, Partial<GetShardIteratorCommandInput>>> = {
  'AT_SEQUENCE_NUMBER without a number': { ShardIteratorType: 'AT_SEQUENCE_NUMBER' },
  'AT_SEQUENCE_NUMBER with a number that is none': {
    ShardIteratorType: 'AT_SEQUENCE_NUMBER',
    StartingSequenceNumber: 'wheel',
  },
  'AT_TIMESTAMP without a time': { ShardIteratorType: 'AT_TIMESTAMP' },
  'an unknown iterator type': {
    ShardIteratorType: 'EARLIEST' as NonNullable<GetShardIteratorCommandInput['ShardIteratorType']>,
  },
};

/** Reading records with iterators. */
export const getCases = caseGroup('kinesis.get', {
  'TRIM_HORIZON reads from the beginning, in order': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      for (const data of ['1', '2', '3']) await put(context, stream, data);
      same(await textsFrom(context, stream, [3, {}]), ['1', '2', '3'], 'data');
    },
  },
  'LATEST reads what comes after': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, 'before');
      const iterator = await iteratorOf(context, stream, { ShardIteratorType: 'LATEST' });
      await put(context, stream, 'after');
      same(texts(await readRecords(context, iterator, 1)), ['after'], 'data');
    },
  },
  'AT_SEQUENCE_NUMBER reads from that record': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      const { SequenceNumber } = await put(context, stream, '2');
      await put(context, stream, '3');
      const from = {
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        StartingSequenceNumber: SequenceNumber,
      } as const;
      same(await textsFrom(context, stream, [2, from]), ['2', '3'], 'data');
    },
  },
  'AFTER_SEQUENCE_NUMBER reads from the next record': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      const { SequenceNumber } = await put(context, stream, '2');
      await put(context, stream, '3');
      const from = {
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: SequenceNumber,
      } as const;
      same(await textsFrom(context, stream, [1, from]), ['3'], 'data');
    },
  },
  'AT_TIMESTAMP reads from that time': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, 'before');
      await pause(1_100);
      const Timestamp = new Date();
      await put(context, stream, 'after');
      const from = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp } as const;
      same(await textsFrom(context, stream, [1, from]), ['after'], 'data');
    },
  },
  'AT_TIMESTAMP before the stream reads from the beginning': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      const from = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(1_500_000_000_000) } as const;
      same(await textsFrom(context, stream, [1, from]), ['1'], 'data');
    },
  },
  'records carry key, sequence number and arrival time': {
    page: kinesisApi('Record'),
    run: async (context) => {
      const stream = await createStream(context);
      const { SequenceNumber } = await put(context, stream, 'x', { PartitionKey: 'wheel' });
      const [record] = await readRecords(context, await iteratorOf(context, stream), 1);
      same([record?.PartitionKey, record?.SequenceNumber], ['wheel', SequenceNumber], 'record');
      const age = Date.now() - (record?.ApproximateArrivalTimestamp?.getTime() ?? 0);
      check(Math.abs(age) < 60_000, `arrived ${age} ms ago`);
    },
  },
  'NextShardIterator goes on where the read ended': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      for (const data of ['1', '2', '3']) await put(context, stream, data);
      const first = await getRecords(context, await iteratorOf(context, stream), 2);
      same(texts(first.Records ?? []), ['1', '2'], 'the first read');
      const next = present(first.NextShardIterator, 'NextShardIterator');
      same(texts(await readRecords(context, next, 1)), ['3'], 'the second read');
    },
  },
  'an iterator can be used twice': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      const iterator = await iteratorOf(context, stream);
      same(texts(await readRecords(context, iterator, 1)), ['1'], 'the first read');
      same(texts(await readRecords(context, iterator, 1)), ['1'], 'the second read');
    },
  },
  'MillisBehindLatest is 0 at the tip': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      same(
        (await getRecords(context, await iteratorOf(context, stream))).MillisBehindLatest,
        0,
        'MillisBehindLatest',
      );
    },
  },
  'MillisBehindLatest says how far behind a read is': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, '1');
      await pause(1_200);
      await put(context, stream, '2');
      const { MillisBehindLatest } = await getRecords(context, await iteratorOf(context, stream), 1);
      check((MillisBehindLatest ?? 0) > 0, `MillisBehindLatest is ${MillisBehindLatest ?? 'missing'}`);
    },
  },
  'an empty shard gives no records and goes on': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      const { Records, NextShardIterator } = await getRecords(context, await iteratorOf(context, stream));
      same(Records, [], 'Records');
      check(NextShardIterator !== undefined, 'NextShardIterator is missing');
    },
  },
  'an iterator that is none is refused': {
    page: kinesisApi('GetRecords'),
    run: async (context) => await refusal(getRecords(context, 'wheel'), ...REFUSED),
  },
  'a limit of 10,001 is refused': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const iterator = await iteratorOf(context, await createStream(context));
      await refusal(getRecords(context, iterator, 10_001), ...REFUSED);
    },
  },
  'a limit of 0 is refused': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const iterator = await iteratorOf(context, await createStream(context));
      await refusal(getRecords(context, iterator, 0), ...REFUSED);
    },
  },
  'an unknown shard is not found': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      const ask = iteratorOf(context, stream, { ShardId: 'shardId-000000000099' });
      await refusal(ask, 'ResourceNotFoundException');
    },
  },
  ...Object.fromEntries(
    Object.entries(refusedReads).map(([title, from]) => [
      `${title} is refused`,
      {
        page: kinesisApi('GetShardIterator'),
        run: async (context) =>
          await refusal(iteratorOf(context, await createStream(context), from), ...REFUSED),
      } satisfies CaseDeclaration,
    ]),
  ),
  'an iterator expires after five minutes': {
    page: kinesisApi('GetShardIterator'),
    needs: ['clock'],
    run: async (context) => {
      const iterator = await iteratorOf(context, await createStream(context));
      await context.advance(299_000);
      await getRecords(context, iterator);
      await context.advance(2_000);
      await refusal(getRecords(context, iterator), 'ExpiredIteratorException');
    },
  },
  'records are trimmed after the retention period': {
    page: kinesisGuide('kinesis-extended-retention'),
    needs: ['clock'],
    run: async (context) => {
      const stream = await createStream(context);
      await put(context, stream, 'old');
      await context.advance(23 * 3_600_000);
      await put(context, stream, 'young');
      await context.advance(3_600_000 + 60_000);
      const { Records } = await getRecords(context, await iteratorOf(context, stream));
      same(texts(Records ?? []), ['young'], 'data');
    },
  },
});

import { type GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, pause, present, refusal, same } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  getRecords,
  iteratorOf,
  put,
  readRecords,
  texts,
  type TestStream,
} from '../../fixtures/streams.js';

const REFUSED = ['InvalidArgumentException', 'ValidationException'] as const;

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
      // Between the two, and behind the engine's clock even where it isn't quite ours.
      const Timestamp = new Date(Date.now() - 500);
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

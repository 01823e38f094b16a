import { caseGroup } from '../../conformance-case.js';
import { check, hasCode, refusal, same } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  getRecords,
  iteratorOf,
  put,
  putAll,
  readRecords,
  texts,
} from '../../fixtures/streams.js';

const LIMITS = kinesisGuide('service-sizes-and-limits');
const EXCEEDED = 'ProvisionedThroughputExceededException';
const LAST_HASH_KEY = (2n ** 128n - 1n).toString();
const small = (count: number, hash?: string): { data: string; hash?: string }[] =>
  Array.from({ length: count }, () => ({ data: 'x', ...(hash === undefined ? {} : { hash }) }));

/** What a shard refuses when it is asked for more than it gives. */
export const limitCases = caseGroup('kinesis.limit', {
  'a shard takes about 1,000 records a second and fails the rest one by one': {
    page: LIMITS,
    run: async (context) => {
      const stream = await createStream(context);
      const answers = await Promise.all(Array.from({ length: 8 }, () => putAll(context, stream, small(500))));
      const failed = answers.flatMap(({ Records = [] }) =>
        Records.filter(({ ErrorCode }) => ErrorCode !== undefined),
      );
      check(failed.length > 0, '4,000 records at once were all taken');
      same([...new Set(failed.map(({ ErrorCode }) => ErrorCode))], [EXCEEDED], 'ErrorCode');
      const counted = answers.reduce((sum, { FailedRecordCount = 0 }) => sum + FailedRecordCount, 0);
      same(counted, failed.length, 'FailedRecordCount');
    },
  },
  'records that were not throttled can be read, the others cannot': {
    page: kinesisApi('PutRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      const answers = await Promise.all(Array.from({ length: 5 }, () => putAll(context, stream, small(500))));
      const taken = answers
        .flatMap(({ Records = [] }) => Records)
        .filter(({ ErrorCode }) => ErrorCode === undefined).length;
      check(taken < 2_500, '2,500 records at once were all taken');
      const records = await readRecords(context, await iteratorOf(context, stream), taken);
      same(records.length, taken, 'records');
    },
  },
  'a shard takes about 1 MB a second': {
    page: LIMITS,
    run: async (context) => {
      const stream = await createStream(context);
      const data = new Uint8Array(700_000);
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => put(context, stream, data)));
      const refused = attempts.filter((attempt) => attempt.status === 'rejected');
      check(refused.length > 0, '4.2 MB at once were all taken');
      check(
        refused.every(({ reason }) => hasCode(reason, [EXCEEDED])),
        `refused with ${String(refused[0]?.reason)}`,
      );
    },
  },
  'a busy shard does not throttle another': {
    page: LIMITS,
    run: async (context) => {
      const stream = await createStream(context, { shards: 2 });
      const busy = await Promise.all(
        Array.from({ length: 6 }, () => putAll(context, stream, small(500, '0'))),
      );
      check(
        busy.some(({ FailedRecordCount = 0 }) => FailedRecordCount > 0),
        'nothing was throttled',
      );
      same(
        (await putAll(context, stream, small(100, LAST_HASH_KEY))).FailedRecordCount,
        0,
        'FailedRecordCount',
      );
    },
  },
  'a sixth GetRecords within a second is throttled': {
    page: kinesisApi('GetRecords'),
    run: async (context) => {
      const stream = await createStream(context);
      const iterator = await iteratorOf(context, stream);
      const reads = await Promise.allSettled(Array.from({ length: 12 }, () => getRecords(context, iterator)));
      const refused = reads.filter((read) => read.status === 'rejected');
      check(refused.length > 0, 'twelve reads at once were all answered');
      check(
        refused.every(({ reason }) => hasCode(reason, [EXCEEDED])),
        `refused with ${String(refused[0]?.reason)}`,
      );
    },
  },
  'a sixth GetShardIterator within a second is throttled': {
    page: kinesisApi('GetShardIterator'),
    run: async (context) => {
      const stream = await createStream(context);
      const asks = await Promise.allSettled(Array.from({ length: 12 }, () => iteratorOf(context, stream)));
      const refused = asks.filter((ask) => ask.status === 'rejected');
      check(refused.length > 0, 'twelve iterators at once were all given');
      check(
        refused.every(({ reason }) => hasCode(reason, [EXCEEDED])),
        `refused with ${String(refused[0]?.reason)}`,
      );
    },
  },
  'write capacity comes back within a second': {
    page: LIMITS,
    needs: ['clock'],
    run: async (context) => {
      const stream = await createStream(context);
      for (let round = 0; round < 4; round += 1) await putAll(context, stream, small(500));
      await refusal(put(context, stream, 'x'), EXCEEDED);
      await context.advance(1_000);
      same((await putAll(context, stream, small(500))).FailedRecordCount, 0, 'FailedRecordCount');
    },
  },
  'a read of 10 MB blocks the shard for the next seconds': {
    page: kinesisApi('GetRecords'),
    needs: ['clock'],
    run: async (context) => {
      const stream = await createStream(context);
      for (let second = 0; second < 12; second += 1) {
        await put(context, stream, new Uint8Array(1_000_000));
        await context.advance(1_000);
      }
      const first = await getRecords(context, await iteratorOf(context, stream));
      const count = first.Records?.length ?? 0;
      check(count >= 9 && count <= 11, `one read gave ${count} MB`);
      await context.advance(1_000);
      await refusal(getRecords(context, first.NextShardIterator ?? ''), EXCEEDED);
      await context.advance(5_000);
      const rest = await getRecords(context, first.NextShardIterator ?? '');
      same(texts(rest.Records ?? []).length, 12 - count, 'records of the next read');
    },
  },
});

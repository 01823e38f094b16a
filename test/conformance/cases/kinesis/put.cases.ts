import { PutRecordsCommand } from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, present, refusal, same } from '../../fixtures/expectations.js';
import { kinesisApi, kinesisGuide } from '../../fixtures/pages.js';
import {
  createStream,
  FIRST_SHARD,
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

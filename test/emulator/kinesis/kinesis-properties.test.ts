import fc from 'fast-check';
import {
  base64,
  setupKinesis,
  type Kinesis,
  type PageView,
  type RecordView,
  type ShardView,
} from './kinesis-bundle.js';

/** What a run does to a stream, step by step. */
type Step =
  | { readonly kind: 'put'; readonly keys: readonly string[] }
  | { readonly kind: 'split'; readonly which: number; readonly where: number }
  | { readonly kind: 'merge'; readonly which: number }
  | { readonly kind: 'resize'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      keys: fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('split' as const),
      which: fc.nat(50),
      where: fc.integer({ min: 1, max: 999 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), which: fc.nat(50) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
  },
);

interface Acknowledged {
  readonly key: string;
  readonly shard: string;
  readonly sequence: string;
}

interface Run {
  readonly kinesis: Kinesis;
  readonly acknowledged: readonly Acknowledged[];
  readonly openAfterEachStep: readonly (readonly ShardView[])[];
}

function run(steps: readonly Step[]): Run {
  const kinesis = setupKinesis({ areLimitsEnforced: false, transitionMs: 10 });
  kinesis.createStream(2);
  kinesis.now += 10;
  const acknowledged: Acknowledged[] = [];
  const openAfterEachStep: (readonly ShardView[])[] = [];
  for (const current of steps) {
    perform(kinesis, current, acknowledged);
    openAfterEachStep.push(kinesis.shards({ Type: 'AT_LATEST' }));
  }
  return { kinesis, acknowledged, openAfterEachStep };
}

/** Steps the service refuses (a change under way, no neighbour) change nothing and are part of the run. */
function perform(kinesis: Kinesis, current: Step, acknowledged: Acknowledged[]): void {
  const open = inKeyOrder(kinesis.shards({ Type: 'AT_LATEST' }));
  switch (current.kind) {
    case 'wait':
      kinesis.now += current.ms;
      return;
    case 'put': {
      const results = kinesis.put(
        current.keys.map((PartitionKey) => ({ Data: base64(PartitionKey), PartitionKey })),
      );
      for (const [index, { ShardId, SequenceNumber }] of results.entries())
        acknowledged.push({
          key: current.keys[index] ?? '',
          shard: ShardId ?? '',
          sequence: SequenceNumber ?? '',
        });
      return;
    }
    case 'split': {
      const shard = open[current.which % open.length]!;
      const [start, end] = [
        BigInt(shard.HashKeyRange.StartingHashKey),
        BigInt(shard.HashKeyRange.EndingHashKey),
      ];
      kinesis.call('SplitShard', {
        StreamName: 'flights',
        ShardToSplit: shard.ShardId,
        NewStartingHashKey: (start + ((end - start) * BigInt(current.where)) / 1_000n).toString(),
      });
      return;
    }
    case 'merge': {
      const index = current.which % open.length;
      kinesis.call('MergeShards', {
        StreamName: 'flights',
        ShardToMerge: open[index]!.ShardId,
        AdjacentShardToMerge: open[(index + 1) % open.length]!.ShardId,
      });
      return;
    }
    case 'resize':
      kinesis.call('UpdateShardCount', {
        StreamName: 'flights',
        TargetShardCount: current.count,
        ScalingType: 'UNIFORM_SCALING',
      });
  }
}

const inKeyOrder = (shards: readonly ShardView[]): ShardView[] =>
  [...shards].sort((a, b) =>
    BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1,
  );

/** Where the next shard would have to start, walking the open shards by key; 2^128 when they cover it all. */
function coveredUpTo(shards: readonly ShardView[]): bigint {
  let next = 0n;
  for (const { HashKeyRange } of inKeyOrder(shards)) {
    if (BigInt(HashKeyRange.StartingHashKey) !== next) return next;
    next = BigInt(HashKeyRange.EndingHashKey) + 1n;
  }
  return next;
}

const PROPERTY = { numRuns: 150 };
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

describe('a stream, whatever is done to it', () => {
  it('has open shards that cover the key space without gap or overlap', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { openAfterEachStep } = run(given);
        for (const open of openAfterEachStep) expect(coveredUpTo(open)).toBe(2n ** 128n);
      }),
      PROPERTY,
    );
  });

  it('gives back every acknowledged record once, in the shard it named, and no other', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { kinesis, acknowledged } = run(given);
        const read = kinesis
          .shards()
          .flatMap(({ ShardId }) =>
            kinesis
              .read(ShardId)
              .Records.map(
                ({ PartitionKey, SequenceNumber }) => `${ShardId} ${SequenceNumber} ${PartitionKey}`,
              ),
          );
        const put = acknowledged.map(({ shard, sequence, key }) => `${shard} ${sequence} ${key}`);

        expect(read.sort()).toEqual(put.sort());
      }),
      PROPERTY,
    );
  });

  it('numbers the records of a key upwards, in a shard and across its lineage', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { acknowledged } = run(given);
        const last = new Map<string, bigint>();
        for (const { key, sequence } of acknowledged) {
          const number = BigInt(sequence);
          expect(number > (last.get(key) ?? -1n)).toBe(true);
          last.set(key, number);
        }
      }),
      PROPERTY,
    );
  });

  it('numbers the records of a shard upwards, within the range it tells', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { kinesis } = run(given);
        for (const { ShardId, SequenceNumberRange } of kinesis.shards()) {
          const { StartingSequenceNumber, EndingSequenceNumber } = SequenceNumberRange;
          const numbers = kinesis.read(ShardId).Records.map(({ SequenceNumber }) => BigInt(SequenceNumber));
          const bounds = [BigInt(StartingSequenceNumber) - 1n, ...numbers];
          expect(numbers.every((number, at) => number > bounds[at]!)).toBe(true);
          expect((numbers.at(-1) ?? 0n) <= BigInt(EndingSequenceNumber ?? 2n ** 200n)).toBe(true);
        }
      }),
      PROPERTY,
    );
  });

  it('gives the same records by pages of any size as at once', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 7 }), (given, Limit) => {
        const { kinesis } = run(given);
        for (const { ShardId } of kinesis.shards()) {
          const whole = kinesis.read(ShardId).Records;
          const paged: RecordView[] = [];
          let iterator: string | undefined = kinesis.iterator(ShardId);
          while (iterator !== undefined && paged.length < whole.length) {
            const page: PageView = kinesis.page(iterator, { Limit });
            paged.push(...page.Records);
            iterator = page.NextShardIterator;
          }
          expect(paged).toEqual(whole);
        }
      }),
      PROPERTY,
    );
  });

  it('closes parents below the start of their children', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const shards = run(given).kinesis.shards();
        const byId = new Map(shards.map((shard) => [shard.ShardId, shard]));
        for (const shard of shards) {
          for (const id of [shard.ParentShardId, shard.AdjacentParentShardId]) {
            const end = id === undefined ? '0' : byId.get(id)?.SequenceNumberRange.EndingSequenceNumber;
            expect(BigInt(end ?? '-1')).toBeGreaterThanOrEqual(0n);
            expect(BigInt(shard.SequenceNumberRange.StartingSequenceNumber) > BigInt(end ?? '0')).toBe(true);
          }
        }
      }),
      PROPERTY,
    );
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { LaneBoard, type Settled } from '../../../lib/core/stream/lane-board.js';
import type { LaneRecord, Parcel } from '../../../lib/core/stream/lane.js';
import { SimulatedStream } from './simulated-stream.js';

const hashOf = (key: string): string => createHash('md5').update(key).digest('hex');

const LIMITS = { bytesPerSecond: 1_000_000, recordsPerSecond: 1_000, burstSeconds: 1 };

function setup(more: { readonly maxInFlight?: number; readonly shards?: number } = {}) {
  const { maxInFlight = 1, shards = 2 } = more;
  const stream = new SimulatedStream(shards);
  const board = new LaneBoard<LaneRecord>({
    lanes: { maxInFlight, parcelBytes: 500, maxParcelBytes: 500, parcelRecords: 5, lingerMs: 20 },
    limits: LIMITS,
    keepsOrder: maxInFlight === 1,
  });
  let sequence = 0;
  const put = (partitionKey: string, now = 0): LaneRecord => {
    sequence += 1;
    const hash = hashOf(partitionKey);
    const record = { sequence, partitionKey, hash, data: new Uint8Array(), bytes: 100, acceptedAt: now };
    board.add(record);
    return record;
  };
  return { stream, board, put };
}

/** Keys of the lower and the upper half of the hash keys. */
const keys = Array.from({ length: 200 }, (_, n) => `key-${n}`);
const halfOf = (key: string): 'low' | 'high' => (hashOf(key) < '8' ? 'low' : 'high');
const [lowKey = '', lowKey2 = ''] = keys.filter((key) => halfOf(key) === 'low');
const [highKey = ''] = keys.filter((key) => halfOf(key) === 'high');

const sent = (parcels: readonly Parcel<LaneRecord>[]): number[][] =>
  parcels.map(({ records }) => records.map(({ sequence }) => sequence));

function settle(
  { board, stream }: Pick<ReturnType<typeof setup>, 'board' | 'stream'>,
  parcel: Parcel<LaneRecord>,
): readonly Settled<LaneRecord>[] {
  const shardId = stream.write(parcel.records);
  return board.answer(parcel, { kind: 'landed', shardId, sequenceNumber: '1' }, 0);
}

describe('a lane', () => {
  it('waits for company, then sends what is there in one parcel', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    put(lowKey);
    put(lowKey);
    expect(board.take(19)).toEqual([]);
    expect(board.nextDue(0)).toBe(20);
    expect(sent(board.take(20))).toEqual([[1, 2]]);
  });

  it('sends at once when a parcel is full or a flush wants it', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    for (let n = 0; n < 5; n += 1) put(lowKey);
    put(highKey);
    expect(sent(board.take(0))).toEqual([[1, 2, 3, 4, 5]]);
    board.flush(6);
    expect(sent(board.take(0))).toEqual([[6]]);
  });

  it('has one parcel out and sends a failed one again before anything newer', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    for (let n = 0; n < 7; n += 1) put(lowKey);
    board.flush(7);
    const [parcel] = board.take(0);
    expect(board.take(0)).toEqual([]);
    board.answer(parcel!, { kind: 'failed', retryInMs: 50 }, 0);
    expect(board.take(49)).toEqual([]);
    expect(sent(board.take(50))).toEqual([[1, 2, 3, 4, 5]]);
  });

  it('keeps within the limits of its shard and slows down when throttled', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    put(lowKey);
    board.flush(1);
    const [parcel] = board.take(0);
    board.answer(parcel!, { kind: 'throttled', retryInMs: 0 }, 0);
    expect(board.take(0)).toEqual([]);
    expect(board.nextDue(0)).toBeGreaterThan(0);
    expect(sent(board.take(10))).toEqual([[1]]);
  });

  it('gives up what is too old and not under way', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    put(lowKey, 0);
    put(highKey, 0);
    board.take(20);
    put(lowKey, 30);
    expect(board.expire(31).map(({ sequence }) => sequence)).toEqual([3]);
  });
});

describe('a board', () => {
  it('holds records until the shards are known', () => {
    const { board, put, stream } = setup();
    put(lowKey);
    expect(board.needsListing).toBe(true);
    expect(board.take(1_000)).toEqual([]);
    board.remap(stream.shards, 1_000);
    expect(sent(board.take(1_000))).toEqual([[1]]);
  });

  it('puts an aggregate again whose keys do not all belong where it landed', () => {
    const fixture = setup({ shards: 1 });
    const { board, put, stream } = fixture;
    board.remap(stream.shards, 0);
    put(lowKey);
    put(highKey);
    board.flush(2);
    const [parcel] = board.take(0);
    stream.split(hashOf(lowKey));
    expect(settle(fixture, parcel!)).toEqual([]);
    expect(board.needsListing).toBe(true);
    expect(board.take(1_000)).toEqual([]);
    expect(board.remap(stream.shards, 0)).toEqual([]);
    expect(sent(board.take(0)).sort()).toEqual([[1], [2]]);
  });

  it('counts an aggregate as written where all of its keys belong, and lists the shards', () => {
    const fixture = setup({ shards: 1 });
    const { board, put, stream } = fixture;
    board.remap(stream.shards, 0);
    put(lowKey);
    put(lowKey2);
    board.flush(2);
    const [parcel] = board.take(0);
    stream.split(hashOf(lowKey));
    expect(settle(fixture, parcel!)).toEqual([]); // the shard is not known before the listing
    expect(board.remap(stream.shards, 0)).toMatchObject([{ kind: 'written', parcel }]);
    expect(board.isQuiet).toBe(true);
  });

  it('opens the lanes of children only when the parent has nothing under way', () => {
    const { board, put, stream } = setup({ shards: 1 });
    board.remap(stream.shards, 0);
    put(lowKey);
    board.flush(1);
    const [parcel] = board.take(0);
    put(lowKey);
    board.flush(2);
    stream.split(hashOf(lowKey));
    board.remap(stream.shards, 0);
    expect(board.take(1_000)).toEqual([]);
    board.answer(parcel!, { kind: 'failed', retryInMs: 0 }, 1_000);
    expect(sent(board.take(1_000))).toEqual([[1, 2]]);
  });

  it('fails a parcel that was refused and goes on', () => {
    const { board, put, stream } = setup();
    board.remap(stream.shards, 0);
    put(lowKey);
    board.flush(1);
    const [parcel] = board.take(0);
    expect(board.answer(parcel!, { kind: 'refused' }, 0)).toEqual([{ kind: 'refused', parcel }]);
    expect(board.isQuiet).toBe(true);
  });
});

type Step =
  | { readonly kind: 'put'; readonly key: number }
  | {
      readonly kind: 'answer';
      readonly which: number;
      readonly how: 'landed' | 'failed' | 'lost' | 'throttled';
    }
  | { readonly kind: 'split'; readonly key: number }
  | { readonly kind: 'merge'; readonly key: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'list-old'; readonly back: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('put' as const), key: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      which: fc.nat(7),
      how: fc.constantFrom('landed', 'landed', 'landed', 'failed', 'lost', 'throttled' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant('split' as const), key: fc.nat(3) }),
      fc.record({ kind: fc.constant('merge' as const), key: fc.nat(3) }),
    ),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'list' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list-old' as const), back: fc.nat(3) }) },
);

/** Plays the steps against the board and the stream, then lets everything settle. */
function play(script: readonly Step[], maxInFlight: number) {
  const { board, put, stream } = setup({ maxInFlight, shards: 2 });
  const listings = [stream.shards.map((shard) => ({ ...shard }))];
  const settled: Settled<LaneRecord>[] = [];
  const outstanding: Parcel<LaneRecord>[] = [];
  let [now, puts] = [0, 0];
  board.remap(stream.shards, now);
  const answer = (which: number, how: 'landed' | 'failed' | 'lost' | 'throttled'): void => {
    const [parcel] = outstanding.splice(which % Math.max(1, outstanding.length), 1);
    if (parcel === undefined) return;
    if (how === 'landed' || how === 'lost') {
      const shardId = stream.write(parcel.records);
      const landed = { kind: 'landed', shardId, sequenceNumber: '1' } as const;
      // A lost answer: the records are in the stream, but the producer is told of a failure.
      settled.push(
        ...board.answer(parcel, how === 'landed' ? landed : { kind: 'failed', retryInMs: 5 }, now),
      );
    } else settled.push(...board.answer(parcel, { kind: how, retryInMs: 5 }, now));
  };
  for (const step of script) {
    now += 10;
    if (step.kind === 'put') {
      put(`key-${step.key}`, now);
      puts += 1;
    } else if (step.kind === 'answer') answer(step.which, step.how);
    else if (step.kind === 'split') stream.split(hashOf(`key-${step.key}`));
    else if (step.kind === 'merge') stream.merge(hashOf(`key-${step.key}`));
    else if (step.kind === 'list') settled.push(...board.remap(stream.shards, now));
    else {
      const listing = listings[Math.max(0, listings.length - 1 - step.back)];
      if (listing !== undefined) settled.push(...board.remap(listing, now));
    }
    if (step.kind === 'split' || step.kind === 'merge')
      listings.push(stream.shards.map((shard) => ({ ...shard })));
    outstanding.push(...board.take(now));
  }
  for (let round = 0; round < 400 && !board.isQuiet; round += 1) {
    now += 200;
    board.flush(puts);
    if (board.needsListing) settled.push(...board.remap(stream.shards, now));
    outstanding.push(...board.take(now));
    while (outstanding.length > 0) answer(0, 'landed');
  }
  return { board, stream, settled, puts };
}

describe('a board through failures, lost answers, splits, merges and old listings', () => {
  it('settles every put once and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 120, size: 'max' }),
        fc.constantFrom(1, 3),
        (script, maxInFlight) => {
          const { board, stream, settled, puts } = play(script, maxInFlight);
          expect(board.isQuiet).toBe(true);
          const written = settled.flatMap(({ parcel }) => parcel.records.map(({ sequence }) => sequence));
          const all = Array.from({ length: puts }, (_, n) => n + 1);
          expect(written.sort((a, b) => a - b)).toEqual(all);
          expect([...stream.read().values()].flat().sort((a, b) => a - b)).toEqual(all);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps the order of every key when one parcel per lane is out', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 120, size: 'max' }), (script) => {
        const { stream } = play(script, 1);
        for (const sequences of stream.read().values())
          expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });
});

import fc from 'fast-check';
import { createCheckpointTracker } from '../../../lib/core/stream/checkpoint-tracker.js';
import { INITIAL_PACE, nextPace, type Pace, type PollOutcome } from '../../../lib/core/stream/poll-pace.js';
import { createRepeatFilter } from '../../../lib/core/stream/repeat-filter.js';
import { createShardLimiter } from '../../../lib/core/stream/shard-limiter.js';

describe('a checkpoint tracker', () => {
  it('reaches exactly the lowest contiguous completed position, in whatever order work completes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (completions) => {
        const tracker = createCheckpointTracker<number>();
        const tickets = Array.from({ length: 20 }, (_, n) => tracker.open(n));
        const done = new Set<number>();
        for (const ticket of completions) {
          tracker.complete(ticket);
          if (ticket < tickets.length) done.add(ticket);
          const firstOpen = tickets.find((candidate) => !done.has(candidate)) ?? tickets.length;
          expect(tracker.contiguous()).toBe(firstOpen === 0 ? undefined : firstOpen - 1);
          expect(tracker.pending()).toBe(tickets.length - firstOpen);
        }
      }),
    );
  });
});

describe('the pace of a shard', () => {
  const policy = { busyMs: 250, idleMs: 1_000 };
  const play = (outcomes: readonly PollOutcome[]): { readonly pace: Pace; readonly delayMs: number } =>
    outcomes.reduce<{ readonly pace: Pace; readonly delayMs: number }>(
      ({ pace }, outcome) => nextPace(pace, outcome, { policy, chance: 0.5 }),
      { pace: INITIAL_PACE, delayMs: 0 },
    );
  const behind: PollOutcome = { kind: 'page', records: 10, millisBehind: 500 };
  const atTip: PollOutcome = { kind: 'page', records: 0, millisBehind: 0 };

  it('reads on at once while behind and rests at the tip', () => {
    expect(play([behind]).delayMs).toBe(250);
    expect(play([atTip]).delayMs).toBe(1_000);
  });

  it('doubles the wait with each throttle and takes it back page by page', () => {
    const throttled: PollOutcome = { kind: 'throttled' };
    expect(play([throttled]).delayMs).toBe(375);
    expect(play([throttled, throttled, throttled]).delayMs).toBe(1_500);
    expect(play([throttled, throttled, throttled, behind]).delayMs).toBe(1_000);
    expect(play([throttled, throttled, throttled, behind, behind, behind]).delayMs).toBe(250);
  });

  it('never waits longer than eight seconds however long it goes wrong', () => {
    expect(play(Array.from({ length: 50 }, () => ({ kind: 'failed' }))).delayMs).toBeLessThanOrEqual(8_000);
  });
});

describe('a shard limiter', () => {
  const policy = { bytesPerSecond: 1_000, recordsPerSecond: 10, burstSeconds: 1 };

  it('lets through no more than a burst and the rate, in any window from the start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 900 }), gap: fc.nat(300) })),
        (writes) => {
          const limiter = createShardLimiter(policy, 0);
          let [now, bytes, records] = [0, 0, 0];
          for (const write of writes) {
            now += write.gap;
            const wait = limiter.waitFor({ bytes: write.bytes, records: 1 }, now);
            now += wait;
            limiter.spend({ bytes: write.bytes, records: 1 }, now);
            bytes += write.bytes;
            records += 1;
            expect(bytes).toBeLessThanOrEqual(1_000 + now + 1);
            expect(records).toBeLessThanOrEqual(10 + now / 100 + 0.01);
          }
        },
      ),
    );
  });

  it('lets a record larger than a burst through when the bucket is full', () => {
    const limiter = createShardLimiter(policy, 0);
    expect(limiter.waitFor({ bytes: 5_000, records: 1 }, 0)).toBe(0);
    limiter.spend({ bytes: 5_000, records: 1 }, 0);
    expect(limiter.waitFor({ bytes: 100, records: 1 }, 0)).toBe(4_100);
  });

  it('takes one step down for throttles that belong together, and comes back with time', () => {
    const limiter = createShardLimiter(policy, 0);
    limiter.throttled(0);
    limiter.throttled(100);
    expect(limiter.factor).toBeCloseTo(0.705);
    limiter.waitFor({ bytes: 1, records: 1 }, 20_000);
    expect(limiter.factor).toBe(1);
  });
});

describe('a repeat filter', () => {
  const origin = (sequence: number, producerId = 'p', epoch = 1) => ({ producerId, epoch, sequence });

  it('knows a second copy of a put by a number that does not grow', () => {
    const filter = createRepeatFilter(10);
    expect([1, 2, 2, 1, 3].map((sequence) => filter.isRepeat('k', origin(sequence)))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('keeps keys and producers apart', () => {
    const filter = createRepeatFilter(10);
    filter.isRepeat('k', origin(5));
    expect(filter.isRepeat('other', origin(4))).toBe(false);
    expect(filter.isRepeat('k', origin(4, 'q'))).toBe(false);
    expect(filter.isRepeat('k', origin(4, 'p', 2))).toBe(false);
  });

  it('concludes nothing from the numbers of a producer without order', () => {
    const filter = createRepeatFilter(10);
    filter.isRepeat('k', origin(5, 'p', 0));
    expect(filter.isRepeat('k', origin(5, 'p', 0))).toBe(false);
  });

  it('remembers the last keys and forgets the oldest', () => {
    const filter = createRepeatFilter(2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) filter.isRepeat(key, origin(1));
    expect(filter.isRepeat('d', origin(1))).toBe(true);
    expect(filter.isRepeat('a', origin(1))).toBe(false);
  });
});

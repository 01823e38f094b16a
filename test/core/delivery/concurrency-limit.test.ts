import fc from 'fast-check';
import { ConcurrencyLimit, type ConcurrencyBounds } from '../../../lib/core/delivery/concurrency-limit.js';

/** What handlers depend on: so many calls at once, each this long; more calls wait, or are refused. */
interface Dependency {
  readonly capacity: number;
  readonly serviceMs: number;
  readonly refuses?: boolean;
  /** Share of handlers that fail whatever the load. */
  readonly brokenShare?: number;
}

interface Running {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly failed: boolean;
  readonly isServed: boolean;
}

/** Handlers in a closed loop: each free slot is filled at once. Answers the limit after each end. */
function simulate(limit: ConcurrencyLimit, seed: number) {
  let state = seed;
  const roll = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let now = 0;
  let running: Running[] = [];
  let freeAt: number[] = [];

  const start = ({ capacity, serviceMs, refuses = false, brokenShare = 0 }: Dependency): Running => {
    const service = serviceMs * (0.8 + 0.4 * roll());
    const failed = roll() < brokenShare;
    if (refuses && running.filter(({ isServed }) => isServed).length >= capacity)
      return { startedAt: now, endsAt: now + 2, failed: true, isServed: false };
    freeAt = freeAt.sort((a, b) => a - b).slice(-capacity);
    while (freeAt.length < capacity) freeAt.unshift(now);
    const endsAt = Math.max(now, freeAt.shift() ?? now) + service;
    freeAt.push(endsAt);
    return { startedAt: now, endsAt, failed, isServed: true };
  };

  return (dependency: Dependency, ms: number): { readonly limits: number[]; readonly succeeded: number } => {
    const until = now + ms;
    const limits: number[] = [];
    let succeeded = 0;
    while (now < until) {
      while (running.length < limit.current) running.push(start(dependency));
      const next = running.reduce((first, run) => (run.endsAt < first.endsAt ? run : first));
      now = next.endsAt;
      const { startedAt, failed } = next;
      limit.observe({ sign: failed ? 'failed' : 'succeeded', startedAt, endedAt: now }, running.length);
      running = running.filter((run) => run !== next);
      limits.push(limit.current);
      if (!failed) succeeded += 1;
    }
    return { limits, succeeded };
  };
}

const wide: ConcurrencyBounds = { min: 1, max: 200 };
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a concurrency limit', () => {
  it('stays where it is between equal bounds', () => {
    const limit = new ConcurrencyLimit({ min: 7, max: 7 });
    simulate(limit, 1)({ capacity: 1, serviceMs: 50 }, 5_000);
    expect(limit.current).toBe(7);
  });

  it('climbs to the upper bound where nothing holds it back', () => {
    const limit = new ConcurrencyLimit({ min: 2, max: 60 });
    simulate(limit, 1)({ capacity: 1_000, serviceMs: 50 }, 10_000);
    expect(limit.current).toBe(60);
  });

  it('does not climb while slots stay free', () => {
    const limit = new ConcurrencyLimit({ min: 5, max: 60 });
    for (let now = 0; now < 10_000; now += 10)
      limit.observe({ sign: 'succeeded', startedAt: now, endedAt: now + 50 }, 3);
    expect(limit.current).toBe(5);
  });

  it('converges on what a dependency can take, with nearly all of its throughput', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 20, max: 200 }),
        fc.nat({ max: 0x7fff_ffff }),
        (capacity, serviceMs, seed) => {
          const run = simulate(new ConcurrencyLimit(wide), seed);
          run({ capacity, serviceMs }, serviceMs * 200);
          const { limits, succeeded } = run({ capacity, serviceMs }, serviceMs * 200);
          expect(meanOf(limits)).toBeGreaterThan(capacity * 0.9);
          expect(Math.max(...limits)).toBeLessThan(capacity * 3 + 10);
          expect(succeeded).toBeGreaterThan(capacity * 200 * 0.9);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps refusals of a throttling dependency few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.nat({ max: 0x7fff_ffff }), (capacity, seed) => {
        const dependency = { capacity, serviceMs: 50, refuses: true };
        const run = simulate(new ConcurrencyLimit(wide), seed);
        run(dependency, 20_000);
        const { limits, succeeded } = run(dependency, 20_000);
        expect(meanOf(limits)).toBeLessThan(capacity * 1.5 + 3);
        expect(succeeded).toBeGreaterThan(capacity * 400 * 0.7);
      }),
      { numRuns: 15 },
    );
  });

  it('retreats when capacity shrinks, and returns with it', () => {
    const run = simulate(new ConcurrencyLimit(wide), 3);
    run({ capacity: 100, serviceMs: 50 }, 10_000);
    run({ capacity: 10, serviceMs: 50 }, 10_000);
    const shrunk = run({ capacity: 10, serviceMs: 50 }, 10_000);
    expect(Math.max(...shrunk.limits)).toBeLessThan(40);
    run({ capacity: 100, serviceMs: 50 }, 10_000);
    expect(meanOf(run({ capacity: 100, serviceMs: 50 }, 10_000).limits)).toBeGreaterThan(90);
  });

  it('learns anew when everything has become slower for good', () => {
    const run = simulate(new ConcurrencyLimit(wide), 4);
    run({ capacity: 40, serviceMs: 20 }, 10_000);
    run({ capacity: 40, serviceMs: 200 }, 60_000);
    expect(meanOf(run({ capacity: 40, serviceMs: 200 }, 40_000).limits)).toBeGreaterThan(36);
  });

  it('is not held down by failures that have nothing to do with load', () => {
    const dependency = { capacity: 1_000, serviceMs: 50, brokenShare: 0.3 };
    const run = simulate(new ConcurrencyLimit(wide), 5);
    run(dependency, 30_000);
    expect(meanOf(run(dependency, 30_000).limits)).toBeGreaterThan(20);
  });

  it('never leaves its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat({ max: 20 }),
        fc.array(fc.tuple(fc.constantFrom('succeeded', 'failed', 'silent'), fc.nat({ max: 500 })), {
          maxLength: 300,
        }),
        (min, span, ends) => {
          const limit = new ConcurrencyLimit({ min, max: min + span });
          ends.forEach(([sign, ms], index) => {
            limit.observe({ sign, startedAt: index * 10, endedAt: index * 10 + ms }, limit.current);
            expect(limit.current).toBeGreaterThanOrEqual(min);
            expect(limit.current).toBeLessThanOrEqual(min + span);
          });
        },
      ),
    );
  });
});

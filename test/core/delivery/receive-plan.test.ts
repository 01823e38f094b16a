import fc from 'fast-check';
import { decidePrefetch, decideReceive } from '../../../lib/core/delivery/receive-plan.js';

const idle = {
  concurrency: 10,
  handling: 0,
  buffered: 0,
  requested: 0,
  receivesOut: 0,
  isHot: false,
  prefetch: 0,
};

describe('decideReceive', () => {
  it.each([
    ['an idle worker asks for all its slots', idle, 10],
    ['one poll at a time while nothing much comes', { ...idle, receivesOut: 1, requested: 10 }, 0],
    ['a slow worker refills its one free slot', { ...idle, handling: 9 }, 1],
    ['a full worker asks for nothing', { ...idle, handling: 10 }, 0],
    [
      'a fast worker waits until it can ask for ten',
      { ...idle, handling: 10, buffered: 15, prefetch: 20 },
      0,
    ],
    [
      'a fast worker asks for ten while it still has work',
      { ...idle, handling: 10, buffered: 10, prefetch: 20 },
      10,
    ],
    ['a fast worker that starves asks for what it can', { ...idle, handling: 4, prefetch: 2 }, 8],
    [
      'a big worker adds polls while they come back full',
      { ...idle, concurrency: 100, receivesOut: 3, requested: 30, isHot: true },
      10,
    ],
    [
      'but no more than eight',
      { ...idle, concurrency: 1_000, receivesOut: 8, requested: 80, isHot: true },
      0,
    ],
  ])('%s', (_case, situation, ask) => {
    expect(decideReceive(situation)).toBe(ask);
  });

  it('never asks for more than there is room for, nor for more than ten', () => {
    const count = fc.nat({ max: 60 });
    fc.assert(
      fc.property(
        fc.record({
          concurrency: fc.integer({ min: 1, max: 1_000 }),
          handling: count,
          buffered: count,
          requested: count,
          receivesOut: fc.nat({ max: 10 }),
          isHot: fc.boolean(),
          prefetch: fc.nat({ max: 20 }),
        }),
        (situation) => {
          const ask = decideReceive(situation);
          const { concurrency, prefetch, handling, buffered, requested } = situation;
          expect(ask).toBeLessThanOrEqual(10);
          expect(ask === 0 || handling + buffered + requested + ask <= concurrency + prefetch).toBe(true);
        },
      ),
    );
  });

  it('always polls when nothing is going on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat({ max: 20 }), (concurrency, prefetch) => {
        expect(decideReceive({ ...idle, concurrency, prefetch })).toBeGreaterThan(0);
      }),
    );
  });
});

describe('decidePrefetch', () => {
  it.each([
    ['nothing before anything was measured', 10, undefined, 0],
    ['nothing for handlers of minutes', 10, 120_000, 0],
    ['little for handlers of half a second', 10, 500, 5],
    ['two receives for fast handlers', 10, 20, 20],
    ['two receives for handlers too fast to measure', 10, 0, 20],
  ])('holds %s', (_case, concurrency, mean, prefetch) => {
    expect(decidePrefetch(concurrency, mean)).toBe(prefetch);
  });
});

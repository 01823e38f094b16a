import fc from 'fast-check';
import { decidePrefetch, decideReceive } from '../../../lib/core/delivery/receive-plan.js';

const idle = {
  slots: 10,
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
      { ...idle, slots: 100, receivesOut: 3, requested: 30, isHot: true },
      10,
    ],
    ['but no more than eight', { ...idle, slots: 1_000, receivesOut: 8, requested: 80, isHot: true }, 0],
  ])('%s', (_case, situation, ask) => {
    expect(decideReceive(situation)).toBe(ask);
  });

  it('never asks for more than there is room for, nor for more than ten', () => {
    const count = fc.nat({ max: 60 });
    fc.assert(
      fc.property(
        fc.record({
          slots: fc.integer({ min: 1, max: 1_000 }),
          handling: count,
          buffered: count,
          requested: count,
          receivesOut: fc.nat({ max: 10 }),
          isHot: fc.boolean(),
          prefetch: fc.nat({ max: 20 }),
        }),
        (situation) => {
          const ask = decideReceive(situation);
          const { slots, prefetch, handling, buffered, requested } = situation;
          expect(ask).toBeLessThanOrEqual(10);
          expect(ask === 0 || handling + buffered + requested + ask <= slots + prefetch).toBe(true);
        },
      ),
    );
  });

  it('always polls when nothing is going on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat({ max: 20 }), (slots, prefetch) => {
        expect(decideReceive({ ...idle, slots, prefetch })).toBeGreaterThan(0);
      }),
    );
  });
});

describe('decidePrefetch', () => {
  const bounds = { messages: 20, bytes: 10_000, perGroup: 10 };
  const fast = {
    slots: 10,
    meanHandlerMs: 1,
    buffered: 0,
    bufferedBytes: 0,
    meanBytes: 100,
    largestGroup: undefined,
  };

  it.each([
    ['nothing before anything was measured', { ...fast, meanHandlerMs: undefined }, 0],
    ['nothing for handlers of minutes', { ...fast, meanHandlerMs: 120_000 }, 0],
    ['little for handlers of half a second', { ...fast, meanHandlerMs: 500 }, 5],
    ['two receives for fast handlers', { ...fast, meanHandlerMs: 20 }, 20],
    ['two receives for handlers too fast to measure', { ...fast, meanHandlerMs: 0 }, 20],
    ['as many large messages as the bytes have room for', { ...fast, meanBytes: 2_500 }, 4],
    ['no more than it has when its bytes are used up', { ...fast, buffered: 7, bufferedBytes: 10_000 }, 7],
    [
      'no more of anybody once one tenant has all its places',
      { ...fast, buffered: 12, largestGroup: 10 },
      12,
    ],
    ['as much as would fit if it all came from one tenant', { ...fast, buffered: 6, largestGroup: 4 }, 12],
  ])('holds %s', (_case, situation, prefetch) => {
    expect(decidePrefetch(situation, bounds)).toBe(prefetch);
  });
});

import fc from 'fast-check';
import { decideBackoffMs, decideBackoffSeconds } from '../../../lib/core/retry/backoff.js';

const curve = { baseSeconds: 2, factor: 3, maxSeconds: 60 };

describe('decideBackoffSeconds', () => {
  it.each([
    [1, 0.5, 1],
    [2, 0.5, 3],
    [3, 0.5, 9],
    [4, 0.999, 54],
    [9, 0.999, 60],
    [2000, 0.5, 30],
    [1, 0, 1],
  ])('after attempt %p with roll %p waits %p s', (attempt, roll, seconds) => {
    expect(decideBackoffSeconds(curve, attempt, roll)).toBe(seconds);
  });

  it('is whole, at least one second and never beyond the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, roll) => {
          const seconds = decideBackoffSeconds(curve, n, roll);
          expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true);
        },
      ),
    );
  });

  it('gives calls milliseconds without the floor', () => {
    expect(decideBackoffMs(curve, 1, 0)).toBe(0);
    expect(decideBackoffMs(curve, 2, 0.5)).toBe(3_000);
  });
});

import fc from 'fast-check';
import {
  decideHandlerLimits,
  decideInvocationDeadlines,
} from '../../../lib/core/delivery/invocation-deadlines.js';

const time = fc.record({
  startedAt: fc.integer({ min: 0, max: 1_000_000 }),
  remainingMs: fc.integer({ min: -1_000, max: 900_000 }),
  abortGraceMs: fc.integer({ min: 1_000, max: 600_000 }),
  visibilityTimeoutMs: fc.integer({ min: 2_000, max: 43_200_000 }),
});

describe('the deadlines of an invocation', () => {
  it('keep two thirds of the grace for handlers and most of the rest for the answer', () => {
    const given = { startedAt: 100, remainingMs: 60_000, abortGraceMs: 3_000, visibilityTimeoutMs: 90_000 };
    expect(decideInvocationDeadlines(given)).toEqual({
      abortAt: 57_100,
      giveUpAt: 59_100,
      respondAt: 59_800,
      endsAt: 60_100,
    });
  });

  it('end with the visibility timeout where the function may run longer', () => {
    const given = { startedAt: 0, remainingMs: 60_000, abortGraceMs: 3_000, visibilityTimeoutMs: 30_000 };
    expect(decideInvocationDeadlines(given).endsAt).toBe(30_000);
  });

  it('come one after the other and leave at least half of the time to work', () => {
    fc.assert(
      fc.property(time, (given) => {
        const { abortAt, giveUpAt, respondAt, endsAt } = decideInvocationDeadlines(given);
        const order = [given.startedAt, abortAt, giveUpAt, respondAt, endsAt];
        expect(order).toEqual([...order].sort((a, b) => a - b));
        expect(abortAt - given.startedAt).toBeGreaterThanOrEqual((endsAt - given.startedAt) / 2);
        expect(endsAt).toBeLessThanOrEqual(given.startedAt + Math.max(0, given.remainingMs));
      }),
    );
  });

  it('bound every handler, whatever its own timeout', () => {
    fc.assert(
      fc.property(time, fc.nat(43_200_000), fc.nat(900_000), (given, handlerTimeoutMs, after) => {
        const invocation = decideInvocationDeadlines(given);
        const own = { handlerTimeoutMs, abortGraceMs: given.abortGraceMs };
        const limits = decideHandlerLimits(given.startedAt + after, invocation, own);
        expect(limits.abortAt).toBeLessThanOrEqual(limits.giveUpAt);
        expect(limits.giveUpAt).toBeLessThanOrEqual(invocation.giveUpAt);
        expect(limits.cause).toBe(limits.abortAt < invocation.abortAt ? 'timeout' : 'deadline');
      }),
    );
  });
});

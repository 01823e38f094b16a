import fc from 'fast-check';
import {
  claimFrom,
  compileClaimRules,
  decideExtensionSeconds,
  decideLongPollSeconds,
  decideReleaseSeconds,
  extendClaim,
  heldUntil,
  isHeld,
  renewalDueAt,
} from '../../../lib/core/delivery/claim.js';

const HOURS = 3_600_000;
const rules = compileClaimRules(30);

describe('a claim', () => {
  it('trap 1: counts from the moment the request left, with a margin before its end', () => {
    const claim = claimFrom(1_000, rules);
    expect(claim).toEqual({ since: 1_000, visibleAt: 31_000 });
    expect([isHeld(claim, 29_499, rules), isHeld(claim, 29_500, rules)]).toEqual([true, false]);
    expect(heldUntil(claim, rules)).toBe(29_500);
    expect(renewalDueAt(claim, rules)).toBe(22_000);
  });

  it('trap 3: is set from the moment of the extension, not added to', () => {
    const claim = extendClaim(claimFrom(0, rules), 10_000, 30);
    expect(claim).toEqual({ since: 0, visibleAt: 40_000 });
  });

  it('ends twelve hours after the receive whatever is extended', () => {
    const claim = extendClaim(claimFrom(0, rules), 12 * HOURS - 20_000, 20);
    expect(decideExtensionSeconds(claim, 12 * HOURS - 15_000, rules)).toBe(0);
    const earlier = extendClaim(claimFrom(0, rules), 12 * HOURS - 40_000, 30);
    expect(decideExtensionSeconds(earlier, 12 * HOURS - 15_500, rules)).toBe(15);
  });

  it('trap 4: never asks for a timeout that would reach beyond twelve hours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 43_200 }),
        fc.integer({ min: 0, max: 13 * HOURS }),
        (visibility, now) => {
          const some = compileClaimRules(visibility);
          const seconds = decideExtensionSeconds(claimFrom(0, some), now, some);
          expect(seconds).toBeGreaterThanOrEqual(0);
          expect(seconds === 0 || now + seconds * 1_000 <= 12 * HOURS).toBe(true);
        },
      ),
    );
  });

  it('trap 4: is given back with the wait that is wanted, up to a minute before the twelve hours are over', () => {
    const waits = [
      [90, 0],
      [43_200, 0],
      [43_200, 2 * HOURS],
      [90, 12 * HOURS - 30_000],
    ].map(([wanted = 0, now = 0]) => decideReleaseSeconds(wanted, { since: 0 }, now));
    expect(waits).toEqual([90, 43_140, 35_940, 0]);
  });

  it('is renewed while there is time for several tries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 43_200 }), (visibility) => {
        const some = compileClaimRules(visibility);
        const claim = claimFrom(0, some);
        const tries = (heldUntil(claim, some) - renewalDueAt(claim, some)) / some.renewRetryMs;
        expect(tries).toBeGreaterThanOrEqual(4.9);
      }),
    );
  });
});

describe('decideLongPollSeconds', () => {
  it.each([
    [30, 20],
    [43_200, 20],
    [15, 10],
    [3, 2],
    [2, 1],
    [1, 1],
  ])('with %p s of visibility waits %p s', (visibility, wait) => {
    expect(decideLongPollSeconds(visibility, 20)).toBe(wait);
  });
});

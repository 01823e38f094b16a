import fc from 'fast-check';
import { CircuitBreaker, type BreakerRules } from '../../../lib/core/delivery/circuit-breaker.js';
import type { HandlerSign } from '../../../lib/core/delivery/handler-sign.js';

const RULES: BreakerRules = {
  failureShare: 0.5,
  windowMs: 10_000,
  leastOutcomes: 4,
  pauseMs: 1_000,
  longestPauseMs: 4_000,
  triesInHand: 30,
};

function setup(rules: BreakerRules | undefined = RULES) {
  const breaker = new CircuitBreaker(rules);
  return {
    breaker,
    /** Handlers that began and ended then. */
    end: (at: number, ...signs: readonly HandlerSign[]) => {
      for (const sign of signs) breaker.observe({ sign, startedAt: at, endedAt: at });
    },
    kind: () => breaker.state.kind,
  };
}

describe('a circuit breaker', () => {
  it.each<[string, HandlerSign[], string]>([
    ['too few ends', ['failed', 'failed', 'failed'], 'closed'],
    ['enough of them failed', ['failed', 'failed', 'succeeded', 'succeeded'], 'open'],
    ['most succeeded', ['failed', 'succeeded', 'succeeded', 'succeeded'], 'closed'],
    ['ends that say nothing', ['silent', 'silent', 'silent', 'silent', 'silent'], 'closed'],
    ['silent ends between failures', ['failed', 'silent', 'silent', 'failed'], 'closed'],
  ])('after %s', (_case, signs, kind) => {
    const { end, breaker } = setup();
    end(0, ...signs);
    expect(breaker.state.kind).toBe(kind);
  });

  it('forgets what is older than its window', () => {
    const { end, kind } = setup();
    end(0, 'failed', 'failed', 'failed');
    end(10_001, 'failed');
    expect(kind()).toBe('closed');
    end(10_002, 'failed', 'failed', 'failed');
    expect(kind()).toBe('open');
  });

  it('waits longer after each probe that fails, up to a bound, and closes at the first that succeeds', () => {
    const { breaker, end, kind } = setup();
    end(0, 'failed', 'failed', 'failed', 'failed');
    const waits: number[] = [];
    for (let probe = 0; probe < 4; probe += 1) {
      const { dueAt } = breaker;
      breaker.tick(dueAt - 1);
      expect(kind()).toBe('open');
      breaker.tick(dueAt);
      expect(kind()).toBe('half-open');
      end(dueAt, 'failed');
      waits.push(breaker.dueAt - dueAt);
    }
    expect(waits).toEqual([2_000, 4_000, 4_000, 4_000]);
    const { dueAt } = breaker;
    breaker.tick(dueAt);
    end(dueAt, 'silent');
    expect(kind()).toBe('half-open');
    end(dueAt, 'succeeded');
    expect(kind()).toBe('closed');
    end(dueAt, 'failed', 'failed', 'failed');
    expect(kind()).toBe('closed');
  });

  it('is not closed by a handler that began before the probing', () => {
    const { breaker, end, kind } = setup();
    end(0, 'failed', 'failed', 'failed', 'failed');
    breaker.observe({ sign: 'succeeded', startedAt: 0, endedAt: 500 });
    expect(kind()).toBe('open');
    breaker.tick(1_000);
    breaker.observe({ sign: 'succeeded', startedAt: 999, endedAt: 1_500 });
    expect(kind()).toBe('half-open');
  });

  it('never opens when it is switched off', () => {
    const breaker = new CircuitBreaker(undefined);
    for (let at = 0; at < 100; at += 1) breaker.observe({ sign: 'failed', startedAt: at, endedAt: at });
    expect([breaker.state.kind, breaker.dueAt]).toEqual(['closed', Infinity]);
  });

  it('opens exactly when the ends within its window say so', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<HandlerSign>('succeeded', 'failed'), fc.nat({ max: 3 })), {
          maxLength: 60,
        }),
        (ends) => {
          const { end, kind } = setup();
          const counted: { readonly step: number; readonly failed: boolean }[] = [];
          let at = 0;
          for (const [sign, seconds] of ends) {
            at += seconds * 1_000;
            end(at, sign);
            counted.push({ step: at / 1_000, failed: sign === 'failed' });
            const within = counted.filter(({ step }) => step > at / 1_000 - 10);
            const failed = within.filter((outcome) => outcome.failed).length;
            const shouldOpen = within.length >= 4 && failed >= within.length * 0.5;
            expect(kind()).toBe(shouldOpen ? 'open' : 'closed');
            if (shouldOpen) return;
          }
        },
      ),
    );
  });
});

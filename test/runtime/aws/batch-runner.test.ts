import { BatchRunner } from '../../../lib/runtime/aws/batch-runner.js';
import { createVirtualClock } from '../../../lib/testing/index.js';

function setup(call: () => Promise<never>) {
  const clock = createVirtualClock();
  const calls: number[] = [];
  const runner = new BatchRunner<string, undefined>({
    clock,
    random: { next: () => 0.5 },
    limits: { maxEntries: 10, maxBytes: 1_000, maxAgeMs: 0, maxCallsOut: 1, isEager: true },
    retry: { curve: { baseSeconds: 1, factor: 2, maxSeconds: 10 }, maxAttempts: 5 },
    call: () => {
      calls.push(clock.monotonic());
      return call();
    },
  });
  return { clock, calls, runner };
}

const reset = (): Error => Object.assign(new Error('reset'), { name: 'TimeoutError' });

describe('a batch runner that is cancelled', () => {
  it('gives up what waits for its next try, and leaves no timer behind', async () => {
    const { clock, calls, runner } = setup(() => Promise.reject(reset()));
    const result = runner.submit({ item: 'renewal' });
    await clock.advanceBy(1);
    expect(clock.pendingTimers).toBe(1);
    runner.cancel();
    expect(await result).toEqual({ kind: 'stale' });
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceBy(60_000);
    expect(calls).toHaveLength(1);
  });

  it('sets no timer for a call that fails later', async () => {
    let fail: (reason: Error) => void = () => undefined;
    const { clock, calls, runner } = setup(() => new Promise((_resolve, reject) => (fail = reject)));
    const result = runner.submit({ item: 'renewal' });
    await clock.advanceBy(1);
    runner.cancel();
    fail(reset());
    await clock.settle();
    expect(await result).toEqual({ kind: 'stale' });
    expect(clock.pendingTimers).toBe(0);
    expect(calls).toHaveLength(1);
  });
});

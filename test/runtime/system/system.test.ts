import { EventEmitter } from 'node:events';
import type { Clock } from '../../../lib/core/clock.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import { createSystemRandom } from '../../../lib/runtime/system/random.js';
import { onShutdownSignal } from '../../../lib/runtime/system/signals.js';
import { sleep } from '../../../lib/runtime/system/sleep.js';

describe('createSystemClock', () => {
  it('fires a scheduled call once and grows monotonically', async () => {
    const clock = createSystemClock();
    const before = clock.monotonic();
    await new Promise<void>((resolve) => clock.schedule(2, resolve));
    expect(clock.monotonic()).toBeGreaterThan(before);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  });

  it('does not fire early for delays beyond what one timer can hold', () => {
    jest.useFakeTimers();
    try {
      const fired = jest.fn();
      createSystemClock().schedule(30 * 86_400_000, fired);
      jest.advanceTimersByTime(29 * 86_400_000);
      expect(fired).not.toHaveBeenCalled();
      jest.advanceTimersByTime(86_400_000);
      expect(fired).toHaveBeenCalledTimes(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('never fires a cancelled call', () => {
    jest.useFakeTimers();
    try {
      const fired = jest.fn();
      createSystemClock().schedule(5, fired).cancel();
      jest.advanceTimersByTime(10);
      expect(fired).not.toHaveBeenCalled();
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('createSystemRandom', () => {
  it('stays in [0, 1)', () => {
    const value = createSystemRandom().next();
    expect(value >= 0 && value < 1).toBe(true);
  });
});

describe('sleep', () => {
  function setup(): { clock: Clock; fire: () => void; isCancelled: () => boolean } {
    let due: () => void = () => undefined;
    let cancelled = false;
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      schedule: (_delay, onDue) => {
        due = onDue;
        return { cancel: () => void (cancelled = true) };
      },
    };
    return { clock, fire: () => due(), isCancelled: () => cancelled };
  }

  it('says elapsed when the time has passed', async () => {
    const { clock, fire } = setup();
    const waiting = sleep(clock, 5, new AbortController().signal);
    fire();
    await expect(waiting).resolves.toBe('elapsed');
  });

  it('says aborted at once and takes its timer back', async () => {
    const { clock, isCancelled } = setup();
    const controller = new AbortController();
    const waiting = sleep(clock, 5, controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBe('aborted');
    expect(isCancelled()).toBe(true);
    await expect(sleep(clock, 5, controller.signal)).resolves.toBe('aborted');
  });
});

describe('onShutdownSignal', () => {
  it('answers the first signal only and leaves the second to the default', () => {
    const source = new EventEmitter();
    const seen: string[] = [];
    onShutdownSignal((signal) => seen.push(signal), source);
    source.emit('SIGTERM');
    source.emit('SIGINT');
    expect(seen).toEqual(['SIGTERM']);
    expect(source.listenerCount('SIGTERM') + source.listenerCount('SIGINT')).toBe(0);
  });

  it('takes its listeners away when asked', () => {
    const source = new EventEmitter();
    onShutdownSignal(() => undefined, source)();
    expect(source.listenerCount('SIGTERM')).toBe(0);
  });
});

import type { Clock } from '../../core/clock.js';

/** How a wait ended: both are expected, so neither is an exception. */
export type SleepOutcome = 'elapsed' | 'aborted';

/**
 * Waits `delayMs` on the given clock, or until the signal aborts, whichever comes first. Leaves no timer and no listener
 * behind in either case.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<SleepOutcome> {
  if (signal?.aborted === true) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const onAbort = (): void => {
      timer.cancel();
      resolve('aborted');
    };
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve('elapsed');
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

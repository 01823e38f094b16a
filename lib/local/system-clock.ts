import type { Clock } from '../core/clock.js';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (delayMs, onDue) => {
    const timer = setTimeout(onDue, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

import type { Clock, Timer } from '../../core/clock.js';

/** The longest delay Node's timers keep; beyond it they would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * The machine's clocks: the one place in the runtime that reads time or sets a timer. Timers keep the process alive, as
 * a promised piece of work should.
 */
export function createSystemClock(): Clock {
  return Object.freeze({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    schedule: (delayMs: number, onDue: () => void) => scheduleSystemTimer(delayMs, onDue),
  });
}

function scheduleSystemTimer(delayMs: number, onDue: () => void): Timer {
  // Whole milliseconds: Node keeps a list per duration, and a fraction would get one of its own.
  let remaining = Math.ceil(Math.max(0, delayMs));
  let timeout: NodeJS.Timeout;
  const arm = (): void => {
    const step = Math.min(remaining, LONGEST_TIMER_MS);
    remaining -= step;
    timeout = setTimeout(remaining > 0 ? arm : onDue, step);
  };
  arm();
  return { cancel: () => clearTimeout(timeout) };
}

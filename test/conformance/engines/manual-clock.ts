import type { Clock, Timer } from '../../../lib/core/clock.js';

interface Due {
  readonly at: number;
  readonly onDue: () => void;
}

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on, firing what falls due in order, each at its own moment. */
  advance(ms: number): void;
}

/** Starts at the machine's time, so that signatures and stamps look alike. */
export function createManualClock(startMs = Date.now()): ManualClock {
  let now = startMs;
  const pending = new Set<Due>();
  const earliest = (until: number): Due | undefined =>
    [...pending].filter((due) => due.at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    monotonic: () => now,
    schedule: (delayMs, onDue): Timer => {
      const due = { at: now + delayMs, onDue };
      pending.add(due);
      return { cancel: () => void pending.delete(due) };
    },
    advance: (ms) => {
      const target = now + ms;
      for (let due = earliest(target); due !== undefined; due = earliest(target)) {
        pending.delete(due);
        now = Math.max(now, due.at);
        due.onDue();
      }
      now = target;
    },
  };
}

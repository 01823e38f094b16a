import type { Clock, Timer } from '../../../lib/core/clock.js';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly onDue: () => void;
}

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /** Lets time pass, firing what becomes due in order and letting promises run in between. */
  advance(ms: number): Promise<void>;
  /** Timers that are set. */
  readonly pending: number;
}

export function createFakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  let order = 0;
  const timers = new Set<Scheduled>();

  const nextDue = (until: number): Scheduled | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];

  return {
    now: () => now,
    monotonic: () => now,
    schedule: (delayMs, onDue): Timer => {
      const timer = { at: now + delayMs, order: (order += 1), onDue };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    get pending() {
      return timers.size;
    },
    advance: async (ms) => {
      const until = now + ms;
      await turns();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due);
        now = Math.max(now, due.at);
        due.onDue();
        await turns();
      }
      now = until;
      await turns();
    },
  };
}

/** Lets everything that waits on promises or I/O callbacks run, without time passing on the fake clock. */
export async function turns(count = 12): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

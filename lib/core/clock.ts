/** A timer that can be taken back; cancelling one that has fired is fine. */
export interface Timer {
  /** Takes the call back, unless it was made. */
  cancel(): void;
}

/**
 * Where time comes from. Production gives the machine's clocks, tests and the simulator a virtual one; nothing else in
 * the package may read time or set a timer.
 */
export interface Clock {
  /** Wall time in epoch milliseconds: for stamps others read, never for measuring a lease. */
  now(): number;
  /** Milliseconds that only ever grow, whatever happens to the wall clock: for deadlines, leases, durations. */
  monotonic(): number;
  /** Calls `onDue` once, `delayMs` (≥ 0) from now. */
  schedule(delayMs: number, onDue: () => void): Timer;
}

/** Where chance comes from: `next()` is uniform in [0, 1). Seeded in tests, so that a run can be repeated. */
export interface Random {
  /** The next number in [0, 1). */
  next(): number;
}

/** Half of what counts as recent. */
const HALF_MS = 150_000;

/** Milliseconds spent in the last two and a half to five minutes: the stretch that runs and the one before it. */
export class RecentTime {
  #since = -Infinity;
  #running = 0;
  #before = 0;

  /** Counts time that was spent up to `now`. */
  add(ms: number, now: number): void {
    this.#turn(now);
    this.#running += ms;
  }

  /** What was spent lately. */
  total(now: number): number {
    this.#turn(now);
    return this.#running + this.#before;
  }

  #turn(now: number): void {
    const age = now - this.#since;
    if (age < HALF_MS) return;
    this.#before = age < 2 * HALF_MS ? this.#running : 0;
    this.#running = 0;
    this.#since = now;
  }
}

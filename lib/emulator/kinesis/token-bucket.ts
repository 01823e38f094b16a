/** How fast a bucket fills and how much it holds. */
export interface BucketRate {
  /** Tokens per second. */
  readonly perSecond: number;
  /** The most it holds: what may go at once after a rest. */
  readonly capacity: number;
}

/**
 * A token bucket on given time. It starts full. A demand larger than the bucket is let through when the bucket is full
 * and leaves a debt that later demands wait out: that is how a 10 MiB record passes a shard of 1 MiB/s.
 */
export class TokenBucket {
  readonly #rate: BucketRate;
  #level: number;
  #at: number;

  constructor(rate: BucketRate, now: number) {
    this.#rate = rate;
    this.#level = rate.capacity;
    this.#at = now;
  }

  /** Whether `tokens` could be taken at `now`. */
  has(tokens: number, now: number): boolean {
    this.#refill(now);
    return this.#level >= Math.min(tokens, this.#rate.capacity);
  }

  /** Takes `tokens`, whether they are there or not: ask {@link has} first where that matters. */
  take(tokens: number, now: number): void {
    this.#refill(now);
    this.#level -= tokens;
  }

  /** Takes `tokens` if they are there, and says whether they were. */
  tryTake(tokens: number, now: number): boolean {
    if (!this.has(tokens, now)) return false;
    this.#level -= tokens;
    return true;
  }

  /** Milliseconds until `tokens` can be taken, 0 when they can be now. */
  waitFor(tokens: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(tokens, this.#rate.capacity) - this.#level;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#rate.perSecond) * 1_000);
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    const gained = ((now - this.#at) * this.#rate.perSecond) / 1_000;
    this.#level = Math.min(this.#rate.capacity, this.#level + gained);
    this.#at = now;
  }
}

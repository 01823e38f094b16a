import { TokenBucket, type BucketRate } from '../kinesis/token-bucket.js';

/** Buckets are looked through for rested ones when there are this many. */
const SWEEP_AT = 1_024;

/** Token buckets of one rate by key: a bucket that is full again says nothing and is dropped. */
export class BucketSet {
  readonly #rate: BucketRate;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAt = SWEEP_AT;

  constructor(rate: BucketRate) {
    this.#rate = rate;
  }

  /** Whether every key has so many tokens left; takes them all, or none. */
  tryTake(keys: ReadonlyMap<string, number>, now: number): boolean {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    for (const [key, tokens] of keys) if (!this.#bucket(key, now).has(tokens, now)) return false;
    for (const [key, tokens] of keys) this.#bucket(key, now).take(tokens, now);
    return true;
  }

  #bucket(key: string, now: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.#rate, now);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.has(this.#rate.capacity, now)) this.#buckets.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#buckets.size);
  }
}

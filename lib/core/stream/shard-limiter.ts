/** What one shard takes, and how carefully it is approached. */
export interface LimiterPolicy {
  readonly bytesPerSecond: number;
  readonly recordsPerSecond: number;
  /** Part of a second's worth that may go at once. */
  readonly burstSeconds: number;
}

/** Two token buckets of one shard and the factor that throttles pull down. */
export interface ShardLimiter {
  /** Milliseconds (of the clock `now` is on) until a write of this size may go; 0 is now. */
  waitFor(write: { readonly bytes: number; readonly records: number }, now: number): number;
  /** Takes the tokens of a write. The balance may go below zero: a record larger than a burst must go some time. */
  spend(write: { readonly bytes: number; readonly records: number }, now: number): void;
  /** The shard said it is too fast: somebody else writes there too, so slow down. */
  throttled(now: number): void;
  /** Part of the shard's limits that is used at most, 0.05-1. */
  readonly factor: number;
}

const LOWEST_FACTOR = 0.05;
const DECREASE = 0.7;
const INCREASE_PER_SECOND = 0.05;
/** Throttles within this time answer writes that were sent before the first of them was known: one step is enough. */
const SAME_EPISODE_MS = 200;

/**
 * Additive increase, multiplicative decrease over a shard's two limits: producers that share a shard find their part
 * without knowing of each other.
 */
export function createShardLimiter(policy: LimiterPolicy, startedAt: number): ShardLimiter {
  const burst = {
    bytes: policy.bytesPerSecond * policy.burstSeconds,
    records: policy.recordsPerSecond * policy.burstSeconds,
  };
  let { bytes, records } = burst;
  let factor = 1;
  let refilledAt = startedAt;
  let throttledAt = Number.NEGATIVE_INFINITY;

  const refill = (now: number): void => {
    const seconds = Math.max(0, now - refilledAt) / 1_000;
    refilledAt = Math.max(refilledAt, now);
    factor = Math.min(1, factor + INCREASE_PER_SECOND * seconds);
    bytes = Math.min(burst.bytes, bytes + policy.bytesPerSecond * factor * seconds);
    records = Math.min(burst.records, records + policy.recordsPerSecond * factor * seconds);
  };
  return {
    get factor() {
      return factor;
    },
    waitFor(write, now) {
      refill(now);
      const lackingBytes = Math.min(write.bytes, burst.bytes) - bytes;
      const lackingRecords = Math.min(write.records, burst.records) - records;
      const seconds = Math.max(
        lackingBytes / (policy.bytesPerSecond * factor),
        lackingRecords / (policy.recordsPerSecond * factor),
      );
      return seconds <= 0 ? 0 : Math.ceil(seconds * 1_000);
    },
    spend(write, now) {
      refill(now);
      bytes -= write.bytes;
      records -= write.records;
    },
    throttled(now) {
      refill(now);
      if (now - throttledAt < SAME_EPISODE_MS) return;
      throttledAt = now;
      factor = Math.max(LOWEST_FACTOR, factor * DECREASE);
      bytes = Math.min(bytes, 0);
      records = Math.min(records, 0);
    },
  };
}

/** How the wait before the next attempt grows. */
export interface BackoffCurve {
  /** Upper bound of the wait after the first failure, seconds. */
  readonly baseSeconds: number;
  /** What each further failure multiplies the bound by. */
  readonly factor: number;
  /** The bound never grows beyond this, seconds. */
  readonly maxSeconds: number;
}

/**
 * Seconds until attempt `attempt + 1`, with full jitter: uniform in [0, bound], where the bound grows with each attempt.
 * Full jitter spreads a crowd of failures best; the floor of one second keeps it from ever becoming a hot loop.
 * @param attempt the attempt that has just failed, 1 for the first
 * @param roll uniform in [0, 1)
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function decideBackoffSeconds(curve: BackoffCurve, attempt: number, roll: number): number {
  return Math.max(1, Math.round(roll * boundSeconds(curve, attempt)));
}

/** The same in milliseconds and without the floor, for retries of a call rather than of a message. */
export function decideBackoffMs(curve: BackoffCurve, attempt: number, roll: number): number {
  return Math.round(roll * boundSeconds(curve, attempt) * 1_000);
}

function boundSeconds(curve: BackoffCurve, attempt: number): number {
  const growth = Math.pow(curve.factor, Math.max(0, attempt - 1));
  return Math.min(curve.maxSeconds, curve.baseSeconds * growth);
}

/** How fast one shard is polled. */
export interface PacePolicy {
  /** Milliseconds between calls while there is more to read. */
  readonly busyMs: number;
  /** Milliseconds between calls at the tip of the shard. */
  readonly idleMs: number;
}

/** What the last call for a shard came back with. */
export type PollOutcome =
  | { readonly kind: 'page'; readonly records: number; readonly millisBehind: number }
  /** Throughput of the shard exceeded: by us, or by other readers of the same stream. */
  | { readonly kind: 'throttled' }
  /** Any other failure that may pass. */
  | { readonly kind: 'failed' };

/** Pace of one shard: how many steps the calls are slowed down. */
export interface Pace {
  readonly slowdown: number;
}

/** A shard's pace before its first call. */
export const INITIAL_PACE: Pace = Object.freeze({ slowdown: 0 });

const MOST_SLOWDOWN = 3;

/**
 * The pace after a call, and the wait between the starts of that call and the next. Five calls a second and shard are
 * shared by all readers of a stream, and nothing tells how many there are, so throttles do: each doubles the wait, each
 * good page takes back one step. `chance` in [0, 1) spreads readers that were throttled together.
 */
export function nextPace(
  pace: Pace,
  outcome: PollOutcome,
  context: { readonly policy: PacePolicy; readonly chance: number },
): { readonly pace: Pace; readonly delayMs: number } {
  const { policy, chance } = context;
  if (outcome.kind === 'page') {
    const slowdown = Math.max(0, pace.slowdown - 1);
    const isBehind = outcome.millisBehind > 0;
    const base = isBehind ? policy.busyMs : policy.idleMs;
    return { pace: { slowdown }, delayMs: slowdown === 0 ? base : Math.max(base, slowed(policy, slowdown)) };
  }
  const slowdown = Math.min(MOST_SLOWDOWN, pace.slowdown + 1);
  const ceiling = slowed(policy, slowdown);
  return { pace: { slowdown }, delayMs: ceiling / 2 + (ceiling / 2) * chance };
}

function slowed(policy: PacePolicy, slowdown: number): number {
  return policy.busyMs * 2 ** slowdown;
}

/** How a queue worker is doing, for a liveness or readiness probe. */
export type WorkerHealth =
  /** Not started yet. */
  | { readonly status: 'idle' }
  /** It polls, or all its slots are busy. */
  | { readonly status: 'working' }
  /** Polls fail again and again: SQS can't be reached or refuses. Restarting hardly helps. */
  | { readonly status: 'failing'; readonly failedPolls: number }
  /** A poll has not come back though it should have long ago. Restarting helps. */
  | { readonly status: 'stuck'; readonly pollAgeMs: number }
  | { readonly status: 'draining' }
  | { readonly status: 'stopped' };

/** What health is judged by. */
export interface HealthSigns {
  readonly phase: 'idle' | 'running' | 'draining' | 'stopped';
  /** Polls that failed since the last one that was answered. */
  readonly failedPolls: number;
  /** Age of the oldest open poll; undefined while none is open. */
  readonly pollAgeMs: number | undefined;
  /** How long a poll may take by itself. */
  readonly pollWaitMs: number;
}

/** One failed poll is weather, three in a row are a state. */
const FAILING_FROM = 3;
/** An answer may come this much later than the wait that was asked for. */
const LATE_MS = 30_000;

/** An idle worker's open poll is health, not silence: only one that outlives its own wait is stuck. */
export function decideHealth({ phase, failedPolls, pollAgeMs, pollWaitMs }: HealthSigns): WorkerHealth {
  if (phase !== 'running') return { status: phase };
  if (pollAgeMs !== undefined && pollAgeMs > pollWaitMs + LATE_MS) return { status: 'stuck', pollAgeMs };
  return failedPolls >= FAILING_FROM ? { status: 'failing', failedPolls } : { status: 'working' };
}

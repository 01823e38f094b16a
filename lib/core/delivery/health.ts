import type { BreakerState } from './circuit-breaker.js';

/** How a queue worker is doing, for a liveness or readiness probe. */
export type WorkerHealth =
  /** Not started yet. */
  | { readonly status: 'idle' }
  /** It polls, or all its slots are busy. */
  | { readonly status: 'working' }
  /**
   * Polls fail again and again, or the deletes of messages that are done: SQS can't be reached or refuses. Restarting
   * hardly helps, and makes what could not be deleted come back.
   */
  | { readonly status: 'failing'; readonly failedPolls: number; readonly failedDeletes: number }
  /** Handlers fail so often that it has stopped receiving; the next message is tried in `retryInMs`. Restarting hardly helps. */
  | { readonly status: 'paused'; readonly failureShare: number; readonly retryInMs: number }
  /** It should do something and does not. Restarting helps. */
  | { readonly status: 'stuck'; readonly cause: StuckCause; readonly forMs: number }
  | { readonly status: 'draining' }
  | { readonly status: 'stopped' };

/** What a stuck worker waits for in vain. */
export type StuckCause =
  /** A poll has not come back though it should have long ago. */
  | 'poll'
  /** Its timer does not fire: the event loop is blocked, or was until just now. */
  | 'timer'
  /** No poll is open, no handler runs, and nothing has happened for long: a call neither succeeds nor fails. */
  | 'silence';

/** What health is judged by. */
export interface HealthSigns {
  readonly phase: 'idle' | 'running' | 'draining' | 'stopped';
  readonly now: number;
  /** Polls that failed since the last one that was answered. */
  readonly failedPolls: number;
  /** How often the delete of one message has failed so far, at most. */
  readonly failedDeletes: number;
  /** Age of the oldest open poll; undefined while none is open. */
  readonly pollAgeMs: number | undefined;
  /** How long a poll may take by itself. */
  readonly pollWaitMs: number;
  /** How late the worker's timer is. */
  readonly timerLateMs: number;
  /** Handlers that run. */
  readonly handling: number;
  /** When anything happened last. */
  readonly activeAt: number;
  readonly breaker: BreakerState;
}

/** One failed call is weather, three in a row are a state. */
const FAILING_FROM = 3;
/** Anything may come this much later than it should. */
const LATE_MS = 30_000;

/** An idle worker's open poll is health, not silence: only one that outlives its own wait is stuck. */
export function decideHealth(signs: HealthSigns): WorkerHealth {
  const { phase, failedPolls, failedDeletes, breaker, now } = signs;
  if (phase !== 'running') return { status: phase };
  const stuck = decideStuck(signs);
  if (stuck !== undefined) return { status: 'stuck', ...stuck };
  if (Math.max(failedPolls, failedDeletes) >= FAILING_FROM)
    return { status: 'failing', failedPolls, failedDeletes };
  if (breaker.kind === 'closed') return { status: 'working' };
  const retryInMs = breaker.kind === 'open' ? Math.max(0, breaker.until - now) : 0;
  return { status: 'paused', failureShare: breaker.failureShare, retryInMs };
}

function decideStuck(signs: HealthSigns): { readonly cause: StuckCause; readonly forMs: number } | undefined {
  const { now, pollAgeMs, pollWaitMs, timerLateMs, handling, activeAt, breaker } = signs;
  if (pollAgeMs !== undefined && pollAgeMs > pollWaitMs + LATE_MS) return { cause: 'poll', forMs: pollAgeMs };
  if (timerLateMs > LATE_MS) return { cause: 'timer', forMs: timerLateMs };
  const isSilent = pollAgeMs === undefined && handling === 0 && breaker.kind !== 'open';
  const forMs = now - activeAt;
  return isSilent && forMs > LATE_MS ? { cause: 'silence', forMs } : undefined;
}

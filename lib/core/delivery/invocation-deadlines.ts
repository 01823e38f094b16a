/** The last moments of one Lambda invocation, milliseconds of one monotonic clock. */
export interface InvocationDeadlines {
  /** Handlers are asked to end, and nothing new is started. */
  readonly abortAt: number;
  /** What has not ended is given up, so that the rest can still be reported. */
  readonly giveUpAt: number;
  /** The answer leaves, whatever still runs: an invocation that is cut brings its whole batch back. */
  readonly respondAt: number;
  /** Nothing of this invocation is ours any more. */
  readonly endsAt: number;
}

/** What an invocation is given. */
export interface InvocationTime {
  readonly startedAt: number;
  readonly remainingMs: number;
  readonly abortGraceMs: number;
  /** The messages were received with it, before the invocation began. */
  readonly visibilityTimeoutMs: number;
}

/**
 * Divides the end of an invocation: two thirds of the grace for handlers, the rest to say what became of the batch. The
 * grace never takes more than half of the time there is, so that functions with Lambda's default of 3 s still work.
 */
export function decideInvocationDeadlines(time: InvocationTime): InvocationDeadlines {
  const { startedAt, remainingMs, visibilityTimeoutMs } = time;
  const lengthMs = Math.max(0, Math.min(remainingMs, visibilityTimeoutMs));
  const graceMs = Math.min(time.abortGraceMs, lengthMs / 2);
  const endsAt = startedAt + lengthMs;
  return {
    abortAt: endsAt - graceMs,
    giveUpAt: endsAt - graceMs / 3,
    respondAt: endsAt - graceMs / 10,
    endsAt,
  };
}

/** How long one handler may run. */
export interface HandlerLimits {
  readonly abortAt: number;
  readonly cause: 'timeout' | 'deadline';
  readonly giveUpAt: number;
}

/** A handler's own time, or what its invocation leaves of it. */
export function decideHandlerLimits(
  now: number,
  invocation: InvocationDeadlines,
  own: { readonly handlerTimeoutMs: number; readonly abortGraceMs: number },
): HandlerLimits {
  const timeoutAt = now + own.handlerTimeoutMs;
  return {
    abortAt: Math.min(timeoutAt, invocation.abortAt),
    cause: timeoutAt < invocation.abortAt ? 'timeout' : 'deadline',
    giveUpAt: Math.min(timeoutAt + own.abortGraceMs, invocation.giveUpAt),
  };
}

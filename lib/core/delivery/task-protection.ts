/** What is known of a task's protection from being stopped; milliseconds of one monotonic clock. */
export interface ProtectionState {
  /** Whether there are messages in hand. */
  readonly isBusy: boolean;
  /** Since when it is as busy or idle as it is. */
  readonly since: number;
  /** When the protection ends by itself; -Infinity where there is none. */
  readonly protectedUntil: number;
  /** A call that failed is not repeated before this. */
  readonly notBefore: number;
}

/** The next call to the agent. */
export interface ProtectionStep {
  readonly isProtected: boolean;
  /** When it is due. */
  readonly at: number;
}

/** An idle task stays protected this long: the next message is often near, and ECS takes only so many calls. */
const LINGER_MS = 30_000;

/**
 * What to ask of ECS next, and when: protection as soon as a message is in hand, again after half of its lifetime, and no
 * more once the worker has been idle for half a minute. Undefined while nothing is to be asked.
 */
export function decideProtection(state: ProtectionState, lifetimeMs: number): ProtectionStep | undefined {
  const { isBusy, since, protectedUntil, notBefore } = state;
  if (isBusy) return { isProtected: true, at: Math.max(since, protectedUntil - lifetimeMs / 2, notBefore) };
  if (protectedUntil === -Infinity) return undefined;
  return { isProtected: false, at: Math.max(since + LINGER_MS, notBefore) };
}

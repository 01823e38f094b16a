import type { GuardOutcome, HandlingScope } from './guard.js';

/** The steps of a mode that keeps nothing while the handler runs. */
export interface GuardedRun {
  /**
   * What ends it before the handler starts, if anything; what it throws means that the store can't be reached.
   * @default - nothing is looked for
   */
  readonly look?: () => Promise<GuardOutcome | undefined>;
  /** Runs the handler; what it throws is the handler's failure. */
  run(): Promise<void>;
  /** Makes it last, once the handler has returned and the message is still ours. Never rejects. */
  conclude(): Promise<GuardOutcome> | GuardOutcome;
}

/**
 * The way of every mode but `lease` through one message. Until `conclude` nothing was stored, so a crash before it leaves
 * no trace: the message comes back and is handled.
 */
export async function runGuarded(
  scope: Pick<HandlingScope, 'isHeld'>,
  steps: GuardedRun,
): Promise<GuardOutcome> {
  try {
    const seen = steps.look && (await steps.look());
    if (seen !== undefined) return seen;
  } catch (error) {
    return { kind: 'unavailable', error };
  }
  try {
    await steps.run();
  } catch (error) {
    return { kind: 'failed', error };
  }
  return scope.isHeld() ? steps.conclude() : { kind: 'lost' };
}

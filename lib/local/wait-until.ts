import type { Clock } from '../core/clock.js';
import { MillraceError } from '../core/errors.js';

/** What is waited for. */
export interface Wait {
  /** Names it in the error: `stream Flights is active`. */
  readonly what: string;
  readonly isSo: () => Promise<boolean>;
  readonly clock: Clock;
}

/** Pauses grow from quick enough for an emulator to slow enough for AWS's control planes. */
const PATIENCE = { firstPauseMs: 20, longestPauseMs: 2_000, totalMs: 300_000 } as const;

/**
 * Asks until the answer is yes.
 * @throws {DEPLOY_FAILED} it was not so after 5 minutes
 */
export async function waitUntil({ what, isSo, clock }: Wait): Promise<void> {
  const deadline = clock.monotonic() + PATIENCE.totalMs;
  let pauseMs: number = PATIENCE.firstPauseMs;
  while (!(await isSo())) {
    if (clock.monotonic() >= deadline) {
      throw new MillraceError(
        'DEPLOY_FAILED',
        `waited ${PATIENCE.totalMs / 1_000} s, and still not: ${what}`,
      );
    }
    const pause = pauseMs;
    await new Promise<void>((resume) => clock.schedule(pause, resume));
    pauseMs = Math.min(pauseMs * 2, PATIENCE.longestPauseMs);
  }
}

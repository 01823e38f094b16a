import type { Clock } from '../../core/clock.js';
import { sleep } from './sleep.js';

/**
 * Waits for work, but not longer than `delayMs` on the given clock. Says which came first and leaves no timer behind: a
 * forgotten one keeps a process alive that has nothing left to do. Late work goes on; its promise stays with its owner.
 */
export async function settledWithin(
  clock: Clock,
  delayMs: number,
  work: Promise<unknown>,
): Promise<'settled' | 'late'> {
  const over = new AbortController();
  try {
    return await Promise.race([
      work.then(() => 'settled' as const),
      sleep(clock, delayMs, over.signal).then(() => 'late' as const),
    ]);
  } finally {
    over.abort();
  }
}

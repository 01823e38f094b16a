import { MillraceError } from '../../core/errors.js';
import { decideBackoffMs } from '../../core/retry/backoff.js';
import { sleep } from '../system/sleep.js';
import type { GuardOutcome, GuardParts, HandlingScope } from './guard.js';

const CONFLICT_RETRY = { baseSeconds: 0.05, factor: 2, maxSeconds: 1 };
const MAX_CONFLICTS = 6;
/** DynamoDB takes 100 writes in a transaction; one of them is ours. */
const MAX_WRITES = 99;

/** @throws {TRANSACTION_REFUSED} the handler asked for more than a transaction takes */
export function checkWrites({ length: count }: readonly unknown[]): void {
  if (count <= MAX_WRITES) return;
  throw new MillraceError(
    'TRANSACTION_REFUSED',
    `the handler asked for ${count} writes, a transaction takes ${MAX_WRITES} beside the inbox row; split the message or write less`,
  );
}

/**
 * Commits a handler's writes while the message is ours: again, with a growing wait, as long as another transaction is on
 * the same items. What `commit` throws means that nobody knows whether it was made; the next delivery finds out.
 */
export async function commitWrites(
  scope: Pick<HandlingScope, 'isHeld'>,
  { clock, random }: Pick<GuardParts, 'clock' | 'random'>,
  commit: () => Promise<GuardOutcome | 'conflict'>,
): Promise<GuardOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    if (!scope.isHeld()) return { kind: 'lost' };
    try {
      const outcome = await commit();
      if (outcome !== 'conflict') return outcome;
    } catch (error) {
      return { kind: 'unavailable', error };
    }
    if (attempt === MAX_CONFLICTS) return { kind: 'failed', error: conflictsPersist() };
    await sleep(clock, decideBackoffMs(CONFLICT_RETRY, attempt, random.next()));
  }
}

/** A condition of the handler's own did not hold. */
export function writeRefused({ index, code }: { readonly index: number; readonly code: string }) {
  const error = new MillraceError(
    'TRANSACTION_REFUSED',
    `write ${index + 1} of the handler was refused (${code}), so nothing of this message was written; make its condition hold, or let the handler decide before it writes`,
  );
  return { kind: 'failed', error } as const;
}

function conflictsPersist(): MillraceError {
  return new MillraceError(
    'TRANSACTION_REFUSED',
    `the transaction met another one on the same items ${MAX_CONFLICTS} times; spread the writes over more items, or give such messages one FIFO group`,
  );
}

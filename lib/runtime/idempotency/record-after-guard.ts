import { sleep } from '../system/sleep.js';
import type { GuardedMessage, GuardOutcome, HandlingScope, IdempotencyGuard } from './guard.js';
import { NO_EFFECTS } from './plain-guard.js';
import { createRecentKeys, type RecentKeys } from './recent-keys.js';
import type { RecordKeeper } from './record-keeper.js';
import type { GuardParts } from './transactional-guard.js';

const RECORD_TRIES = 3;
const RETRY_MS = 100;
/** Handled keys remembered in memory: most copies come soon after. */
const RECENT_KEYS = 10_000;

/**
 * Mode `record-after`: one conditional write after the handler, half the cost of a lease. Copies that come after each
 * other are recognised; copies that run at the same moment both run, and so does the one after a crash between the
 * handler's end and the record.
 */
export function createRecordAfterGuard(store: RecordKeeper, parts: GuardParts): IdempotencyGuard {
  const recent = createRecentKeys(RECENT_KEYS);
  return { handle: (message, scope) => handle(store, parts, { message, scope, recent }) };
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
  readonly recent: RecentKeys;
}

async function handle(store: RecordKeeper, parts: GuardParts, work: Work): Promise<GuardOutcome> {
  const { message, scope, recent } = work;
  const known = recent.hashOf(message.key);
  if (known !== undefined) return { kind: known === message.hash ? 'duplicate' : 'mismatch' };
  try {
    const seen = await store.look(message.key, message.hash, parts.clock.now());
    if (seen.kind !== 'unknown') return { kind: seen.kind };
  } catch (error) {
    return { kind: 'unavailable', error };
  }
  try {
    await scope.run(NO_EFFECTS);
  } catch (error) {
    return { kind: 'failed', error };
  }
  if (!scope.isHeld()) return { kind: 'lost' };
  return record(store, parts, work);
}

async function record(store: RecordKeeper, parts: GuardParts, work: Work): Promise<GuardOutcome> {
  const { message, recent } = work;
  const now = parts.clock.now();
  const expiresAt = Math.floor(now / 1_000) + parts.retentionSeconds;
  const entry = { key: message.key, hash: message.hash, now, expiresAt, attempt: message.attempt };
  for (let attempt = 1; attempt <= RECORD_TRIES; attempt += 1) {
    const outcome = await store.record(entry).catch(() => undefined);
    if (outcome !== undefined) {
      recent.add(message.key, message.hash);
      return { kind: 'handled', isRecorded: true }; // also where a twin was faster: both have run, which this mode allows
    }
    await sleep(parts.clock, RETRY_MS * attempt);
  }
  // The work is done: leaving the message would surely repeat it, deleting it repeats it only if a copy comes.
  return { kind: 'handled', isRecorded: false };
}

import { hasExpired, type IdempotencyRecord } from '../../core/idempotency/record.js';
import { sleep } from '../system/sleep.js';
import type { GuardedMessage, GuardOutcome, GuardParts, HandlingScope, IdempotencyGuard } from './guard.js';
import { runGuarded } from './guarded-run.js';
import { NO_EFFECTS } from './plain-guard.js';
import { createRecentValues, type RecentValues } from './recent-values.js';
import type { RecordKeeper } from './record-keeper.js';

const RECORD_TRIES = 3;
const RETRY_MS = 100;
/** Handled keys remembered in memory: most copies come soon after. */
const RECENT_KEYS = 10_000;

/** What is remembered of a record, and no longer than it. */
type RecentRecord = Pick<IdempotencyRecord, 'hash' | 'expiresAt'>;

/**
 * Mode `record-after`: one conditional write after the handler, half the cost of a lease. Copies that come after each
 * other are recognised; copies that run at the same moment both run, and so does the one after a crash between the
 * handler's end and the record.
 */
export function createRecordAfterGuard(store: RecordKeeper, parts: GuardParts): IdempotencyGuard {
  const tools = { ...parts, store, recent: createRecentValues<RecentRecord>(RECENT_KEYS) };
  return { handle: (message, scope) => handle(message, scope, tools) };
}

interface Parts extends GuardParts {
  readonly store: RecordKeeper;
  readonly recent: RecentValues<RecentRecord>;
}

function handle(message: GuardedMessage, scope: HandlingScope, parts: Parts): Promise<GuardOutcome> {
  return runGuarded(scope, {
    look: async () => {
      const now = parts.clock.now();
      const known = parts.recent.get(message.key);
      if (known !== undefined && !hasExpired(known, now))
        return { kind: known.hash === message.hash ? 'duplicate' : 'mismatch' };
      const { kind } = await parts.store.look(message.key, message.hash, now);
      return kind === 'unknown' ? undefined : { kind };
    },
    run: () => scope.run(NO_EFFECTS),
    conclude: () => record(message, parts),
  });
}

async function record({ key, hash, attempt }: GuardedMessage, parts: Parts): Promise<GuardOutcome> {
  const now = parts.clock.now();
  const entry = { key, hash, now, expiresAt: Math.floor(now / 1_000) + parts.retentionSeconds, attempt };
  for (let tries = 1; tries <= RECORD_TRIES; tries += 1) {
    const outcome = await parts.store.record(entry).catch(() => undefined);
    if (outcome !== undefined) {
      parts.recent.set(key, { hash, expiresAt: entry.expiresAt });
      // Also where a twin was faster: both have run, which this mode allows. A lease of another mode has its own end.
      return { kind: 'handled', isRecorded: outcome.kind !== 'in-progress' };
    }
    await sleep(parts.clock, RETRY_MS * tries);
  }
  // The work is done: leaving the message would surely repeat it, deleting it repeats it only if a copy comes.
  return { kind: 'handled', isRecorded: false };
}

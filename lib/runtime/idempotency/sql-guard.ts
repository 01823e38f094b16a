import { isMillraceError } from '../../core/errors.js';
import type { GuardedMessage, GuardOutcome, HandlingScope, IdempotencyGuard } from './guard.js';
import { NO_EFFECTS } from './plain-guard.js';
import type { SqlTransaction, SqlTransactions } from './store.js';
import { leftBy, type TransactionalParts } from './transactional-guard.js';
import type { OutboxMessage } from './outbox-message.js';
import { encodeOutbox } from './outbox.js';

/**
 * Mode `transactional` on an SQL database: the transaction is open while the handler runs, with the inbox row as its first
 * statement and `ctx.sql` for the handler's own. A twin waits at that row for a moment, then comes back later. A crash at
 * any point leaves nothing; after the commit everything.
 */
export function createSqlGuard(store: SqlTransactions, parts: TransactionalParts): IdempotencyGuard {
  return { handle: (message, scope) => handle(store, parts, { message, scope }) };
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
}

async function handle(store: SqlTransactions, parts: TransactionalParts, work: Work): Promise<GuardOutcome> {
  const { key, hash, attempt } = work.message;
  const now = parts.clock.now();
  const expiresAt = Math.floor(now / 1_000) + parts.retentionSeconds;
  try {
    const claim = await store.claim({ key, hash, attempt, now, expiresAt });
    if (claim.kind === 'duplicate') return await parts.relay.finish(leftBy(key, claim));
    if (claim.kind !== 'claimed') return claim;
    return await runInside(claim.transaction, work, parts);
  } catch (error) {
    return { kind: 'unavailable', error };
  }
}

async function runInside(
  transaction: SqlTransaction,
  { message, scope }: Work,
  { relay }: TransactionalParts,
): Promise<GuardOutcome> {
  const published: OutboxMessage[] = [];
  let outbox: string | undefined;
  try {
    await scope.run({
      ...NO_EFFECTS,
      sql: (text, values) => transaction.query(text, values),
      publish: (each) => void published.push(each),
    });
    outbox = encodeOutbox(published);
  } catch (error) {
    await transaction.rollback();
    return { kind: 'failed', error };
  }
  if (!scope.isHeld()) {
    await transaction.rollback();
    return { kind: 'lost' };
  }
  // From here on the effect has happened or not, and the inbox row says which: a crash is safe.
  try {
    await transaction.commit(outbox);
  } catch (error) {
    return { kind: isMillraceError(error, 'TRANSACTION_REFUSED') ? 'failed' : 'unavailable', error };
  }
  return relay.finish({ key: message.key, outbox, outcome: { kind: 'handled', isRecorded: true } });
}

import { MillraceError } from '../../core/errors.js';
import { createFailOpenGuard } from './fail-open-guard.js';
import type { GuardParts, IdempotencyGuard } from './guard.js';
import { createLeaseGuard } from './lease-guard.js';
import { OutboxRelay, type OutboxSender } from './outbox.js';
import type { GuardedMode, StoreOutagePolicy } from './modes.js';
import { createRecordAfterGuard } from './record-after-guard.js';
import { createRecordKeeper } from './record-keeper.js';
import { createSequenceGuard } from './sequence-guard.js';
import { createSqlGuard } from './sql-guard.js';
import type { IdempotencyStore, MarkRows, SequenceStore } from './store.js';
import { createTransactionalGuard } from './transactional-guard.js';

/** What is guarded how, and with what. */
export interface GuardPlan extends GuardParts {
  readonly mode: GuardedMode;
  readonly store: IdempotencyStore;
  readonly onStoreOutage: StoreOutagePolicy;
  readonly outbox: OutboxSender;
}

/** Makes the guard of a mode on a store. */
export function createGuard(plan: GuardPlan): IdempotencyGuard {
  const guard = createClosedGuard(plan);
  return plan.onStoreOutage === 'fail-open' ? createFailOpenGuard(guard) : guard;
}

function createClosedGuard(plan: GuardPlan): IdempotencyGuard {
  const { mode, store, outbox } = plan;
  const keeper = createRecordKeeper(store.records);
  const parts = { ...plan, relay: new OutboxRelay(keeper, outbox) };
  switch (mode) {
    case 'transactional':
      if (store.inbox !== undefined) return createTransactionalGuard(store.inbox, parts);
      if (store.sql !== undefined) return createSqlGuard(store.sql, parts);
      throw new MillraceError('INVALID_OPTIONS', `the ${store.name} store has no transactions`);
    case 'lease':
      return createLeaseGuard(keeper, plan);
    case 'record-after':
      return createRecordAfterGuard(keeper, plan);
    case 'sequence':
      return createSequenceGuard(store.sequence ?? withoutWrites(store.marks), plan);
  }
}

function withoutWrites(marks: MarkRows): SequenceStore {
  return {
    takesWrites: false,
    markOf: (groupKey) => marks.markOf(groupKey),
    advance: async (advance) => ({ kind: await marks.advance(advance) }),
  };
}

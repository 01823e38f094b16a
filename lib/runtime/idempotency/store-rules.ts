import { choiceViolations } from '../../core/options.js';
import type { IdempotencyMode, StoreOutagePolicy } from './modes.js';
import type { IdempotencyStore } from './store.js';

const POLICIES: readonly StoreOutagePolicy[] = ['fail-closed', 'fail-open'];
/** Modes whose handlers may run without the store: in the others the store takes their writes. */
const MAY_FAIL_OPEN: readonly IdempotencyMode[] = ['lease', 'record-after'];

/** What is wrong with the store of a worker and what is done without it, all of it. */
export function storeViolations(options: {
  readonly idempotency: IdempotencyMode;
  readonly store?: IdempotencyStore;
  readonly onStoreOutage?: StoreOutagePolicy;
  readonly outbox?: object;
}): string[] {
  const { idempotency, store, onStoreOutage } = options;
  return [
    ...(onStoreOutage === undefined ? [] : choiceViolations('onStoreOutage', onStoreOutage, POLICIES)),
    ...(onStoreOutage === 'fail-open' && !MAY_FAIL_OPEN.includes(idempotency)
      ? [
          `onStoreOutage 'fail-open' can't be had with idempotency '${idempotency}': use ${MAY_FAIL_OPEN.join(' or ')}, or leave it out`,
        ]
      : []),
    ...(store === undefined ? [] : shapeViolations(store, idempotency)),
    ...(options.outbox !== undefined && idempotency !== 'transactional'
      ? [`an outbox needs idempotency 'transactional', this is '${idempotency}': use a publisher instead`]
      : []),
  ];
}

function shapeViolations(store: Partial<IdempotencyStore> | null, idempotency: IdempotencyMode): string[] {
  if (typeof store !== 'object' || store?.records === undefined || store.marks === undefined)
    return ['store must be made with createPostgresStore, createRedisStore or createMemoryStore'];
  if (idempotency === 'none') return ["a store has nothing to do with idempotency 'none': leave it out"];
  const hasTransactions = store.inbox !== undefined || store.sql !== undefined;
  return idempotency === 'transactional' && !hasTransactions
    ? [
        `idempotency 'transactional' needs transactions, which the ${store.name ?? ''} store has not: use 'lease', or a store that has them`,
      ]
    : [];
}

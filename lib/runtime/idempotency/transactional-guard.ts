import type { TransactionWrite } from '../aws/dynamo-api.js';
import type { GuardedMessage, GuardOutcome, GuardParts, HandlingScope, IdempotencyGuard } from './guard.js';
import { checkWrites, commitWrites, writeRefused } from './handler-writes.js';
import type { OutboxMessage } from './outbox-message.js';
import { encodeOutbox, type OutboxRelay, type Relaying } from './outbox.js';
import { runGuarded } from './guarded-run.js';
import { NO_EFFECTS } from './plain-guard.js';
import type { InboxEntry, InboxStore } from './store.js';

/**
 * Mode `transactional`: what the handler hands to `ctx.write` and the row that marks the message as done are committed
 * together, after the handler returned. A crash before the commit leaves nothing, after it everything; a copy of the
 * message commits nothing. What a handler does besides `ctx.write` is not covered and may happen again.
 */
export function createTransactionalGuard(store: InboxStore, parts: TransactionalParts): IdempotencyGuard {
  return { handle: (message, scope) => handle(store, parts, { message, scope }) };
}

/** What the transactional guards are made of besides. */
export interface TransactionalParts extends GuardParts {
  readonly relay: OutboxRelay;
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
}

function handle(store: InboxStore, parts: TransactionalParts, work: Work): Promise<GuardOutcome> {
  const { message, scope } = work;
  const writes: TransactionWrite[] = [];
  const published: OutboxMessage[] = [];
  let outbox: string | undefined;
  return runGuarded(scope, {
    look: async () => {
      // First deliveries are hardly ever copies, and the commit finds out anyway: the look pays from the second on.
      if (message.receiveCount === 1) return undefined;
      const seen = await store.look(message.key, message.hash, parts.clock.now());
      return seen.kind === 'unknown' ? undefined : parts.relay.finish(leftBy(message.key, seen));
    },
    run: async () => {
      await scope.run({
        ...NO_EFFECTS,
        write: (write) => void writes.push(write),
        publish: (each) => void published.push(each),
      });
      checkWrites(writes);
      outbox = encodeOutbox(published);
    },
    conclude: () => commit(store, parts, { ...work, writes, outbox }),
  });
}

function commit(
  store: InboxStore,
  parts: TransactionalParts,
  work: Work & { readonly writes: readonly TransactionWrite[]; readonly outbox: string | undefined },
): Promise<GuardOutcome> {
  const { message, scope, writes, outbox } = work;
  const { relay } = parts;
  const { key, hash, attempt } = message;
  const now = parts.clock.now();
  const expiresAt = Math.floor(now / 1_000) + parts.retentionSeconds;
  const entry: InboxEntry = { key, hash, now, expiresAt, attempt, ...(outbox !== undefined && { outbox }) };
  return commitWrites(scope, parts, async () => {
    const outcome = await store.commit(entry, writes);
    switch (outcome.kind) {
      // From here on the effect has happened, and the inbox row says so: a crash is safe.
      case 'committed':
        return relay.finish({ key, outbox, outcome: HANDLED });
      case 'duplicate':
        return relay.finish(leftBy(key, outcome));
      case 'mismatch':
      case 'in-progress':
        return outcome;
      case 'write-refused':
        return writeRefused(outcome);
      case 'conflict':
        return 'conflict';
    }
  });
}

const HANDLED: GuardOutcome = Object.freeze({ kind: 'handled', isRecorded: true });

/** A copy of what is done: it has nothing to do but what its first handling may have left to publish. */
export function leftBy(
  key: string,
  { kind, outbox }: { readonly kind: 'duplicate' | 'mismatch'; readonly outbox?: string },
): Relaying {
  return { key, outbox, outcome: { kind } };
}

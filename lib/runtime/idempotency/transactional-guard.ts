import type { Clock, Random } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { decideBackoffMs } from '../../core/retry/backoff.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';
import { sleep } from '../system/sleep.js';
import type { GuardedMessage, GuardOutcome, HandlingScope, IdempotencyGuard } from './guard.js';
import type { OutboxMessage } from './outbox-message.js';
import { encodeOutbox, relayOutbox, type Relay } from './outbox.js';
import { NO_EFFECTS } from './plain-guard.js';
import type { CommitOutcome, InboxEntry, InboxStore } from './store.js';

/** What the guards of this package are made of. */
export interface GuardParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a record is remembered, seconds: longer than any copy of the message can come late. */
  readonly retentionSeconds: number;
}

const CONFLICT_RETRY = { baseSeconds: 0.05, factor: 2, maxSeconds: 1 };
const MAX_CONFLICTS = 6;
/** DynamoDB takes 100 writes in a transaction; one of them is the inbox row. */
export const MAX_WRITES = 99;

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
  readonly relay: Relay;
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
}

async function handle(store: InboxStore, parts: TransactionalParts, work: Work): Promise<GuardOutcome> {
  const { message, scope } = work;
  const { relay } = parts;
  try {
    // First deliveries are hardly ever copies, and the commit finds out anyway: the look pays from the second on.
    const isLooked = message.receiveCount > 1;
    const seen = isLooked && (await store.look(message.key, message.hash, parts.clock.now()));
    if (seen !== false && seen.kind !== 'unknown') return await finish(relay, message.key, seen);
  } catch (error) {
    return { kind: 'unavailable', error };
  }
  const writes: TransactionWrite[] = [];
  const published: OutboxMessage[] = [];
  let outbox: string | undefined;
  try {
    await scope.run({
      ...NO_EFFECTS,
      write: (write) => void writes.push(write),
      publish: (each) => void published.push(each),
    });
    if (writes.length > MAX_WRITES) throw tooManyWrites(writes.length);
    outbox = encodeOutbox(published);
  } catch (error) {
    return { kind: 'failed', error };
  }
  return commit(store, parts, { ...work, writes, outbox });
}

async function commit(
  store: InboxStore,
  parts: TransactionalParts,
  work: Work & { readonly writes: readonly TransactionWrite[]; readonly outbox: string | undefined },
): Promise<GuardOutcome> {
  const { message, scope, writes, outbox } = work;
  const now = parts.clock.now();
  const entry: InboxEntry = {
    key: message.key,
    hash: message.hash,
    now,
    expiresAt: Math.floor(now / 1_000) + parts.retentionSeconds,
    attempt: message.attempt,
    ...(outbox !== undefined && { outbox }),
  };
  for (let attempt = 1; ; attempt += 1) {
    if (!scope.isHeld()) return { kind: 'lost' };
    let outcome: CommitOutcome;
    try {
      outcome = await store.commit(entry, writes);
    } catch (error) {
      return { kind: 'unavailable', error };
    }
    if (outcome.kind === 'committed')
      return relayOutbox(parts.relay, { key: entry.key, outbox, outcome: HANDLED });
    if (outcome.kind === 'duplicate') return finish(parts.relay, entry.key, outcome);
    if (outcome.kind !== 'conflict') return describe(outcome);
    if (attempt === MAX_CONFLICTS) return { kind: 'failed', error: conflictsPersist() };
    await sleep(parts.clock, decideBackoffMs(CONFLICT_RETRY, attempt, parts.random.next()));
  }
}

const HANDLED: GuardOutcome = Object.freeze({ kind: 'handled', isRecorded: true });

/** A copy of what is done: it has nothing to do but what its first handling may have left to publish. */
export async function finish(
  relay: Relay,
  key: string,
  { kind, outbox }: { readonly kind: 'duplicate' | 'mismatch'; readonly outbox?: string },
): Promise<GuardOutcome> {
  return relayOutbox(relay, { key, outbox, outcome: { kind } });
}

function describe(
  outcome: Exclude<CommitOutcome, { kind: 'committed' | 'duplicate' | 'conflict' }>,
): GuardOutcome {
  switch (outcome.kind) {
    case 'mismatch':
    case 'in-progress':
      return outcome;
    case 'write-refused':
      return { kind: 'failed', error: writeRefused(outcome.index, outcome.code) };
  }
}

/** The handler's own condition did not hold. */
export function writeRefused(index: number, code: string): MillraceError {
  return new MillraceError(
    'TRANSACTION_REFUSED',
    `write ${index + 1} of the handler was refused (${code}), so nothing of this message was written; make its condition hold, or let the handler decide before it writes`,
  );
}

function conflictsPersist(): MillraceError {
  return new MillraceError(
    'TRANSACTION_REFUSED',
    `the transaction met another one on the same items ${MAX_CONFLICTS} times; spread the writes over more items, or give such messages one FIFO group`,
  );
}

/** The handler asked for more than a transaction takes. */
export function tooManyWrites(count: number): MillraceError {
  return new MillraceError(
    'TRANSACTION_REFUSED',
    `the handler asked for ${count} writes, a transaction takes ${MAX_WRITES} beside the inbox row; split the message or write less`,
  );
}

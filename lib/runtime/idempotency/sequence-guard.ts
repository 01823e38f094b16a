import type { TransactionWrite } from '../aws/dynamo-api.js';
import { NO_EFFECTS } from './plain-guard.js';
import { createRecentKeys, type RecentKeys } from './recent-keys.js';
import type { GuardedMessage, GuardOutcome, HandlingScope, IdempotencyGuard } from './guard.js';
import type { SequenceStore } from './store.js';
import { MAX_WRITES, tooManyWrites, writeRefused, type GuardParts } from './transactional-guard.js';

/** High-water marks remembered in memory; beyond it, a group's mark is read again. */
const RECENT_GROUPS = 10_000;

/**
 * Mode `sequence`, FIFO only: one row per group holds the sequence number of the last message that was handled, moved
 * forward in one transaction with the handler's writes. Storage grows with groups, not with messages. It recognises
 * redeliveries; a fact published twice, or redriven, has a new sequence number and is handled again.
 */
export function createSequenceGuard(store: SequenceStore, parts: GuardParts): IdempotencyGuard {
  const marks = createRecentKeys(RECENT_GROUPS);
  return { handle: (message, scope) => handle(store, parts, { message, scope, marks }) };
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
  readonly marks: RecentKeys;
}

async function handle(store: SequenceStore, parts: GuardParts, work: Work): Promise<GuardOutcome> {
  const { message, scope, marks } = work;
  const { groupKey, sequence } = message;
  try {
    const mark = marks.hashOf(groupKey) ?? (await store.markOf(groupKey));
    if (mark !== undefined && mark >= sequence) return { kind: 'duplicate' };
  } catch (error) {
    return { kind: 'unavailable', error };
  }
  const writes: TransactionWrite[] = [];
  try {
    await scope.run(
      store.takesWrites ? { ...NO_EFFECTS, write: (write) => void writes.push(write) } : NO_EFFECTS,
    );
    if (writes.length > MAX_WRITES) throw tooManyWrites(writes.length);
  } catch (error) {
    return { kind: 'failed', error };
  }
  if (!scope.isHeld()) return { kind: 'lost' };
  try {
    const outcome = await store.advance({ groupKey, sequence, attempt: message.attempt }, writes);
    if (outcome.kind === 'write-refused')
      return { kind: 'failed', error: writeRefused(outcome.index, outcome.code) };
    marks.add(groupKey, sequence);
    return outcome.kind === 'advanced' ? { kind: 'handled', isRecorded: true } : { kind: 'duplicate' };
  } catch (error) {
    return { kind: 'unavailable', error };
  }
}

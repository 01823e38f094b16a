import type { TransactionWrite } from '../aws/dynamo-api.js';
import { GroupMarks } from './group-marks.js';
import type { GuardedMessage, GuardOutcome, GuardParts, HandlingScope, IdempotencyGuard } from './guard.js';
import { runGuarded } from './guarded-run.js';
import { checkWrites, commitWrites, writeRefused } from './handler-writes.js';
import { NO_EFFECTS } from './plain-guard.js';
import type { SequenceAdvance, SequenceStore } from './store.js';

/**
 * Mode `sequence`, FIFO only: one row per group holds the sequence number of the last message that was handled. Storage
 * grows with groups, not with messages. Handlers that write move it in one transaction with their writes; for those that
 * don't, it is moved once per run, right before the run's messages are deleted. It recognises redeliveries; a fact
 * published twice, or redriven, has a new sequence number and is handled again.
 */
export function createSequenceGuard(store: SequenceStore, parts: GuardParts): IdempotencyGuard {
  const tools = { ...parts, store, marks: new GroupMarks(store) };
  return { handle: (message, scope) => handle(message, scope, tools) };
}

interface Parts extends Pick<GuardParts, 'clock' | 'random'> {
  readonly store: SequenceStore;
  readonly marks: GroupMarks;
}

async function handle(message: GuardedMessage, scope: HandlingScope, parts: Parts): Promise<GuardOutcome> {
  const { store, marks } = parts;
  const { groupKey, sequence, attempt, receiveCount } = message;
  const advance = { groupKey, sequence, attempt };
  const writes: TransactionWrite[] = [];
  const record = (): Promise<void> => marks.store(advance).catch((error: unknown) => scope.bypass(error));
  return runGuarded(scope, {
    look: async () =>
      (await marks.isBehind({ ...advance, receiveCount })) ? { kind: 'duplicate', record } : undefined,
    run: async () => {
      await scope.run(
        store.takesWrites ? { ...NO_EFFECTS, write: (write) => void writes.push(write) } : NO_EFFECTS,
      );
      checkWrites(writes);
    },
    conclude: async () => {
      if (writes.length > 0) return commitWrites(scope, parts, () => commit(marks, advance, writes));
      marks.reach(advance);
      return { kind: 'handled', isRecorded: true, record };
    },
  });
}

async function commit(
  marks: GroupMarks,
  advance: SequenceAdvance,
  writes: readonly TransactionWrite[],
): Promise<GuardOutcome | 'conflict'> {
  const outcome = await marks.storeWith(advance, writes);
  switch (outcome.kind) {
    case 'advanced':
      return { kind: 'handled', isRecorded: true };
    case 'behind':
      return { kind: 'duplicate' };
    case 'write-refused':
      return writeRefused(outcome);
    case 'conflict':
      return 'conflict';
  }
}

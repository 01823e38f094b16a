import type { HandlingOutcome } from '../../core/delivery/delivery.js';
import type { HandlerSign } from '../../core/delivery/handler-sign.js';
import type { Unrecorded } from '../idempotency/guard.js';
import type { Verdict } from './verdict.js';
import type { MessageIdentity, WorkerEvent } from './worker-events.js';

/** What a verdict means for the machine, and what is told of it. */
export interface Settlement {
  readonly outcome: HandlingOutcome;
  /** Poison is told when the dead-letter queue has it, a loss when the machine says so. */
  readonly told: WorkerEvent | undefined;
  /** What it says about the handler's dependencies. */
  readonly sign: HandlerSign;
}

/** Translates what the handling of a message came to. */
export function settlementOf(verdict: Verdict, identity: MessageIdentity, durationMs: number): Settlement {
  switch (verdict.kind) {
    case 'handled': {
      const { isRecorded } = verdict;
      const told = { kind: 'handled' as const, durationMs, isRecorded, ...identity };
      return { outcome: DONE, told, sign: 'succeeded' };
    }
    case 'duplicate':
      return { outcome: DONE, told: { kind: 'duplicate', ...identity }, sign: 'silent' };
    case 'dropped':
      return { outcome: DONE, told: { ...verdict, ...identity }, sign: 'silent' };
    case 'in-progress': {
      const { retryInSeconds } = verdict;
      const told = { kind: 'inProgress' as const, retryInSeconds, ...identity };
      return { outcome: retry(retryInSeconds), told, sign: 'silent' };
    }
    case 'failed':
      return { outcome: retry(verdict.retryInSeconds), told: { ...verdict, ...identity }, sign: 'failed' };
    case 'poison':
    case 'lost':
      return { outcome: { kind: verdict.kind }, told: undefined, sign: 'silent' };
  }
}

/** What is still to be recorded before the message may be deleted, if anything. */
export function recordsOf(verdict: Verdict): readonly NonNullable<Unrecorded['record']>[] {
  const isDone = verdict.kind === 'handled' || verdict.kind === 'duplicate';
  return isDone && verdict.record !== undefined ? [verdict.record] : [];
}

const DONE: HandlingOutcome = { kind: 'done' };

const retry = (afterSeconds: number): HandlingOutcome => ({ kind: 'retry', afterSeconds });

import type { HandlingOutcome } from '../../core/delivery/delivery.js';
import type { Verdict } from './processing.js';
import type { MessageIdentity, WorkerEvent } from './worker-events.js';

/** What a verdict means for the machine, and what is told of it. */
export interface Settlement {
  readonly outcome: HandlingOutcome;
  /** Poison is told when the dead-letter queue has it, a loss when the machine says so. */
  readonly told: WorkerEvent | undefined;
}

/** Translates what the handling of a message came to. */
export function settlementOf(verdict: Verdict, identity: MessageIdentity, durationMs: number): Settlement {
  switch (verdict.kind) {
    case 'handled': {
      const { isRecorded } = verdict;
      return { outcome: DONE, told: { kind: 'handled', durationMs, isRecorded, ...identity } };
    }
    case 'duplicate':
    case 'dropped':
      return { outcome: DONE, told: { ...verdict, ...identity } };
    case 'in-progress': {
      const { retryInSeconds } = verdict;
      return { outcome: retry(retryInSeconds), told: { kind: 'inProgress', retryInSeconds, ...identity } };
    }
    case 'failed':
      return { outcome: retry(verdict.retryInSeconds), told: { ...verdict, ...identity } };
    case 'poison':
    case 'lost':
      return { outcome: { kind: verdict.kind }, told: undefined };
  }
}

const DONE: HandlingOutcome = { kind: 'done' };

const retry = (afterSeconds: number): HandlingOutcome => ({ kind: 'retry', afterSeconds });

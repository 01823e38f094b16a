import type { Random } from '../../core/clock.js';
import { isMillraceError } from '../../core/errors.js';
import { decideBackoffSeconds } from '../../core/retry/backoff.js';
import { decideOnError } from '../../core/retry/error-policy.js';
import type { GuardOutcome, Unrecorded } from '../idempotency/guard.js';
import { errorTypeOf, type SpanEnd } from '../observability/telemetry.js';
import type { Holding } from './holding.js';
import type { Poison } from './inbound.js';
import { overtimeError } from './worker-errors.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** What the handling of one message came to, for the machine and for `onEvent`. */
export type Verdict =
  | ({ readonly kind: 'handled'; readonly isRecorded: boolean } & Unrecorded)
  | ({ readonly kind: 'duplicate' } & Unrecorded)
  | { readonly kind: 'in-progress'; readonly retryInSeconds: number }
  | {
      readonly kind: 'failed';
      readonly error: unknown;
      readonly retryInSeconds: number;
      readonly isLastAttempt: boolean;
    }
  | { readonly kind: 'poison'; readonly poison: Poison }
  /** An error rule says that it is of no interest any more. */
  | { readonly kind: 'dropped'; readonly error: unknown }
  | { readonly kind: 'lost' };

/** What verdicts are found by. */
export interface VerdictParts {
  readonly options: CompiledWorkerOptions;
  readonly random: Random;
}

/** What the outcome of a guarded handling means for the message. */
export function judge(outcome: GuardOutcome, holding: Holding, parts: VerdictParts): Verdict {
  switch (outcome.kind) {
    case 'handled':
    case 'duplicate':
    case 'lost':
      return outcome;
    case 'in-progress': {
      const jitterSeconds = 1 + 2 * parts.random.next();
      return { kind: 'in-progress', retryInSeconds: Math.ceil(outcome.remainingMs / 1_000 + jitterSeconds) };
    }
    case 'mismatch':
      return {
        kind: 'poison',
        poison: {
          reason: 'payload-mismatch',
          detail: `the id '${holding.envelope?.id ?? ''}' was handled before with another body: give each fact its own id`,
        },
      };
    case 'failed':
      if (holding.poison !== undefined) return { kind: 'poison', poison: holding.poison };
      // S3, not the handler: rules are for handlers.
      if (isMillraceError(outcome.error, 'CLAIM_CHECK_UNAVAILABLE'))
        return failed(outcome.error, holding, parts);
      if (isMillraceError(outcome.error, 'OWNERSHIP_LOST')) return { kind: 'lost' };
      return byPolicy(outcome.error, holding, parts);
    case 'unavailable': // the store, not the handler either
      return failed(outcome.error, holding, parts);
  }
}

function byPolicy(error: unknown, holding: Holding, parts: VerdictParts): Verdict {
  const decision = decideOnError(parts.options.errors, error);
  switch (decision.then) {
    case 'retry':
      return failed(error, holding, parts);
    case 'snooze':
      return {
        kind: 'failed',
        error,
        retryInSeconds: Math.round(decision.seconds),
        isLastAttempt: isLast(holding, parts),
      };
    case 'drop':
      return { kind: 'dropped', error };
    case 'dead-letter':
      return { kind: 'poison', poison: { reason: 'error-policy', ...wordsOf(error) } };
  }
}

/** A handling that failed, and when the message is to be seen again. */
export function failed(error: unknown, holding: Holding, parts: VerdictParts): Verdict {
  const { receiveCount } = holding.message;
  const { retry } = parts.options;
  const isLastAttempt = isLast(holding, parts);
  const backoff = decideBackoffSeconds(retry, receiveCount, parts.random.next());
  // A stop is nobody's failure: the next worker may have it at once. After the last attempt the next receive moves it.
  const retryInSeconds = holding.abortCause === 'stop' || isLastAttempt ? 0 : backoff;
  return { kind: 'failed', error: timeoutOr(error, holding, parts), retryInSeconds, isLastAttempt };
}

function isLast({ message }: Holding, { options }: VerdictParts): boolean {
  return message.receiveCount >= options.binding.maxReceiveCount;
}

/** An error thrown because the time was over says so; the handler's own stays its cause. */
function timeoutOr(error: unknown, { abortCause }: Holding, { options }: VerdictParts): unknown {
  return abortCause === 'timeout' || abortCause === 'deadline'
    ? overtimeError(abortCause, options, error)
    : error;
}

/** What the dead-letter queue is told, should the message have to go there: a failure only ends there once its receives do. */
export function poisonOf(verdict: Verdict): Poison | undefined {
  switch (verdict.kind) {
    case 'poison':
      return verdict.poison;
    case 'failed':
      return { reason: 'receives-exhausted', ...wordsOf(verdict.error) };
    case 'handled':
    case 'duplicate':
    case 'in-progress':
    case 'dropped':
    case 'lost':
      return undefined;
  }
}

function wordsOf(error: unknown): { readonly detail: string; readonly errorClass: string } {
  return error instanceof Error
    ? { detail: error.message, errorClass: error.name }
    : { detail: 'the handler threw something that is no error', errorClass: typeof error };
}

/** How the span of a handling ends. */
export function spanEndOf(verdict: Verdict): SpanEnd {
  switch (verdict.kind) {
    case 'failed':
    case 'dropped':
      return { outcome: verdict.kind, errorType: errorTypeOf(verdict.error), error: verdict.error };
    case 'poison':
      return { outcome: 'poison', errorType: verdict.poison.reason };
    case 'handled':
    case 'duplicate':
    case 'in-progress':
    case 'lost':
      return { outcome: verdict.kind };
  }
}

import type { Clock, Random } from '../../core/clock.js';
import { isMillraceError, MillraceError } from '../../core/errors.js';
import { decideOnError } from '../../core/retry/error-policy.js';
import { decideBackoffSeconds } from '../../core/retry/backoff.js';
import { isIntact } from '../aws/checksums.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';
import type { ClaimCheckReaderParts } from '../claim-check/claim-check-reader.js';
import { errorTypeOf, type SpanEnd } from '../observability/telemetry.js';
import type { GuardOutcome, HandlerEffects, IdempotencyGuard, Unrecorded } from '../idempotency/guard.js';
import type { MessageDefinition } from '../../contract/message.js';
import type { Outbox } from '../sns/outbox.js';
import type { PublishOptions } from '../sns/outbound.js';
import { GuardedWork } from './guarded-work.js';
import { HandlerContext } from './handler-context.js';
import type { Holding } from './holding.js';
import { readInbound, type Inbound, type Poison, type Routes } from './inbound.js';
import { payloadSourceOf, type PayloadSource } from './payload-source.js';
import type { QueueObservation } from './queue-observation.js';
import { overtimeError } from './worker-errors.js';
import type { WorkerEvent } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf } from './worker-tally.js';

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

/** What processing is made of. */
export interface ProcessingParts {
  readonly options: CompiledWorkerOptions;
  readonly routes: Routes;
  readonly guard: IdempotencyGuard;
  /** Undefined where no message may point into S3. */
  readonly claimChecks: ClaimCheckReaderParts | undefined;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly isHeld: (key: number) => boolean;
  readonly tell: (event: WorkerEvent) => void;
  /** @default - nobody watches */
  readonly observation?: QueueObservation | undefined;
}

/** Reads one message, runs its handler under the idempotency guard, and says what came of it. Never rejects. */
export async function processMessage(holding: Holding, parts: ProcessingParts): Promise<Verdict> {
  try {
    const { message } = holding;
    const stated = { ofBody: message.md5OfBody, ofAttributes: message.md5OfAttributes };
    if (!isIntact(message, stated)) return failed(corrupted(), holding, parts);
    const inbound = readInbound(message, parts.options.binding.delivery, parts.routes);
    holding.envelope = inbound.envelope;
    const conclude = (): Promise<Verdict> => verdictOn(inbound, holding, parts);
    return await (parts.observation?.process(holding, conclude, spanEndOf) ?? conclude());
  } catch (error) {
    return failed(error, holding, parts); // a schema or a declaration that threw, or a payload that can't be had now
  }
}

/** A message that was read and can be handled. */
interface Handleable extends Extract<Inbound, { kind: 'message' }> {
  readonly source: Extract<PayloadSource, { kind: 'source' }>;
}

async function verdictOn(inbound: Inbound, holding: Holding, parts: ProcessingParts): Promise<Verdict> {
  if (inbound.kind === 'poison') return inbound;
  const source = await payloadSourceOf(inbound, holding, parts.claimChecks);
  if (source.kind === 'poison') return source;
  return judge(await guarded({ ...inbound, source }, holding, parts), holding, parts);
}

function spanEndOf(verdict: Verdict): SpanEnd {
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

async function guarded(inbound: Handleable, holding: Holding, parts: ProcessingParts): Promise<GuardOutcome> {
  const { envelope, source } = inbound;
  const { message } = holding;
  return parts.guard.handle(
    new GuardedWork(parts.options, { message, envelope, source, chance: parts.random.next() }),
    {
      leaseMs: parts.options.visibilityTimeoutSeconds * 1_000,
      isHeld: () => parts.isHeld(holding.key),
      keep: (fence) => void (holding.fence = fence),
      bypass: (error) => parts.tell({ kind: 'unguarded', error, ...identityOf(holding) }),
      run: (effects) =>
        runHandler(inbound, holding, {
          effects,
          outbox: parts.outbox,
          isHeld: () => parts.isHeld(holding.key),
        }),
    },
  );
}

async function runHandler(
  inbound: Handleable,
  holding: Holding,
  scope: {
    readonly effects: HandlerEffects;
    readonly outbox: Outbox;
    readonly isHeld: () => boolean;
  },
): Promise<void> {
  const { message, controller } = holding;
  const { envelope, handler, source } = inbound;
  const opened = await source.open();
  if (opened.kind === 'poison') {
    // Thrown, so that the guard lets go of the message; `judge` finds the poison.
    holding.poison = opened.poison;
    throw new MillraceError('INVALID_PAYLOAD', opened.poison.detail);
  }
  let hasReturned = false;
  const inTime = <Effect>(name: string, effect: () => Effect): Effect => {
    if (hasReturned || !scope.isHeld())
      throw new MillraceError(
        'OWNERSHIP_LOST',
        `ctx.${name} came too late: ${hasReturned ? 'the handler has returned (await everything before it does)' : 'the message is no longer held'}`,
      );
    return effect();
  };
  // Whatever was waited for since the receive (a store that is slow, a process that stood still) may have taken the claim.
  if (!scope.isHeld())
    throw new MillraceError('OWNERSHIP_LOST', 'the message was no longer held when its handler was to start');
  try {
    await handler.handle(
      opened.payload,
      new HandlerContext(controller, {
        envelope,
        id: envelope.id,
        messageId: message.messageId,
        receiveCount: message.receiveCount,
        group: message.group,
        write: (write: TransactionWrite) => inTime('write', () => scope.effects.write(write)),
        sql: async (text: string, values?: readonly unknown[]) =>
          inTime('sql', () => scope.effects.sql(text, values)),
        publish: async (
          to: string,
          published: MessageDefinition,
          body: unknown,
          options?: PublishOptions,
        ) => {
          const prepared = await scope.outbox.prepare(to, {
            message: published,
            payload: body,
            options: options ?? {},
          });
          inTime('publish', () => scope.effects.publish(prepared));
        },
      }),
    );
  } finally {
    hasReturned = true;
  }
}

function judge(outcome: GuardOutcome, holding: Holding, parts: ProcessingParts): Verdict {
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

function byPolicy(error: unknown, holding: Holding, parts: ProcessingParts): Verdict {
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

function isLast({ message }: Holding, { options }: ProcessingParts): boolean {
  return message.receiveCount >= options.binding.maxReceiveCount;
}

function failed(error: unknown, holding: Holding, parts: ProcessingParts): Verdict {
  const { receiveCount } = holding.message;
  const { retry } = parts.options;
  const isLastAttempt = isLast(holding, parts);
  const backoff = decideBackoffSeconds(retry, receiveCount, parts.random.next());
  // A stop is nobody's failure: the next worker may have it at once. After the last attempt the next receive moves it.
  const retryInSeconds = holding.abortCause === 'stop' || isLastAttempt ? 0 : backoff;
  return { kind: 'failed', error: timeoutOr(error, holding, parts), retryInSeconds, isLastAttempt };
}

/** An error thrown because the time was over says so; the handler's own stays its cause. */
function timeoutOr(error: unknown, { abortCause }: Holding, { options }: ProcessingParts): unknown {
  return abortCause === 'timeout' || abortCause === 'deadline'
    ? overtimeError(abortCause, options, error)
    : error;
}

function corrupted(): MillraceError {
  return new MillraceError(
    'INVALID_PAYLOAD',
    'the message does not match the MD5 that SQS sent with it: damaged on the way; it is received again',
  );
}

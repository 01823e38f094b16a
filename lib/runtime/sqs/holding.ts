import type { Envelope } from '../../contract/envelope.js';
import type { PayloadPointer } from '../../core/claim-check/pointer.js';
import type { AbortCause } from '../../core/delivery/delivery.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import type { RenewableFence, Unrecorded } from '../idempotency/guard.js';
import type { ProcessTracing } from '../observability/telemetry.js';
import { LazyAbort, type Abortable } from '../system/lazy-abort.js';
import type { Poison } from './inbound.js';

/** Why a handler is asked to end, in any host: `deadline` is the end of a Lambda invocation. */
export type HandlerAbortCause = AbortCause | 'deadline';

/** One message while this process holds it: all its rights in one place. */
export interface Holding {
  readonly key: number;
  readonly message: ReceivedMessage;
  /** Of the attempt that runs: a message that is kept in hand after a failure gets a new one. */
  controller: Abortable;
  /** Number of the receive call or invocation that brought it. */
  readonly receive: number;
  /** The span of that receive, which it is processed in. */
  readonly tracing: ProcessTracing | undefined;
  envelope: Envelope | undefined;
  /** Prolonged together with the visibility timeout. */
  fence: RenewableFence | undefined;
  poison: Poison | undefined;
  /** What is left to record before it is deleted. */
  record: Unrecorded['record'];
  /** Where its payload is, if that is not in the message. */
  pointer: PayloadPointer | undefined;
  abortCause: HandlerAbortCause | undefined;
  /** How often its delete has failed. */
  failedDeletes: number;
}

/** A message that has just come in. */
export function createHolding(
  key: number,
  message: ReceivedMessage,
  { receive, tracing }: Pick<Holding, 'receive'> & Partial<Pick<Holding, 'tracing'>>,
): Holding {
  return {
    key,
    message,
    receive,
    tracing,
    controller: new LazyAbort(),
    envelope: undefined,
    fence: undefined,
    poison: undefined,
    record: undefined,
    pointer: undefined,
    abortCause: undefined,
    failedDeletes: 0,
  };
}

/** Forgets what belonged to an attempt that failed, so that the message can be handled again without being received again. */
export function forgetAttempt(holding: Holding): void {
  holding.controller = new LazyAbort();
  holding.fence = undefined;
  holding.poison = undefined;
  holding.abortCause = undefined;
}

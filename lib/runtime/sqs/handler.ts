import type { Envelope } from '../../contract/envelope.js';
import type { MessageDefinition, PayloadOf, PublishedPayloadOf } from '../../contract/message.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';
import type { SqlResult } from '../idempotency/store.js';
import type { PublishOptions } from '../sns/outbound.js';

/** What a handler is given beside the payload. */
export interface MessageContext {
  /**
   * Aborts when the handler should end: its time is over, the worker stops, or the message is no longer ours. Pass it to
   * every call that takes one. What a handler does after that may be done by somebody else as well.
   */
  readonly signal: AbortSignal;
  /** What is known of the message beside its payload. */
  readonly envelope: Envelope;
  /** The business id, the same for every copy of this message. */
  readonly id: string;
  /** SQS's id of this copy: changes on redrive. For logs only. */
  readonly messageId: string;
  /** How often SQS has handed the message out, this time included. */
  readonly receiveCount: number;
  /** FIFO group or fair-queue tenant, where the message has one. */
  readonly group: string | undefined;
  /**
   * Adds a write to the transaction that also marks the message as done: both happen or neither, once per business id.
   * Nothing is sent before the handler returns.
   * @throws {INVALID_OPTIONS} the worker's idempotency is not `transactional`
   * @throws {OWNERSHIP_LOST} the handler has returned, or the message is no longer ours
   */
  write(write: TransactionWrite): void;
  /**
   * Publishes a message if and only if this one's transaction is committed: at least once, with the same ids each time.
   * Await it; it resolves when the message is checked, and is sent after the handler returned.
   * @param to name of a destination among the worker's `outbox`
   * @throws {INVALID_OPTIONS} the worker's idempotency is not `transactional`, or it has no such destination
   * @throws {INVALID_PAYLOAD} {MESSAGE_TOO_LARGE} {BINDING_MISMATCH} as a publisher's `publish` does
   * @throws {OWNERSHIP_LOST} the handler has returned, or the message is no longer ours
   */
  publish<Message extends MessageDefinition>(
    to: string,
    message: Message,
    payload: PublishedPayloadOf<Message>,
    options?: PublishOptions,
  ): Promise<void>;
  /**
   * Runs a statement inside the database transaction that also marks the message as done: it is committed after the
   * handler returned, or undone with everything else. For `transactional` workers on a PostgreSQL store.
   * @throws {INVALID_OPTIONS} the worker has no SQL transaction
   * @throws {OWNERSHIP_LOST} the handler has returned, or the message is no longer ours
   * @throws what the database refused; a transaction in which a statement failed is undone
   */
  sql(text: string, values?: readonly unknown[]): Promise<SqlResult>;
}

/** Handles messages of one type; made by {@link on}. */
export interface MessageHandler {
  /** The message it is for. */
  readonly message: MessageDefinition;
  // A method, so that handlers of different payloads fit into one list; `on` has tied the payload to the message.
  /** Does the work. A rejection is what the worker acts on: it must not be swallowed. */
  handle(payload: unknown, context: MessageContext): Promise<void> | void;
}

/**
 * Ties a handler to a message type; the payload it is given has passed the message's schema.
 *
 * A handler that returns is done with the message. One that throws gets it again, after a wait that grows with the
 * receive count, until the queue's `maxReceiveCount` moves it to the dead-letter queue.
 * @example
 * on(PushReceived, async (push, ctx) => { await build(push.ref, { signal: ctx.signal }); })
 */
export function on<Message extends MessageDefinition>(
  message: Message,
  handle: (payload: PayloadOf<Message>, context: MessageContext) => Promise<void> | void,
): MessageHandler {
  return Object.freeze({
    message,
    handle: (payload: unknown, context: MessageContext) => handle(payload as PayloadOf<Message>, context),
  });
}

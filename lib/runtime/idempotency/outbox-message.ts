import type { OutgoingMessage } from '../aws/sqs-api.js';

/** A message that waits for its transaction: checked and encoded, so that it can be sent without its declaration. */
export interface OutboxMessage {
  /** Name of the destination among the worker's `outbox`. */
  readonly to: string;
  readonly outgoing: OutgoingMessage;
}

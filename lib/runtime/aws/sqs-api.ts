import type { Cancellation } from '../system/lazy-abort.js';
import type { EntryOutcome } from './batch-outcome.js';

/** A message attribute as it travels. */
export type WireAttribute =
  { readonly type: string; readonly text: string } | { readonly type: string; readonly bytes: Uint8Array };

/** Attributes by name. */
export type WireAttributes = Readonly<Record<string, WireAttribute>>;

/** A message as SQS hands it out. */
export interface ReceivedMessage {
  /** SQS's own id: changes on redrive, so never an idempotency key. */
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string | undefined;
  readonly md5OfAttributes?: string | undefined;
  readonly receiveCount: number;
  readonly sentAt: number;
  readonly group: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  /** `AWSTraceHeader`: X-Ray's trace, where the sender had one. */
  readonly traceHeader?: string | undefined;
  readonly attributes: WireAttributes;
}

/** A long poll. */
export interface ReceiveRequest {
  readonly queueUrl: string;
  readonly maxMessages: number;
  readonly waitSeconds: number;
  /** Sent along, so that what we believe of the deadline holds even if the queue's own setting was changed. */
  readonly visibilityTimeoutSeconds: number;
  /** FIFO only: the same id within five minutes gets the same messages again, should the answer be lost. */
  readonly attemptId?: string;
}

/** One message to send. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes: WireAttributes;
  readonly group?: string;
  readonly deduplicationId?: string;
  /** Standard queues only: SQS refuses a delay per message on FIFO. */
  readonly delaySeconds?: number;
}

/** What SQS or SNS says of a message it took. */
export interface AcceptedMessage {
  /** The service's own id: changes on redrive, so never an idempotency key. */
  readonly messageId: string;
  /** FIFO only. */
  readonly sequenceNumber?: string;
}

/** A change of one visibility timeout, counted from now. */
export interface VisibilityChange {
  readonly receiptHandle: string;
  readonly visibilityTimeoutSeconds: number;
}

/**
 * The part of SQS the runtime uses. Batch calls take at most ten entries and answer one outcome per entry, in order; a
 * call that fails as a whole throws what the SDK threw, for `classifyAwsError`.
 */
export interface SqsApi {
  receive(request: ReceiveRequest, cancellation: Cancellation): Promise<readonly ReceivedMessage[]>;
  deleteBatch(
    queueUrl: string,
    receiptHandles: readonly string[],
  ): Promise<readonly EntryOutcome<undefined>[]>;
  changeVisibilityBatch(
    queueUrl: string,
    changes: readonly VisibilityChange[],
  ): Promise<readonly EntryOutcome<undefined>[]>;
  sendBatch(
    queueUrl: string,
    messages: readonly OutgoingMessage[],
  ): Promise<readonly EntryOutcome<AcceptedMessage>[]>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}

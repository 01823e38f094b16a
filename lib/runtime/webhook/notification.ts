import { encodeEnvelope, type Envelope } from '../../contract/envelope.js';
import type { ReceivedMessage, WireAttributes } from '../aws/sqs-api.js';
import type { MessageHandler } from '../sqs/handler.js';
import { readInbound, readPayload, type Poison, type Routes } from '../sqs/inbound.js';
import type { WebhookPoisonReason } from './webhook-events.js';

/** A notification that was let in, in either form. */
export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly delivery: 'raw' | 'sns-envelope';
  /** The request's body as it came. */
  readonly body: string;
  /** Epoch milliseconds after which a copy of it is not let in any more. */
  readonly forgetAt: number;
}

/** A notification that was read and fits its declaration. */
export interface HandleableNotification {
  readonly kind: 'message';
  readonly envelope: Envelope;
  readonly handler: MessageHandler;
  readonly payload: unknown;
}

/** A notification that was read, or why it never can be. */
export type ReadNotification =
  | HandleableNotification
  | {
      readonly kind: 'poison';
      readonly reason: WebhookPoisonReason;
      readonly detail: string;
      readonly type?: string;
      readonly id?: string;
    };

/** Reads type, id and payload of a notification, and holds the unsigned parts against the signed ones. */
export async function readNotification(
  notification: Notification,
  routes: Routes,
  now: number,
): Promise<ReadNotification> {
  const isRaw = notification.delivery === 'raw';
  const attributes = isRaw ? rawAttributes(routes, now) : {};
  const received: ReceivedMessage = { ...NO_QUEUE, ...notification, sentAt: now, attributes };
  const inbound = readInbound(received, notification.delivery, routes);
  if (inbound.kind === 'poison') return poisonOf(inbound.poison, inbound.envelope);
  const { envelope, handler, place } = inbound;
  if (place.kind === 'claim-check') return poisonOf(CLAIM_CHECK, envelope);
  const read = await readPayload(place.text, handler);
  if (read.kind === 'poison') return poisonOf(read.poison, envelope);
  const { payload } = read;
  const id = businessId(handler, payload);
  const message = { kind: 'message', envelope, handler, payload } as const;
  if (isRaw) return { ...message, envelope: { ...envelope, id: id ?? notification.messageId } };
  return isAltered(message, id) ? alteredPoison(envelope) : message;
}

const poisonOf = ({ reason, detail }: Poison, envelope: Envelope | undefined): ReadNotification => ({
  kind: 'poison',
  reason,
  detail,
  ...(envelope && { type: envelope.type, id: envelope.id }),
});

/** Whoever takes HTTP deliveries mostly has no role at AWS to read S3 with. */
const CLAIM_CHECK: Poison = {
  reason: 'claim-check-refused',
  detail: 'its payload is in S3, which webhook receivers do not read: subscribe a queue to the topic instead',
};

/**
 * SNS signs the payload and not the attributes, and the business id travels in an attribute: with another one, a copy
 * would pass for a new message. A payload of another schema version may have been given its id by another rule.
 */
function isAltered({ envelope, handler }: HandleableNotification, id: string | undefined): boolean {
  return envelope.schemaVersion === handler.message.version && id !== envelope.id;
}

const alteredPoison = ({ type, id }: { readonly type: string; readonly id: string }): ReadNotification => ({
  kind: 'poison',
  reason: 'altered-attributes',
  detail: `the business id beside the payload is not the one that '${type}' gives to this payload`,
  type,
  id,
});

/** Raw deliveries over HTTP come without attributes: the one handler there is says what they are. */
function rawAttributes(routes: Routes, now: number): WireAttributes {
  const [handler] = routes.values();
  if (handler === undefined) return {};
  const { name, version } = handler.message;
  const encoded = encodeEnvelope({ type: name, id: 'raw', schemaVersion: version, publishedAt: now });
  return Object.fromEntries(
    Object.entries(encoded).map(([attribute, text]) => [attribute, { type: 'String', text: String(text) }]),
  );
}

/** A user's `id` may throw for a payload it was not written for; then the payload has none. */
function businessId(handler: MessageHandler, payload: unknown): string | undefined {
  try {
    return handler.message.id(payload);
  } catch {
    return undefined;
  }
}

/** What only messages of a queue have. */
const NO_QUEUE = Object.freeze({
  receiptHandle: '',
  md5OfBody: undefined,
  receiveCount: 1,
  group: undefined,
  deduplicationId: undefined,
  sequenceNumber: undefined,
});

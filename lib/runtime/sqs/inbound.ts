import { hash } from 'node:crypto';
import type { Delivery } from '../../contract/binding.js';
import { decodeEnvelope, type Envelope } from '../../contract/envelope.js';
import { validate, validateSync, type Validation } from '../../contract/validate.js';
import { declaredPayloadBytes, decodePointer } from '../../core/claim-check/pointer.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import type { ClaimCheck } from '../claim-check/claim-check-reader.js';
import type { MessageHandler } from './handler.js';

/** Why a message can never be handled. */
export type PoisonReason =
  | 'invalid-sns-envelope'
  | 'missing-envelope'
  | 'unknown-type'
  | 'unknown-version'
  | 'invalid-json'
  | 'schema'
  /** Its payload is not in S3 any more, or never was. */
  | 'claim-check-missing'
  /** It points to a payload that can't be taken: a foreign bucket, too large, damaged, another than was published. */
  | 'claim-check-refused'
  /** The same business id was handled before with another body. */
  | 'payload-mismatch'
  /** FIFO: its handler failed at every receive, and messages behind it in its group have none to spare. */
  | 'receives-exhausted'
  /** A rule of the worker's `errors` says so. */
  | 'error-policy';

/** A message that can never be handled, and why; `detail` never carries the body. */
export interface Poison {
  readonly reason: PoisonReason;
  readonly detail: string;
  readonly errorClass?: string;
}

/** Where the payload of a message is. */
export type PayloadPlace =
  { readonly kind: 'body'; readonly text: string } | ({ readonly kind: 'claim-check' } & ClaimCheck);

/** A message of which all but the payload was read, or why it can't be. */
export type Inbound =
  | {
      readonly kind: 'message';
      readonly envelope: Envelope;
      readonly handler: MessageHandler;
      readonly place: PayloadPlace;
    }
  | { readonly kind: 'poison'; readonly poison: Poison; readonly envelope?: Envelope };

/** A payload that was read and checked, or why it can't be. */
export type InboundPayload =
  | {
      readonly kind: 'payload';
      readonly payload: unknown;
      /** SHA-256 of the payload's text. */
      readonly hash: string;
    }
  | { readonly kind: 'poison'; readonly poison: Poison };

/** Handlers by message type. */
export type Routes = ReadonlyMap<string, MessageHandler>;

/** Looks handlers up by the name of their message. */
export function routesOf(handlers: readonly MessageHandler[]): Routes {
  return new Map(handlers.map((handler) => [handler.message.name, handler]));
}

/** Reads a received message but for its payload: unwraps it as the binding says, finds its handler. */
export function readInbound(message: ReceivedMessage, delivery: Delivery, routes: Routes): Inbound {
  const content = unwrap(message, delivery);
  if (content === undefined)
    return poison(
      'invalid-sns-envelope',
      'the body is no SNS notification, though the queue is bound to one',
    );
  const decoded = decodeEnvelope(content.attribute);
  if (decoded.kind === 'invalid') return poison('missing-envelope', decoded.reason);
  const { envelope } = decoded;
  const handler = routes.get(envelope.type);
  if (handler === undefined)
    return poison(
      'unknown-type',
      `no handler for '${envelope.type}': known are ${[...routes.keys()].join(', ')}`,
      envelope,
    );
  const { version } = handler.message;
  if (envelope.schemaVersion > version)
    return poison(
      'unknown-version',
      `'${envelope.type}' came in version ${envelope.schemaVersion}, this worker knows ${version}: deploy the worker first`,
      envelope,
    );
  return { kind: 'message', envelope, handler, place: placeOf(content, envelope) };
}

function placeOf({ text, attribute }: Content, { payloadHash }: Envelope): PayloadPlace {
  const declaredBytes = declaredPayloadBytes(attribute);
  if (declaredBytes === undefined) return { kind: 'body', text };
  return { kind: 'claim-check', pointer: decodePointer(text), declaredBytes, hash: payloadHash };
}

/** Reads the text of a payload and checks it against the schema of its message. */
export async function readPayload(
  text: string,
  { message: { schema } }: MessageHandler,
): Promise<InboundPayload> {
  const json = parseJson(text);
  if (json.kind === 'invalid')
    return poison('invalid-json', 'the payload is no JSON', undefined, json.errorClass);
  const checked: Validation<unknown> =
    validateSync(schema, json.value) ?? (await validate(schema, json.value));
  if (checked.kind === 'invalid')
    return poison('schema', checked.issues.join('; '), undefined, 'ValidationError');
  return new CheckedPayload(checked.value, text);
}

/**
 * A class: an object literal with a getter gets a shape of its own each time, and a shape keeps its getter, and with it the
 * message, alive until the next full collection.
 */
class CheckedPayload {
  readonly kind = 'payload';
  readonly payload: unknown;
  readonly #text: string;

  constructor(payload: unknown, text: string) {
    this.payload = payload;
    this.#text = text;
  }

  /** Only when it is asked for: without idempotency nobody does. */
  get hash(): string {
    return hash('sha256', this.#text, 'base64url');
  }
}

/** What is inside a message. */
export interface Content {
  readonly text: string;
  readonly attribute: (name: string) => string | undefined;
}

/** Payload text and attributes of a message, out of its SNS envelope where it came in one; undefined where that is none. */
export function unwrap(message: ReceivedMessage, delivery: Delivery): Content | undefined {
  if (delivery === 'raw') {
    return {
      text: message.body,
      attribute: (name) => {
        const attribute = message.attributes[name];
        return attribute !== undefined && 'text' in attribute ? attribute.text : undefined;
      },
    };
  }
  const json = parseJson(message.body);
  const notification = json.kind === 'valid' ? (json.value as SnsNotification | null) : null;
  if (notification?.Type !== 'Notification' || typeof notification.Message !== 'string') return undefined;
  const { Message, MessageAttributes } = notification;
  return {
    text: Message,
    attribute: (name) => {
      const value = MessageAttributes?.[name]?.Value;
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** The JSON that SNS puts into a queue without raw delivery. @see https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html */
interface SnsNotification {
  readonly Type?: unknown;
  readonly Message?: unknown;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Value?: unknown } | undefined>>;
}

function parseJson(
  text: string,
):
  | { readonly kind: 'valid'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly errorClass: string } {
  try {
    return { kind: 'valid', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'invalid', errorClass: error instanceof Error ? error.name : 'Error' };
  }
}

/** A poison of a message. */
interface FoundPoison {
  readonly kind: 'poison';
  readonly poison: Poison;
  readonly envelope?: Envelope;
}

function poison(reason: PoisonReason, detail: string, envelope?: Envelope, errorClass?: string): FoundPoison {
  return {
    kind: 'poison',
    poison: { reason, detail, ...(errorClass !== undefined && { errorClass }) },
    ...(envelope && { envelope }),
  };
}

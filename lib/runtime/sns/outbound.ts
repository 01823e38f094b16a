import { createHash } from 'node:crypto';
import type { QueueBinding, TopicBinding } from '../../contract/binding.js';
import {
  encodeEnvelope,
  ENVELOPE_ATTRIBUTES,
  type Envelope,
  type TraceContext,
} from '../../contract/envelope.js';
import { limitOf } from '../../contract/limits.js';
import {
  attributeViolations,
  type AttributeValue,
  type MessageAttributes,
  type MessageDefinition,
} from '../../contract/message.js';
import { FIFO_ID } from '../../contract/names.js';
import { validate, validateSync } from '../../contract/validate.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import { CLAIM_CHECK_ATTRIBUTES } from '../../core/claim-check/pointer.js';
import type { CompiledClaimCheck } from '../claim-check/claim-check-options.js';
import { offloadPayload, type Offload } from '../claim-check/claim-check-writer.js';
import type { OutgoingMessage, WireAttribute, WireAttributes } from '../aws/sqs-api.js';
import { wireBytesOf } from '../aws/wire-size.js';
import { carriedViolations } from './publisher-options.js';

/** What can be said about one publish beside its payload. */
export interface PublishOptions {
  /** W3C trace context to travel with the message. @default - none */
  readonly trace?: TraceContext;
  /** Delay before the message can be received, whole seconds, 0-900; standard queues only. @default - the queue's own */
  readonly delaySeconds?: number;
}

/** A message that is ready to leave, and what it weighs. */
export interface PreparedMessage {
  readonly outgoing: OutgoingMessage;
  readonly bytes: number;
  /** The payload that has to be stored before. */
  readonly offload?: Offload;
}

/** What is to be published where. */
export interface PublishRequest {
  readonly message: MessageDefinition;
  readonly payload: unknown;
  readonly options: PublishOptions;
  readonly binding: TopicBinding | QueueBinding;
  readonly claimCheck: CompiledClaimCheck | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Checks a payload and makes the wire message of it: body, envelope, filterable attributes, group, deduplication id.
 * @throws {BINDING_MISMATCH} {INVALID_PAYLOAD} {INVALID_OPTIONS} {MESSAGE_TOO_LARGE}
 */
export async function prepareMessage(request: PublishRequest): Promise<PreparedMessage> {
  const { message, payload, binding } = request;
  refuseAll(
    `'${message.name}' can't be published here`,
    carriedViolations(message, binding),
    'BINDING_MISMATCH',
  );
  refuseAll(`'${message.name}' can't be published like this`, delayViolations(request));
  const { schema } = message;
  const checked = validateSync(schema, payload) ?? (await validate(schema, payload));
  if (checked.kind === 'invalid') throw invalidPayload(message, checked.issues);
  // The payload travels as it was given: the consumer's schema reads it again, and would stumble over its own output.
  const body = JSON.stringify(payload);
  const prepared = withinLimits(request, compose(request, checked.value, escapeForbidden(body)));
  if (prepared.bytes > binding.maxMessageBytes) throw tooLarge(request, prepared.bytes);
  return prepared;
}

/** Leaves the payload out where the message weighs more than the threshold. */
function withinLimits(request: PublishRequest, { envelope, message }: Composed): PreparedMessage {
  const { claimCheck } = request;
  const whole = withEnvelope(message, envelope);
  const bytes = wireBytesOf(whole);
  if (claimCheck === undefined || bytes <= claimCheck.thresholdBytes) return { outgoing: whole, bytes };
  const payloadHash = createHash('sha256').update(message.body).digest('base64url');
  const { outgoing, offload } = offloadPayload(
    withEnvelope(message, { ...envelope, payloadHash }),
    claimCheck,
  );
  if (offload.bytes > claimCheck.limits.maxBytes) throw payloadTooLarge(request, offload.bytes);
  return { outgoing, bytes: wireBytesOf(outgoing), offload };
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const UNSENDABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

interface Composed {
  readonly envelope: Envelope;
  /** Still without its envelope. */
  readonly message: OutgoingMessage;
}

const withEnvelope = (message: OutgoingMessage, envelope: Envelope): OutgoingMessage => ({
  ...message,
  attributes: { ...textAttributes(encodeEnvelope(envelope)), ...message.attributes },
});

function compose(request: PublishRequest, value: unknown, body: string): Composed {
  const { message, binding, options, now, claimCheck } = request;
  const id = message.id(value);
  const group = message.group?.(value);
  const attributes = message.attributes?.(value) ?? {};
  const issues = [
    ...textIssues('id', id),
    ...(group === undefined ? [] : textIssues('group', group)),
    ...attributeViolations(attributes, freeAttributes(claimCheck)),
    ...reservedAttributes(attributes),
    ...emptyAttributes(attributes),
    ...unsendableAttributes(attributes),
  ];
  if (issues.length > 0) throw invalidPayload(message, issues);
  return {
    envelope: {
      type: message.name,
      id,
      schemaVersion: message.version,
      publishedAt: now,
      ...(options.trace && { trace: options.trace }),
    },
    message: {
      body,
      attributes: wireAttributes(attributes),
      ...(group !== undefined && { group: fittingId(group) }),
      // The type is part of it: two messages of one business fact are not copies of each other.
      ...(binding.fifo && { deduplicationId: fittingId(`${message.name}/${id}`) }),
      ...(options.delaySeconds !== undefined && { delaySeconds: options.delaySeconds }),
    },
  };
}

/** A pointer takes one more; kept free for every message, so that none is refused only when it has grown. */
const freeAttributes = (claimCheck: CompiledClaimCheck | undefined): number =>
  limitOf('sqs.message.maxAttributes') - ENVELOPE_ATTRIBUTES - (claimCheck === undefined ? 0 : 1);

const reservedAttributes = (attributes: MessageAttributes): string[] =>
  CLAIM_CHECK_ATTRIBUTES.filter((name) => name in attributes).map(
    (name) => `attribute '${name}' says that the body is a pointer into S3: give it another name`,
  );

function textAttributes(texts: object): WireAttributes {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]: [string, string]) => [name, { type: 'String', text }]),
  );
}

function wireAttributes(attributes: MessageAttributes): WireAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, wireAttribute(value)]));
}

function wireAttribute(value: AttributeValue): WireAttribute {
  if (typeof value === 'number') return { type: 'Number', text: String(value) };
  if (typeof value === 'string') return { type: 'String', text: value };
  return { type: 'String.Array', text: JSON.stringify(value) };
}

/** Ids of FIFO queues and topics are 1-128 printable ASCII characters; what does not fit is told apart by its hash. */
function fittingId(id: string): string {
  return FIFO_ID.test(id) ? id : createHash('sha256').update(id).digest('hex');
}

function textIssues(name: string, value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [] : [`${name} of the message is empty or no text`];
}

function emptyAttributes(attributes: MessageAttributes): string[] {
  return Object.entries(attributes)
    .filter(([, value]) => value === '')
    .map(([name]) => `attribute '${name}' is empty, which SQS refuses: leave it out`);
}

/** Whatever one message of a batch can't carry would be refused with the whole of it. */
function unsendableAttributes(attributes: MessageAttributes): string[] {
  return Object.entries(attributes)
    .filter(([, value]) => typeof value !== 'number' && UNSENDABLE.test([value].flat().join('')))
    .map(
      ([name]) =>
        `attribute '${name}' has characters that no message can carry (control characters, halves of surrogate pairs, U+FFFE, U+FFFF): leave them out`,
    );
}

/** JSON escapes all that SQS refuses (control characters, lone surrogates) but these two. */
function escapeForbidden(json: string): string {
  return json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

function delayViolations({ options, binding }: PublishRequest): string[] {
  const { delaySeconds } = options;
  if (delaySeconds === undefined) return [];
  if (binding.kind === 'topic') return ['delaySeconds is for queues: SNS has no delay'];
  if (binding.fifo) return ['delaySeconds per message is refused by FIFO queues: set the delay on the queue'];
  const max = limitOf('sqs.delay.max');
  return Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= max
    ? []
    : [`delaySeconds must be a whole number from 0 to ${max} (seconds), got ${delaySeconds}`];
}

function invalidPayload(message: MessageDefinition, issues: readonly string[]): MillraceError {
  return new MillraceError(
    'INVALID_PAYLOAD',
    `a payload of '${message.name}' does not fit its declaration and was not published: ${issues.join('; ')}`,
    { violations: issues },
  );
}

function tooLarge({ message, binding }: PublishRequest, bytes: number): MillraceError {
  return new MillraceError(
    'MESSAGE_TOO_LARGE',
    `a message of '${message.name}' weighs ${bytes} bytes with its attributes, the ${binding.kind} '${binding.name}' takes ${binding.maxMessageBytes}: raise maxMessageSize on the construct, or set claimCheck: true on it, which leaves large payloads in S3`,
  );
}

function payloadTooLarge({ message }: PublishRequest, bytes: number): MillraceError {
  return new MillraceError(
    'MESSAGE_TOO_LARGE',
    `a payload of '${message.name}' has ${bytes} bytes, more than claimCheck.maxPayloadBytes: raise it here and in the workers, or publish less`,
  );
}

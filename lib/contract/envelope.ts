import { readTraceFields, writeTraceFields, type TraceContext } from './trace-fields.js';

export type { TraceContext };

/**
 * The envelope of a message: two message attributes beside the payload, so that the body stays the plain JSON of the
 * payload and eight of the ten attributes SQS allows stay free.
 *
 * | attribute       | type   | content                                                                          |
 * |-----------------|--------|----------------------------------------------------------------------------------|
 * | `millrace-type` | String | message name; on its own so that SNS can filter on it                             |
 * | `millrace-meta` | String | JSON: `v` format (1), `id` business id, `sv` schema version, `at` epoch ms of the publish, `tp`/`ts`/`bg` W3C traceparent/tracestate/baggage, `ph` SHA-256 of a payload that is kept elsewhere |
 */
export const TYPE_ATTRIBUTE = 'millrace-type';
/** Name of the attribute that holds the rest of the envelope, as JSON. @see TYPE_ATTRIBUTE */
export const META_ATTRIBUTE = 'millrace-meta';
/** Attributes the envelope takes out of the ten that SQS allows. */
export const ENVELOPE_ATTRIBUTES = 2;

/** What is known of a message beside its payload. */
export interface Envelope {
  /** The message's declared name, e.g. `github.push`. */
  readonly type: string;
  /** The business id. */
  readonly id: string;
  /** Version of the schema it was published with, from 1; workers dead-letter those they do not know. */
  readonly schemaVersion: number;
  /** When it was published, epoch milliseconds on the publisher's clock: a hint, never an order. */
  readonly publishedAt: number;
  /** The trace it was published in, where its publisher had one. */
  readonly trace?: TraceContext;
  /** SHA-256 of the payload's UTF-8 text in base64url, where the payload travels outside of the message (claim check). */
  readonly payloadHash?: string;
}

/** An envelope as the two attribute strings. */
export interface EncodedEnvelope {
  /** The message's declared name: what SNS filters on. */
  readonly [TYPE_ATTRIBUTE]: string;
  /** The rest of the envelope, as JSON. */
  readonly [META_ATTRIBUTE]: string;
}

/** An envelope that was read, or the reason why these attributes are none. */
export type DecodedEnvelope =
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Writes the envelope into its two attributes. */
export function encodeEnvelope(envelope: Envelope): EncodedEnvelope {
  const { type, id, schemaVersion, publishedAt, trace, payloadHash } = envelope;
  const meta = {
    v: 1,
    id,
    sv: schemaVersion,
    at: publishedAt,
    ...writeTraceFields(trace),
    ...(payloadHash !== undefined && { ph: payloadHash }),
  };
  return { [TYPE_ATTRIBUTE]: type, [META_ATTRIBUTE]: JSON.stringify(meta) };
}

/** Reads an envelope from attribute strings. A message without one is not an error here: the caller's policy decides. */
export function decodeEnvelope(attribute: (name: string) => string | undefined): DecodedEnvelope {
  const type = attribute(TYPE_ATTRIBUTE);
  const meta = attribute(META_ATTRIBUTE);
  if (type === undefined || meta === undefined) {
    const missing = [type === undefined && TYPE_ATTRIBUTE, meta === undefined && META_ATTRIBUTE].filter(
      Boolean,
    );
    return {
      kind: 'invalid',
      reason: `no attribute ${missing.join(' and ')}: not published by millrace, or the attributes were dropped on the way`,
    };
  }
  const fields = parseObject(meta);
  if (fields === undefined)
    return { kind: 'invalid', reason: `attribute ${META_ATTRIBUTE} is no JSON object` };
  const { v, id, sv, at, ph } = fields;
  if (v !== 1) return { kind: 'invalid', reason: `envelope format ${String(v)} is not known here, only 1` };
  if (typeof id !== 'string' || id === '' || typeof sv !== 'number' || typeof at !== 'number') {
    return {
      kind: 'invalid',
      reason: `attribute ${META_ATTRIBUTE} must carry id (text), sv and at (numbers)`,
    };
  }
  const trace = readTraceFields(fields);
  return {
    kind: 'envelope',
    envelope: {
      type,
      id,
      schemaVersion: sv,
      publishedAt: at,
      ...(trace && { trace }),
      ...(typeof ph === 'string' && { payloadHash: ph }),
    },
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

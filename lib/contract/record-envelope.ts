import { readTraceFields, writeTraceFields, type TraceContext } from './trace-fields.js';

/**
 * A stream record on the wire: UTF-8 JSON. Streams have no attributes, so the envelope is a field beside the data.
 *
 * | field  | content                                                                                   |
 * |--------|-------------------------------------------------------------------------------------------|
 * | `mr`   | format, 1                                                                                 |
 * | `t`    | record name, e.g. `flight.landed`                                                         |
 * | `sv`   | schema version                                                                            |
 * | `at`   | epoch ms of the put on the producer's clock                                               |
 * | `id`   | business id; left out where the declaration names none                                    |
 * | `p`    | `[producerId, lane epoch, sequence]` of an ordered producer: copies of one put are equal  |
 * | `tp` `ts` `bg` | W3C traceparent, tracestate and baggage of the put, where there are any; not among what older readers know, who pass over it |
 * | `d`    | the record itself                                                                         |
 */
export interface RecordEnvelope {
  /** The record's declared name, e.g. `flight.landed`. */
  readonly type: string;
  /** Version of the schema it was produced with, from 1. */
  readonly schemaVersion: number;
  /** When it was put, epoch milliseconds on the producer's clock: a hint, never an order. */
  readonly producedAt: number;
  /** The business id, where the declaration has one. */
  readonly id?: string;
  /** Which put of which producer it is: readers leave out second copies by it. */
  readonly origin?: RecordOrigin;
  /** The trace it was put in, where its producer had one. */
  readonly trace?: TraceContext;
}

/** Names one put of one producer, so that a reader can drop the second copy which a lost answer made the producer send. */
export interface RecordOrigin {
  /** Random id of the producer that put it. */
  readonly producerId: string;
  /** 1 of a producer that keeps the order per key; 0 where the numbers say nothing of order. */
  readonly epoch: number;
  /** Number of the put, growing from put to put of that producer. */
  readonly sequence: number;
}

/** A record that was read, or the reason why these bytes are none. */
export type DecodedRecord =
  | { readonly kind: 'record'; readonly envelope: RecordEnvelope; readonly data: unknown }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Writes a record as the JSON text that goes into a Kinesis record (or into an aggregate). */
export function encodeRecord(envelope: RecordEnvelope, data: unknown): string {
  const { type, schemaVersion, producedAt, id, origin, trace } = envelope;
  return JSON.stringify({
    mr: 1,
    t: type,
    sv: schemaVersion,
    at: producedAt,
    ...(id !== undefined && { id }),
    ...(origin && { p: [origin.producerId, origin.epoch, origin.sequence] }),
    ...writeTraceFields(trace),
    d: data,
  });
}

/** Reads a record's text. What does not parse is poison for the reader's policy to decide, never an exception. */
export function decodeRecord(text: string): DecodedRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'invalid', reason: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'invalid', reason: 'not a JSON object' };
  const fields = value as Record<string, unknown>;
  const { mr, t, sv, at, id, p, d } = fields;
  if (mr !== 1)
    return {
      kind: 'invalid',
      reason: `record format ${String(mr)} is not known here, only 1: not produced by millrace?`,
    };
  if (typeof t !== 'string' || typeof sv !== 'number' || typeof at !== 'number') {
    return { kind: 'invalid', reason: 'the fields t (text), sv and at (numbers) must be there' };
  }
  const origin = decodeOrigin(p);
  const trace = readTraceFields(fields);
  return {
    kind: 'record',
    envelope: {
      type: t,
      schemaVersion: sv,
      producedAt: at,
      ...(typeof id === 'string' && { id }),
      ...(origin && { origin }),
      ...(trace && { trace }),
    },
    data: d,
  };
}

function decodeOrigin(p: unknown): RecordOrigin | undefined {
  if (!Array.isArray(p)) return undefined;
  const [producerId, epoch, sequence] = p as unknown[];
  if (typeof producerId !== 'string' || typeof epoch !== 'number' || typeof sequence !== 'number')
    return undefined;
  return { producerId, epoch, sequence };
}

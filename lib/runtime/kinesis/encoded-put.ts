import type { StreamBinding } from '../../contract/binding.js';
import type { TraceContext } from '../../contract/envelope.js';
import { limitOf } from '../../contract/limits.js';
import { encodeRecord, type RecordOrigin } from '../../contract/record-envelope.js';
import type { RecordDefinition } from '../../contract/record.js';
import { MillraceError } from '../../core/errors.js';

/** A record that is to be put. */
export interface PutRequest<Input, Output> {
  readonly record: RecordDefinition<string, Input, Output>;
  readonly binding: StreamBinding;
  /** As it was given, and as the schema read it. */
  readonly data: Input;
  readonly value: Output;
  readonly trace: TraceContext | undefined;
  readonly origin: RecordOrigin;
  /** Epoch ms. */
  readonly producedAt: number;
}

/** A record as it travels. */
export interface EncodedPut {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Bytes it takes in an aggregate, at most; with its key. */
  readonly bytes: number;
}

/** Frame of a record in an aggregate, at most: three tags and lengths. */
const FRAME_BYTES = 20;
const LONGEST_KEY = limitOf('kinesis.partitionKey.maxLength');

/**
 * Makes a record's bytes, with its envelope.
 * @throws {INVALID_PAYLOAD} its key is no key
 * @throws {MESSAGE_TOO_LARGE} it is larger than the stream takes
 */
export function encodePut<Input, Output>(request: PutRequest<Input, Output>): EncodedPut {
  const { record, binding, data, value, trace, origin, producedAt } = request;
  const partitionKey = keyOf(record, value);
  const id = record.id?.(value);
  const envelope = {
    type: record.name,
    schemaVersion: record.version,
    producedAt,
    origin,
    ...(id !== undefined && { id }),
    ...(trace && { trace }),
  };
  const bytes = Buffer.from(encodeRecord(envelope, data));
  const size = bytes.byteLength + Buffer.byteLength(partitionKey);
  if (size > binding.maxRecordBytes) throw tooLarge(size, binding.maxRecordBytes, binding.name);
  return { partitionKey, data: bytes, bytes: size + FRAME_BYTES };
}

/** A record that is not what its declaration says. */
export function invalidRecord(message: string): MillraceError {
  return new MillraceError('INVALID_PAYLOAD', `${message}: correct the record, or its declaration`);
}

function keyOf<Input, Output>(record: RecordDefinition<string, Input, Output>, value: Output): string {
  const partitionKey: unknown = record.key(value);
  if (typeof partitionKey === 'string' && partitionKey !== '' && partitionKey.length <= LONGEST_KEY)
    return partitionKey;
  const got = typeof partitionKey === 'string' ? `${partitionKey.length} characters` : typeof partitionKey;
  throw invalidRecord(`the key of '${record.name}' must be text of 1-${LONGEST_KEY} characters, got ${got}`);
}

function tooLarge(size: number, most: number, stream: string): MillraceError {
  return new MillraceError(
    'MESSAGE_TOO_LARGE',
    `the record has ${size} bytes with its key, stream '${stream}' takes ${most}: keep large parts elsewhere and put a reference, or raise the stream's maximum record size`,
  );
}

import { crc32 } from 'node:zlib';
import type { StreamEvent } from '../engine.js';

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Header value type 7: text with a two-byte length. */
const TEXT_HEADER = 7;

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([
    Buffer.from([nameBytes.length]),
    nameBytes,
    Buffer.from([TEXT_HEADER]),
    length,
    valueBytes,
  ]);
}

/**
 * One message of `application/vnd.amazon.eventstream`: total length, header length, their CRC-32, headers, payload,
 * CRC-32 of it all; numbers big-endian.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeEvent(event: StreamEvent): Buffer {
  const kind = event.isException ? 'exception' : 'event';
  const headers = Buffer.concat([
    encodeHeader(':message-type', kind),
    encodeHeader(event.isException ? ':exception-type' : ':event-type', event.type),
    encodeHeader(':content-type', 'application/x-amz-json-1.1'),
  ]);
  const payload = Buffer.from(JSON.stringify(event.payload));
  const total = PRELUDE_BYTES + headers.length + payload.length + CHECKSUM_BYTES;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headers.copy(message, PRELUDE_BYTES);
  payload.copy(message, PRELUDE_BYTES + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - CHECKSUM_BYTES)), total - CHECKSUM_BYTES);
  return message;
}

/** The frame with which the RPC protocols begin a stream: the members of the output that are no stream, here none. */
const INITIAL_RESPONSE: StreamEvent = { type: 'initial-response', isException: false, payload: {} };

/** Encodes events as they come. */
export async function* encodeEvents(events: AsyncIterable<StreamEvent>): AsyncGenerator<Uint8Array> {
  yield encodeEvent(INITIAL_RESPONSE);
  for await (const event of events) yield encodeEvent(event);
}

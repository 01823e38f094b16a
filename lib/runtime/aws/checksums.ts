import { hash } from 'node:crypto';
import type { WireAttribute, WireAttributes } from './sqs-api.js';

const STRING_VALUE = 1;
const BINARY_VALUE = 2;
const LENGTH_BYTES = 4;
/** Of UTF-8, per UTF-16 code unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Most attributes are hashed here, so that not every message needs a place of its own. */
const SHARED_PLACE = Buffer.allocUnsafeSlow(4_096);

/**
 * MD5 of a message's attributes as SQS states it: by name, each part with its length in front.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
function md5OfAttributes(attributes: WireAttributes): string | undefined {
  const sorted = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  const most = sorted.reduce((sum, [name, attribute]) => sum + mostCanonicalBytes(name, attribute), 0);
  const bytes = most <= SHARED_PLACE.length ? SHARED_PLACE : Buffer.allocUnsafe(most);
  let at = 0;
  for (const [name, attribute] of sorted) {
    at = writeText(bytes, at, name);
    at = writeText(bytes, at, attribute.type);
    if ('bytes' in attribute) {
      at = bytes.writeUInt8(BINARY_VALUE, at);
      at = bytes.writeUInt32BE(attribute.bytes.byteLength, at);
      bytes.set(attribute.bytes, at);
      at += attribute.bytes.byteLength;
    } else {
      at = bytes.writeUInt8(STRING_VALUE, at);
      at = writeText(bytes, at, attribute.text);
    }
  }
  return md5(bytes.subarray(0, at));
}

/** Counted by the longest that characters can be: to count exactly is to encode twice. */
function mostCanonicalBytes(name: string, attribute: WireAttribute): number {
  const texts = name.length + attribute.type.length + ('text' in attribute ? attribute.text.length : 0);
  const binary = 'bytes' in attribute ? attribute.bytes.byteLength : 0;
  return 3 * LENGTH_BYTES + 1 + MOST_BYTES_PER_UNIT * texts + binary;
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const written = bytes.write(text, at + LENGTH_BYTES);
  bytes.writeUInt32BE(written, at);
  return at + LENGTH_BYTES + written;
}

/** Undefined where the host forbids MD5 (FIPS): nothing can be said then. */
function md5(data: string | Uint8Array): string | undefined {
  try {
    return hash('md5', data);
  } catch {
    return undefined;
  }
}

/** What SQS says of a message; undefined or empty where it says nothing. */
export interface StatedChecksums {
  readonly ofBody: string | undefined;
  readonly ofAttributes: string | undefined;
}

/** Whether a message is what SQS says it is, as far as anything can be said. */
export function isIntact(
  message: { readonly body: string; readonly attributes: WireAttributes },
  stated: StatedChecksums,
): boolean {
  return (
    agree(stated.ofBody, () => md5(message.body)) &&
    agree(stated.ofAttributes, () => md5OfAttributes(message.attributes))
  );
}

function agree(stated: string | undefined, compute: () => string | undefined): boolean {
  if (stated === undefined || stated === '') return true;
  const computed = compute();
  return computed === undefined || computed === stated;
}

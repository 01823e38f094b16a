import { hash } from 'node:crypto';
import type { WireAttribute, WireAttributes } from './sqs-api.js';

const STRING_VALUE = 1;
const BINARY_VALUE = 2;
const LENGTH_BYTES = 4;

/**
 * MD5 of a message's attributes as SQS states it: by name, each part with its length in front.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
function md5OfAttributes(attributes: WireAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  const parts = names.map((name) => ({ name, attribute: attributes[name] }));
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + canonicalBytes(part), 0));
  let at = 0;
  for (const { name, attribute } of parts) {
    if (attribute === undefined) continue;
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
  return md5(bytes);
}

interface NamedAttribute {
  readonly name: string;
  readonly attribute: WireAttribute | undefined;
}

function canonicalBytes({ name, attribute }: NamedAttribute): number {
  if (attribute === undefined) return 0;
  const value = 'bytes' in attribute ? attribute.bytes.byteLength : Buffer.byteLength(attribute.text);
  return 3 * LENGTH_BYTES + 1 + Buffer.byteLength(name) + Buffer.byteLength(attribute.type) + value;
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

import { createHash, type Hash } from 'node:crypto';
import type { WireAttribute, WireAttributes } from './sqs-api.js';

const STRING_VALUE = Buffer.from([1]);
const BINARY_VALUE = Buffer.from([2]);

/** MD5 of a message's body as SQS states it; undefined where the host forbids MD5 (FIPS), since nothing can be said then. */
function md5OfBody(body: string): string | undefined {
  return newMd5()?.update(body).digest('hex');
}

/**
 * MD5 of a message's attributes as SQS states it: by name, each part with its length in front; undefined where the host
 * forbids MD5.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: WireAttributes): string | undefined {
  const md5 = newMd5();
  if (md5 === undefined) return undefined;
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (attribute !== undefined) addAttribute(md5, name, attribute);
  }
  return md5.digest('hex');
}

function addAttribute(md5: Hash, name: string, attribute: WireAttribute): void {
  addPart(md5, Buffer.from(name));
  addPart(md5, Buffer.from(attribute.type));
  if ('bytes' in attribute) {
    md5.update(BINARY_VALUE);
    addPart(md5, attribute.bytes);
  } else {
    md5.update(STRING_VALUE);
    addPart(md5, Buffer.from(attribute.text));
  }
}

function addPart(md5: Hash, part: Uint8Array): void {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(part.byteLength);
  md5.update(length).update(part);
}

function newMd5(): Hash | undefined {
  try {
    return createHash('md5');
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
    agree(stated.ofBody, () => md5OfBody(message.body)) &&
    agree(stated.ofAttributes, () => md5OfAttributes(message.attributes))
  );
}

function agree(stated: string | undefined, compute: () => string | undefined): boolean {
  if (stated === undefined || stated === '') return true;
  const computed = compute();
  return computed === undefined || computed === stated;
}

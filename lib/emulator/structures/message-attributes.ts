import { hash } from 'node:crypto';
import { isRecord } from './call-input.js';

/** One message attribute as SQS and SNS share it; binary values stay base64 text. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** Message attributes by name. */
export type MessageAttributeMap = Readonly<Record<string, MessageAttribute>>;

/** What reading a map of message attributes gave. */
export type AttributesReading =
  | { readonly kind: 'read'; readonly attributes: MessageAttributeMap; readonly bytes: number }
  | { readonly kind: 'refused'; readonly reason: string };

const NAME = /^(?!.*\.\.)[A-Za-z0-9_-](?:[A-Za-z0-9_.-]{0,254}[A-Za-z0-9_-])?$/;
const RESERVED = /^(aws|amazon)\./i;
const TYPE = /^(String|Number|Binary)(\..+)?$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** Characters outside W3C's XML set, which SQS refuses in bodies and in string values. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Most texts are plain ASCII, and this decides them at a third of the cost. */
const NOT_PLAIN = /[^\t\n\r\x20-\x7E]/;

/** True when the text has only characters SQS accepts. */
export const hasOnlyAllowedCharacters = (text: string): boolean =>
  !NOT_PLAIN.test(text) || !FORBIDDEN.test(text);

/** Looking for one foreign character takes half the time of matching the whole text. */
const NOT_BASE64 = /[^A-Za-z0-9+/=]/;

/** Bytes of base64 text once decoded; undefined when it is none. */
export function base64Bytes(text: string): number | undefined {
  if (text.length % 4 !== 0 || NOT_BASE64.test(text)) return undefined;
  const firstPad = text.indexOf('=');
  const padding = firstPad < 0 ? 0 : text.length - firstPad;
  if (padding > 2 || (padding === 2 && !text.endsWith('=='))) return undefined;
  return (text.length / 4) * 3 - padding;
}

/**
 * Checks message attributes and adds up what they weigh: name, type and value all count towards the message's size.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function readMessageAttributes(
  input: Readonly<Record<string, unknown>>,
  most = Infinity,
): AttributesReading {
  const count = Object.keys(input).length;
  if (count > most)
    return {
      kind: 'refused',
      reason: `Number of message attributes [${count}] exceeds the allowed maximum [${most}]`,
    };
  const attributes: Record<string, MessageAttribute> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(input)) {
    const reading = readAttribute(name, value);
    if (reading.kind === 'refused') return reading;
    attributes[name] = reading.attribute;
    bytes += reading.bytes;
  }
  return { kind: 'read', attributes, bytes };
}

type AttributeReading =
  | { readonly kind: 'read'; readonly attribute: MessageAttribute; readonly bytes: number }
  | { readonly kind: 'refused'; readonly reason: string };

const refused = (reason: string): AttributeReading => ({ kind: 'refused', reason });

function readAttribute(name: string, value: unknown): AttributeReading {
  if (!NAME.test(name) || RESERVED.test(name))
    return refused(`The message attribute name '${name}' is invalid`);
  if (!isRecord(value)) return refused(`The message attribute '${name}' must be a structure`);
  const type = value['DataType'];
  if (typeof type !== 'string' || type === '')
    return refused(`The message attribute '${name}' must contain a non-empty message attribute type`);
  const logical = type.length <= 256 ? TYPE.exec(type)?.[1] : undefined;
  if (logical === undefined)
    return refused(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String`,
    );
  if (hasItems(value['StringListValues']) || hasItems(value['BinaryListValues']))
    return refused(`Message attribute list values in '${name}' are not supported`);
  const base = Buffer.byteLength(name) + Buffer.byteLength(type);
  return logical === 'Binary'
    ? readBinary({ name, type, base }, value['BinaryValue'])
    : readText({ name, type, base }, logical, value['StringValue']);
}

interface AttributeHead {
  readonly name: string;
  readonly type: string;
  readonly base: number;
}

const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

const mustContain = (name: string, type: string, what: string): AttributeReading =>
  refused(
    `The message attribute '${name}' with type '${type}' must use field '${what}' and it must not be empty`,
  );

function readBinary({ name, type, base }: AttributeHead, value: unknown): AttributeReading {
  if (typeof value !== 'string' || value === '') return mustContain(name, type, 'BinaryValue');
  const bytes = base64Bytes(value);
  if (bytes === undefined) return refused(`The message attribute '${name}' is not valid base64`);
  return { kind: 'read', attribute: { DataType: type, BinaryValue: value }, bytes: base + bytes };
}

function readText({ name, type, base }: AttributeHead, logical: string, value: unknown): AttributeReading {
  if (typeof value !== 'string' || value === '') return mustContain(name, type, 'StringValue');
  if (!hasOnlyAllowedCharacters(value))
    return refused(`The message attribute '${name}' contains characters outside the allowed set`);
  if (logical === 'Number' && !NUMBER.test(value))
    return refused(`Can't cast the value of message attribute '${name}' to a number`);
  return {
    kind: 'read',
    attribute: { DataType: type, StringValue: value },
    bytes: base + Buffer.byteLength(value),
  };
}

/** MD5 of text, in hex, as SQS echoes it for every body. */
export const md5 = (text: string): string => hash('md5', text);

/**
 * The digest SQS gives for message attributes: per attribute, sorted by name, the length-prefixed name and type, one
 * byte for the transport (1 text, 2 binary) and the length-prefixed value. Undefined when there are none.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributeMap): string | undefined {
  const names = Object.keys(attributes);
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  for (const name of names.sort()) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    const isBinary = attribute.BinaryValue !== undefined;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    parts.push(Buffer.of(isBinary ? 2 : 1));
    add(isBinary ? Buffer.from(attribute.BinaryValue, 'base64') : Buffer.from(attribute.StringValue ?? ''));
  }
  return hash('md5', Buffer.concat(parts));
}

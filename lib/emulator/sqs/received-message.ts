import type { CallInput } from '../structures/call-input.js';
import { md5OfAttributes, type MessageAttribute } from '../structures/message-attributes.js';
import type { StoredMessage } from './message.js';
import { receiptHandleOf } from './receipt-handle.js';
import { sqsRefusals } from './refusals.js';

/** Makes the `Message` a receive returns, with just the attributes that were asked for. */
export type Projection = (message: StoredMessage, handlePrefix: string) => Readonly<Record<string, unknown>>;

type SystemAttribute = (message: StoredMessage) => string | undefined;

const SYSTEM_ATTRIBUTES: Readonly<Record<string, SystemAttribute>> = {
  SenderId: (message) => message.senderId,
  SentTimestamp: (message) => String(message.sentAt),
  ApproximateReceiveCount: (message) => String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: (message) => String(message.firstReceivedAt),
  MessageGroupId: (message) => message.groupId,
  MessageDeduplicationId: (message) => message.deduplicationId,
  SequenceNumber: (message) => message.sequenceNumber,
  AWSTraceHeader: (message) => message.traceHeader,
  DeadLetterQueueSourceArn: (message) => message.deadLetterSourceArn,
};

const ALL_SYSTEM_ATTRIBUTES = Object.entries(SYSTEM_ATTRIBUTES);
/** Names of queue attributes that the older member accepts, too, and answers nothing to. */
const SILENT = new Set(['SqsManagedSseEnabled']);

/** Reads which attributes a receive wants; the older `AttributeNames` counts like `MessageSystemAttributeNames`. */
export function readProjection(input: CallInput): Projection {
  const system = chooseSystemAttributes(input);
  const pick = chooseMessageAttributes(input.strings('MessageAttributeNames'));
  return (message, handlePrefix) => {
    const projected: Record<string, unknown> = {
      MessageId: message.messageId,
      ReceiptHandle: receiptHandleOf(message, handlePrefix),
      MD5OfBody: message.bodyMd5,
      Body: message.body,
    };
    if (system.length > 0) projected['Attributes'] = readSystemAttributes(message, system);
    if (pick !== undefined && message.attributes !== undefined) addAttributes(projected, message, pick);
    return projected;
  };
}

function chooseSystemAttributes(input: CallInput): readonly (readonly [string, SystemAttribute])[] {
  const names = [...input.strings('MessageSystemAttributeNames'), ...input.strings('AttributeNames')];
  if (names.length === 0) return [];
  if (names.includes('All')) return ALL_SYSTEM_ATTRIBUTES;
  return names.flatMap((name) => {
    const read = SYSTEM_ATTRIBUTES[name];
    if (read !== undefined) return [[name, read] as const];
    if (!SILENT.has(name)) input.refuse(sqsRefusals.invalidAttributeName(name));
    return [];
  });
}

function readSystemAttributes(
  message: StoredMessage,
  chosen: readonly (readonly [string, SystemAttribute])[],
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, read] of chosen) {
    const value = read(message);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Undefined for none, a predicate otherwise: exact names, `prefix.*`, `.*` or `All`. */
function chooseMessageAttributes(names: readonly string[]): ((name: string) => boolean) | undefined {
  if (names.length === 0) return undefined;
  if (names.includes('All') || names.includes('.*')) return () => true;
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -1));
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

function addAttributes(
  projected: Record<string, unknown>,
  message: StoredMessage,
  pick: (name: string) => boolean,
): void {
  const all = Object.entries(message.attributes ?? {});
  const picked = all.filter(([name]) => pick(name));
  if (picked.length === 0) return;
  const attributes: Record<string, MessageAttribute> = Object.fromEntries(picked);
  projected['MessageAttributes'] = attributes;
  projected['MD5OfMessageAttributes'] =
    picked.length === all.length ? message.attributesMd5 : md5OfAttributes(attributes);
}

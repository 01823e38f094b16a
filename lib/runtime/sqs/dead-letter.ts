import type { QueueBinding } from '../../contract/binding.js';
import { CLAIM_CHECK_ATTRIBUTES } from '../../core/claim-check/pointer.js';
import type { Envelope } from '../../contract/envelope.js';
import { limitOf } from '../../contract/limits.js';
import type { OutgoingMessage, ReceivedMessage, WireAttribute, WireAttributes } from '../aws/sqs-api.js';
import { wireBytesOf } from '../aws/wire-size.js';
import type { Poison } from './inbound.js';

/**
 * The attribute that tells why a message is in the dead-letter queue: JSON with `v` (1), `reason`, `detail`, `error`
 * (error class), `queue` (source queue's ARN), `messageId`, `receiveCount`, `type` and `id` where known, and `packed`:
 * attributes that had no room beside it (SQS takes ten), by name, as `{ type, text }` or `{ type, base64 }`.
 */
export const REASON_ATTRIBUTE = 'millrace-reason';

/** Words about the reason are cut there: issue lists of big payloads must not outgrow the message. */
const MAX_DETAIL = 1_000;

/** Where a dead letter comes from. */
interface Source {
  readonly binding: QueueBinding;
  readonly envelope?: Envelope | undefined;
}

/**
 * The message as it goes to the dead-letter queue: body and attributes untouched, the reason beside them. One that nearly
 * fills a message has room for less: it goes without the words, or as it came, since one that SQS refuses as too large
 * would hold up its group.
 */
export function deadLetterOf(message: ReceivedMessage, poison: Poison, source: Source): OutgoingMessage {
  const { binding } = source;
  const { kept, packed } = makeRoom(message.attributes);
  const details = [poison.detail.slice(0, MAX_DETAIL), ''];
  const withReason = details.map((detail): WireAttributes => {
    const text = reasonOf(message, { ...poison, detail }, { ...source, packed });
    return { ...kept, [REASON_ATTRIBUTE]: { type: 'String', text } };
  });
  const attributes =
    withReason.find(
      (each) => wireBytesOf({ body: message.body, attributes: each }) <= binding.maxMessageBytes,
    ) ?? message.attributes;
  return {
    body: message.body,
    attributes,
    ...(message.group !== undefined && { group: message.group }),
    // The source's message id: a second try, after a delete that failed, is swallowed by the FIFO queue.
    ...(binding.fifo && { group: message.group ?? message.messageId, deduplicationId: message.messageId }),
  };
}

function reasonOf(
  message: ReceivedMessage,
  poison: Poison,
  { binding, envelope, packed }: Source & Pick<Room, 'packed'>,
): string {
  return JSON.stringify({
    v: 1,
    reason: poison.reason,
    detail: poison.detail,
    ...(poison.errorClass !== undefined && { error: poison.errorClass }),
    queue: binding.arn,
    messageId: message.messageId,
    receiveCount: message.receiveCount,
    ...(envelope && { type: envelope.type, id: envelope.id }),
    ...(packed && { packed }),
  });
}

interface Room {
  readonly kept: WireAttributes;
  readonly packed?: Readonly<Record<string, { type: string; text?: string; base64?: string }>> | undefined;
}

/** Ours and those of a claim check stay readable for a redrive; of the others, the last ones move into the reason if all ten places are taken. */
function makeRoom(attributes: WireAttributes): Room {
  const entries = Object.entries(attributes).filter(([name]) => name !== REASON_ATTRIBUTE);
  const tooMany = entries.length + 1 - limitOf('sqs.message.maxAttributes');
  if (tooMany <= 0) return { kept: Object.fromEntries(entries) };
  const foreign = entries.filter(
    ([name]) => !name.startsWith('millrace-') && !CLAIM_CHECK_ATTRIBUTES.includes(name),
  );
  const moved = foreign.slice(-tooMany);
  const movedNames = new Set(moved.map(([name]) => name));
  return {
    kept: Object.fromEntries(entries.filter(([name]) => !movedNames.has(name))),
    packed: Object.fromEntries(moved.map(([name, attribute]) => [name, pack(attribute)])),
  };
}

function pack(attribute: WireAttribute): { type: string; text?: string; base64?: string } {
  return 'bytes' in attribute
    ? { type: attribute.type, base64: Buffer.from(attribute.bytes).toString('base64') }
    : { type: attribute.type, text: attribute.text };
}

import { randomUUID } from 'node:crypto';
import {
  encodePointer,
  PAYLOAD_SIZE_ATTRIBUTE,
  type PayloadPointer,
} from '../../core/claim-check/pointer.js';
import type { OutgoingMessage } from '../aws/sqs-api.js';
import type { CompiledClaimCheck } from './claim-check-options.js';
import type { ObjectStore } from './object-store.js';
import { storedFormOf } from './payload-writing.js';

/** A payload that is to be left in S3, and the key it will have there. */
export interface Offload {
  readonly pointer: PayloadPointer;
  readonly text: string;
  readonly bytes: number;
}

/** A message with a pointer in place of its payload, and the payload to store before it is sent. */
export interface OffloadedMessage {
  readonly outgoing: OutgoingMessage;
  readonly offload: Offload;
}

/** Puts a pointer in the place of a message's payload. The key can't be guessed, so that knowing one opens no other. */
export function offloadPayload(message: OutgoingMessage, claimCheck: CompiledClaimCheck): OffloadedMessage {
  const { bucket, prefix } = claimCheck;
  const bytes = Buffer.byteLength(message.body);
  const pointer = { bucket, key: `${prefix}${randomUUID()}` };
  const size = { [PAYLOAD_SIZE_ATTRIBUTE]: { type: 'Number', text: String(bytes) } };
  return {
    outgoing: { ...message, body: encodePointer(pointer), attributes: { ...message.attributes, ...size } },
    offload: { pointer, text: message.body, bytes },
  };
}

/** Stores a payload. Its message may be sent after this and not before, or it would point to nothing. */
export async function storePayload(
  store: ObjectStore,
  { pointer, text }: Offload,
  { compression, limits }: CompiledClaimCheck,
): Promise<void> {
  await store.put({ ...pointer, ...(await storedFormOf(text, compression, limits)) });
}

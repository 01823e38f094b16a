import type { StoredMessage } from './message.js';

/** What a receipt handle says: which queue, which message, and which receive of it. */
export interface Receipt {
  readonly incarnation: string;
  readonly number: number;
  readonly receipt: number;
}

const HANDLE = /^AQEB([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)$/;

/** The receipt handle of a message's latest receive; a new one is made by every receive. */
export const receiptHandleOf = (message: StoredMessage, incarnation: string): string =>
  `AQEB${incarnation}.${message.number.toString(36)}.${message.receipt.toString(36)}`;

/** Reads a receipt handle; undefined for text that never was one. */
export function parseReceiptHandle(handle: string): Receipt | undefined {
  const match = HANDLE.exec(handle);
  if (match === null) return undefined;
  return {
    incarnation: match[1] ?? '',
    number: Number.parseInt(match[2] ?? '', 36),
    receipt: Number.parseInt(match[3] ?? '', 36),
  };
}

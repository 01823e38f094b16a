import type { StoredMessage } from './message.js';

/** What a receipt handle says besides its queue: which message, and which receive of it. */
export interface Receipt {
  readonly number: number;
  readonly receipt: number;
}

/** What all receipt handles of one life of a queue begin with. */
export const handlePrefix = (incarnation: string): string => `AQEB${incarnation}.`;

/** The receipt handle of a message's latest receive; a new one is made by every receive. */
export const receiptHandleOf = (message: StoredMessage, prefix: string): string =>
  `${prefix}${message.number.toString(36)}.${message.receipt.toString(36)}`;

/** Reads a receipt handle; undefined for text that never was one of this queue. */
export function parseReceiptHandle(handle: string, prefix: string): Receipt | undefined {
  if (!handle.startsWith(prefix)) return undefined;
  const dot = handle.indexOf('.', prefix.length);
  const number = Number.parseInt(handle.slice(prefix.length, dot), 36);
  const receipt = Number.parseInt(handle.slice(dot + 1), 36);
  return dot < 0 || Number.isNaN(number) || Number.isNaN(receipt) ? undefined : { number, receipt };
}

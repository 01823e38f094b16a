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
  `${prefix}${message.number}.${message.receipt}`;

/** Reads a receipt handle; undefined for text that never was one of this queue. */
export function parseReceiptHandle(handle: string, prefix: string): Receipt | undefined {
  if (!handle.startsWith(prefix)) return undefined;
  const dot = handle.indexOf('.', prefix.length);
  const number = readDigits(handle, prefix.length, dot);
  const receipt = readDigits(handle, dot + 1, handle.length);
  return number === undefined || receipt === undefined ? undefined : { number, receipt };
}

/** Reads the decimal digits between two places, without cutting them out; undefined for anything else. */
function readDigits(text: string, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

const ZERO = 48;

import { pipeline } from 'node:stream/promises';
import { decideExpansion, type ExpansionLimits } from '../../core/claim-check/expansion.js';
import type { ObjectToStore } from './object-store.js';
import { codecOf, type PayloadCompression } from './compression.js';

/** A payload in the form it is stored in. */
export type StoredForm = Pick<ObjectToStore, 'bytes' | 'contentEncoding'>;

/**
 * Makes the stored form of a payload. What does not shrink, or shrinks so far that a reader would take it for a
 * decompression bomb, is stored as it is.
 */
export async function storedFormOf(
  text: string,
  compression: PayloadCompression,
  limits: ExpansionLimits,
): Promise<StoredForm> {
  const codec = compression === 'none' ? undefined : codecOf(compression);
  if (codec === undefined) return { bytes: Buffer.from(text) };
  const compressed: Uint8Array[] = [];
  await pipeline(utf8Chunks(text), codec.compress(), async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) compressed.push(chunk);
  });
  const bytes = Buffer.concat(compressed);
  const expandedBytes = Buffer.byteLength(text);
  const isWorthIt = bytes.length < expandedBytes;
  const isReadable = decideExpansion({ storedBytes: bytes.length, expandedBytes }, limits) === 'fine';
  return isWorthIt && isReadable ? { bytes, contentEncoding: compression } : { bytes: Buffer.from(text) };
}

const CHUNK_LENGTH = 65_536;

/** The text in pieces of UTF-8, so that it is never there twice as a whole; a surrogate pair is never cut. */
function* utf8Chunks(text: string): Generator<Buffer> {
  for (let start = 0, end: number; start < text.length; start = end) {
    end = Math.min(start + CHUNK_LENGTH, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end += 1;
    yield Buffer.from(text.slice(start, end));
  }
}

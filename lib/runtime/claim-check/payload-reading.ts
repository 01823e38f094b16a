import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { decideExpansion, type ExpansionLimits } from '../../core/claim-check/expansion.js';
import { codecOf } from './compression.js';
import type { StoredObject } from './object-store.js';

/** A payload that was read, or why it can never be. */
export type ReadPayload =
  | { readonly kind: 'text'; readonly text: string; readonly hash: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Stored in a way this Node can't read; another one may. */
  | { readonly kind: 'unsupported'; readonly encoding: string };

/**
 * Reads a stored payload as it arrives: expanded, hashed and counted chunk by chunk, ended at the first byte too many.
 * @throws what the connection threw: a payload that breaks off on the way is read again
 */
export async function readStored(stored: StoredObject, limits: ExpansionLimits): Promise<ReadPayload> {
  const encoding = stored.contentEncoding ?? '';
  const codec = codecOf(encoding);
  if (codec === undefined && encoding !== '' && encoding !== 'identity')
    return { kind: 'unsupported', encoding };
  const collector = new Collector(limits);
  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      collector.storedBytes += chunk.length;
      yield chunk;
    }
  };
  const collect = (chunks: AsyncIterable<Uint8Array>): Promise<void> => collector.collect(chunks);
  try {
    if (codec === undefined) await pipeline(stored.chunks, count, collect);
    else await pipeline(stored.chunks, count, codec.expand(), collect);
  } catch (error) {
    const reason = collector.refusal ?? damageOf(error);
    if (reason === undefined) throw error;
    return { kind: 'refused', reason };
  }
  return { kind: 'text', ...collector.result() };
}

/** Takes the chunks of a payload in, and says when it has become too much. */
class Collector {
  storedBytes = 0;
  refusal: string | undefined;
  readonly #limits: ExpansionLimits;
  readonly #hash = createHash('sha256');
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #pieces: string[] = [];
  #expandedBytes = 0;

  constructor(limits: ExpansionLimits) {
    this.#limits = limits;
  }

  async collect(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      this.#expandedBytes += chunk.length;
      this.#check();
      this.#hash.update(chunk);
      this.#pieces.push(this.#decoder.decode(chunk, { stream: true }));
    }
    this.#pieces.push(this.#decoder.decode());
  }

  result(): { readonly text: string; readonly hash: string } {
    return { text: this.#pieces.join(''), hash: this.#hash.digest('base64url') };
  }

  #check(): void {
    const { maxBytes, maxRatio } = this.#limits;
    const read = { storedBytes: this.storedBytes, expandedBytes: this.#expandedBytes };
    const decision = decideExpansion(read, this.#limits);
    if (decision === 'fine') return;
    this.refusal =
      decision === 'too-large'
        ? `the payload has more than ${maxBytes} bytes: raise claimCheck.maxPayloadBytes, if it is to be taken`
        : `the payload grows to more than ${maxRatio} times its stored size: raise claimCheck.maxRatio, if it is to be taken`;
    throw new RangeError(this.refusal); // ends the pipeline, and the transfer with it
  }
}

/** What is wrong with bytes that can't be read by anybody; undefined for what may go well next time. */
function damageOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return undefined;
  if (/^(Z_|ZSTD_)/.test(code)) return `the stored payload is not what its content encoding says (${code})`;
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'the stored payload is no UTF-8 text' : undefined;
}

import type { PayloadPointer } from '../../core/claim-check/pointer.js';
import { MillraceError } from '../../core/errors.js';
import { classifyAwsError } from '../aws/errors.js';
import type { CompiledClaimCheckReading } from './claim-check-options.js';
import type { ObjectStore } from './object-store.js';
import { readStored } from './payload-reading.js';

/** What a claim check was worth. */
export type Redeemed =
  | { readonly kind: 'text'; readonly text: string; readonly hash: string }
  | { readonly kind: 'missing'; readonly reason: string }
  /** It can never be read. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What a reader is made of. */
export interface ClaimCheckReaderParts {
  readonly store: ObjectStore;
  readonly settings: CompiledClaimCheckReading;
}

/** A claim check as it came. */
export interface ClaimCheck {
  /** Undefined where the body is no pointer. */
  readonly pointer: PayloadPointer | undefined;
  /** What the message says of the payload's size. */
  readonly declaredBytes: number;
  /** What the envelope says of the payload. */
  readonly hash: string | undefined;
}

/**
 * Reads the payload a message points to, from the known buckets only: whoever can send a message must not be able to
 * choose what the worker reads with its role.
 * @throws {CLAIM_CHECK_UNAVAILABLE} S3 can't be asked now; that says nothing about the payload
 */
export async function redeem(
  { pointer, declaredBytes, hash }: ClaimCheck,
  { store, settings }: ClaimCheckReaderParts,
  signal: AbortSignal,
): Promise<Redeemed> {
  const { buckets, limits } = settings;
  if (pointer === undefined) return refused('the body is no pointer, though an attribute says so');
  const { bucket } = pointer;
  if (!buckets.includes(bucket))
    return refused(
      `it points to bucket '${bucket}', and this queue reads from ${buckets.join(', ')} only: name it in claimCheck.buckets, if it is to be trusted`,
    );
  if (declaredBytes > limits.maxBytes)
    return refused(
      `the payload has ${declaredBytes} bytes, at most ${limits.maxBytes} are taken: raise claimCheck.maxPayloadBytes, if it is to be taken`,
    );
  try {
    const stored = await store.get(pointer, signal);
    if (stored === undefined)
      return {
        kind: 'missing',
        reason: `there is no such payload in bucket '${bucket}': expired or deleted`,
      };
    const read = await readStored(stored, limits);
    if (read.kind === 'unsupported') throw unsupported(read.encoding);
    if (read.kind === 'text' && hash !== undefined && read.hash !== hash)
      return refused('the payload is not the one that was published: its hash differs from the envelope');
    return read;
  } catch (error) {
    throw unavailable(error, bucket);
  }
}

const refused = (reason: string): Redeemed => ({ kind: 'refused', reason });

function unsupported(encoding: string): MillraceError {
  return new MillraceError(
    'CLAIM_CHECK_UNAVAILABLE',
    `a payload is stored as '${encoding}', which Node ${process.version} can't read (gzip can be read by all, zstd from 22.15 on): run the worker on a newer Node, or let the publisher use 'gzip'`,
  );
}

function unavailable(error: unknown, bucket: string): unknown {
  if (error instanceof MillraceError) return error;
  const { kind, name } = classifyAwsError(error);
  return new MillraceError(
    'CLAIM_CHECK_UNAVAILABLE',
    `a payload in bucket '${bucket}' can't be read now (${kind}: ${name}); the message comes back: check the bucket, and that the worker's role has the construct's grant`,
    { cause: error },
  );
}

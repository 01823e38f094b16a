import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ApiFault } from '../engine.js';
import { s3Refusals } from './refusals.js';

/** A checksum that came with an object, as S3's header names it: `crc32`, `sha256`, … */
export interface Checksum {
  readonly algorithm: string;
  /** Base64. */
  readonly value: string;
}

const MD5_BYTES = 16;

const COMPUTED: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  crc32: (bytes) => {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(crc32(bytes));
    return value.toString('base64');
  },
  sha1: (bytes) => createHash('sha1').update(bytes).digest('base64'),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('base64'),
};

/** S3's ETag of an object of one part: the MD5 of its bytes, in quotes. */
export const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** What is wrong with a body, by the checksums that came with it. */
export function checksumFault(
  bytes: Uint8Array,
  { checksum, md5 }: { readonly checksum: Checksum | undefined; readonly md5: string | undefined },
): ApiFault | undefined {
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== MD5_BYTES) return s3Refusals.invalidDigest();
  if (md5 !== undefined && createHash('md5').update(bytes).digest('base64') !== md5)
    return s3Refusals.badDigest('Content-MD5');
  if (checksum === undefined) return undefined;
  const compute = COMPUTED[checksum.algorithm];
  if (compute === undefined) return s3Refusals.notImplemented(`checksums by ${checksum.algorithm}`);
  return compute(bytes) === checksum.value ? undefined : s3Refusals.badDigest(checksum.algorithm);
}

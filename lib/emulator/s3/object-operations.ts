import { isRecord } from '../structures/call-input.js';
import type { ApiFault, ApiResult } from '../engine.js';
import { answered, onBucket, refused, textOf, type BucketCall, type S3Input } from './account.js';
import type { StoredObject } from './bucket.js';
import { checksumFault, etagOf, type Checksum } from './checksums.js';
import { s3Refusals } from './refusals.js';

const MAX_KEY_BYTES = 1_024;
const MAX_METADATA_BYTES = 2_048;
const MAX_DELETES = 1_000;

/** Stores an object, whole and at once; a key that is taken is overwritten unless a condition forbids it. */
export const putObject = onBucket(({ bucket, input, now }) => {
  const key = textOf(input, 'Key') ?? '';
  const bytes = bytesOf(input);
  const metadata = stringsOf(input['Metadata']);
  const fault =
    putFault(key, metadata) ??
    checksumFault(bytes, { checksum: checksumOf(input), md5: textOf(input, 'ContentMD5') }) ??
    putConditionFault(bucket.get(key), input);
  if (fault !== undefined) return refused(fault);
  const object: StoredObject = {
    key,
    bytes,
    etag: etagOf(bytes),
    lastModified: now,
    checksum: checksumOf(input),
    headers: stringsOf(input['Headers']),
    metadata,
  };
  bucket.put(object);
  return answered({ ETag: object.etag, Checksum: object.checksum });
});

function putFault(key: string, metadata: Readonly<Record<string, string>>): ApiFault | undefined {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return s3Refusals.keyTooLong();
  const metadataBytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  return metadataBytes > MAX_METADATA_BYTES ? s3Refusals.metadataTooLarge() : undefined;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function putConditionFault(existing: StoredObject | undefined, input: S3Input): ApiFault | undefined {
  const [noneMatch, match] = [textOf(input, 'IfNoneMatch'), textOf(input, 'IfMatch')];
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') return s3Refusals.notImplemented(`PutObject with If-None-Match: ${noneMatch}`);
    if (existing !== undefined) return s3Refusals.preconditionFailed();
  }
  if (match === undefined) return undefined;
  if (existing === undefined) return s3Refusals.noSuchKey();
  return matches(existing.etag, match) ? undefined : s3Refusals.preconditionFailed();
}

/** Reads an object or a range of it. */
export const getObject = onBucket((call) => {
  const found = findObject(call);
  if ('fault' in found) return refused(found.fault);
  const range = rangeOf(textOf(call.input, 'Range'), found.object.bytes.length);
  if (range === 'unsatisfiable') return refused(s3Refusals.invalidRange());
  const { bytes } = found.object;
  if (range === undefined) return answered({ ...describe(found.object, call.input), Body: bytes });
  const [first, last] = range;
  return answered({
    ...describe(found.object, call.input),
    Checksum: undefined, // it is the whole object's
    Body: bytes.subarray(first, last + 1),
    ContentLength: last - first + 1,
    ContentRange: `bytes ${first}-${last}/${bytes.length}`,
  });
});

/** Tells what is known of an object. */
export const headObject = onBucket((call) => {
  const found = findObject(call);
  return 'fault' in found ? refused(found.fault) : answered(describe(found.object, call.input));
});

/** Deletes an object; one that is not there is deleted just as well. */
export const deleteObject = onBucket(({ bucket, input }) => {
  bucket.delete(textOf(input, 'Key') ?? '');
  return answered();
});

/** Deletes up to a thousand objects; the request must carry a checksum. */
export const deleteObjects = onBucket(({ bucket, input }): ApiResult => {
  const keys = Array.isArray(input['Keys']) ? (input['Keys'] as readonly string[]) : [];
  const [checksum, md5] = [checksumOf(input), textOf(input, 'ContentMD5')];
  if (checksum === undefined && md5 === undefined) return refused(s3Refusals.missingChecksum());
  const fault = checksumFault(bytesOf(input), { checksum, md5 });
  if (fault !== undefined) return refused(fault);
  if (keys.length === 0 || keys.length > MAX_DELETES) return refused(s3Refusals.malformedXml());
  for (const key of keys) bucket.delete(key);
  return answered({ Deleted: input['Quiet'] === true ? [] : keys });
});

function findObject({
  bucket,
  input,
}: BucketCall): { readonly object: StoredObject } | { readonly fault: ApiFault } {
  const object = bucket.get(textOf(input, 'Key') ?? '');
  if (object === undefined) return { fault: s3Refusals.noSuchKey() };
  const [match, noneMatch] = [textOf(input, 'IfMatch'), textOf(input, 'IfNoneMatch')];
  if (match !== undefined && !matches(object.etag, match)) return { fault: s3Refusals.preconditionFailed() };
  if (noneMatch !== undefined && matches(object.etag, noneMatch)) return { fault: s3Refusals.notModified() };
  return { object };
}

const matches = (etag: string, wanted: string): boolean =>
  wanted === '*' || wanted.split(',').some((one) => one.trim().replace(/"/g, '') === etag.replace(/"/g, ''));

function describe(object: StoredObject, input: S3Input): Readonly<Record<string, unknown>> {
  return {
    ETag: object.etag,
    LastModified: object.lastModified,
    ContentLength: object.bytes.length,
    Headers: object.headers,
    Metadata: object.metadata,
    ...(input['ChecksumMode'] === 'ENABLED' && { Checksum: object.checksum }),
  };
}

/** The first and last byte of a range; undefined where the whole is to be given, as for several ranges or a broken one. */
function rangeOf(
  header: string | undefined,
  size: number,
): readonly [first: number, last: number] | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : [size - length, size - 1];
  }
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < Number(from)) return undefined;
  return Number(from) >= size ? 'unsatisfiable' : [Number(from), last];
}

const bytesOf = (input: S3Input): Uint8Array =>
  input['Body'] instanceof Uint8Array ? input['Body'] : new Uint8Array();

const stringsOf = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value) ? (value as Readonly<Record<string, string>>) : {};

const checksumOf = (input: S3Input): Checksum | undefined =>
  isRecord(input['Checksum']) ? (input['Checksum'] as unknown as Checksum) : undefined;

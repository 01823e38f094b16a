import type { WireRequest } from './wire.js';

/** What an S3 request is about, before its operation is known. */
export interface S3Address {
  /** Empty for calls about the account. */
  readonly bucket: string;
  /** Empty for calls about a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** Hosts under which a bucket's name may stand, e.g. `payloads.localhost` and `payloads.s3.eu-west-1.localhost`. */
const VIRTUAL_HOST = /^(.+?)(?:\.s3(?:[.-][a-z0-9-]+)?)?\.localhost(?::\d+)?$/;

/**
 * Whether a request is for S3. Its paths are names people choose, so the scope of the signature decides, in the header or
 * in a presigned address; buckets here are not public.
 */
export function isS3Request({ headers, path }: WireRequest): boolean {
  const authorization = headers['authorization'] ?? '';
  return /\/s3(?:express)?\/aws4_request/.test(authorization) || /X-Amz-Credential=[^&]*%2Fs3%2F/i.test(path);
}

/** Finds bucket and key, in the path or in the host's name. Undefined for a path with broken escapes. */
export function s3AddressOf({ headers, path }: WireRequest): S3Address | undefined {
  const question = path.indexOf('?');
  const query = new URLSearchParams(question === -1 ? '' : path.slice(question + 1));
  const bare = (question === -1 ? path : path.slice(0, question)).slice(1);
  const named = VIRTUAL_HOST.exec(headers['host'] ?? '')?.[1];
  const slash = bare.indexOf('/');
  const inPath =
    slash === -1 ? { bucket: bare, key: '' } : { bucket: bare.slice(0, slash), key: bare.slice(slash + 1) };
  const { bucket, key } = named === undefined || named === 's3' ? inPath : { bucket: named, key: bare };
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key), query };
  } catch {
    return undefined;
  }
}

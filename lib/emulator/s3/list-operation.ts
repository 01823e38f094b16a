import { answered, onBucket, refused, textOf } from './account.js';
import type { StoredObject } from './bucket.js';
import { s3Refusals } from './refusals.js';

const MAX_KEYS = 1_000;

type Entry =
  | { readonly kind: 'object'; readonly at: string; readonly object: StoredObject }
  /** Keys that share all up to a delimiter, as one. */
  | { readonly kind: 'prefix'; readonly at: string };

/** Lists keys in pages, by prefix, with what lies behind a delimiter folded. */
export const listObjects = onBucket(({ bucket, input }) => {
  const [prefix, delimiter] = [textOf(input, 'Prefix') ?? '', textOf(input, 'Delimiter') ?? ''];
  const token = textOf(input, 'ContinuationToken');
  const maxKeys = textOf(input, 'MaxKeys') ?? String(MAX_KEYS);
  if (!/^\d+$/.test(maxKeys)) return refused(s3Refusals.invalidArgument('Provided max-keys not an integer'));
  if (token === '')
    return refused(s3Refusals.invalidArgument('The continuation token provided is incorrect'));
  const after = token === undefined ? (textOf(input, 'StartAfter') ?? '') : decodeToken(token);
  const limit = Math.min(Number(maxKeys), MAX_KEYS);
  const found = entriesOf(bucket.inOrder(), prefix, delimiter).filter(({ at }) => isAfter(at, after));
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit && limit > 0;
  return answered({
    Name: textOf(input, 'Bucket'),
    Prefix: prefix,
    ...(delimiter !== '' && { Delimiter: delimiter }),
    MaxKeys: limit,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    ...(token !== undefined && { ContinuationToken: token }),
    ...(isTruncated && { NextContinuationToken: encodeToken(page.at(-1)?.at ?? '') }),
    Contents: page.flatMap((entry) => (entry.kind === 'object' ? [entry.object] : [])),
    CommonPrefixes: page.flatMap((entry) => (entry.kind === 'prefix' ? [entry.at] : [])),
  });
});

function entriesOf(objects: readonly StoredObject[], prefix: string, delimiter: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const last = entries.at(-1);
    if (end === -1) entries.push({ kind: 'object', at: object.key, object });
    else {
      const at = object.key.slice(0, end + delimiter.length);
      if (last?.kind !== 'prefix' || last.at !== at) entries.push({ kind: 'prefix', at });
    }
  }
  return entries;
}

const isAfter = (at: string, after: string): boolean =>
  after === '' || Buffer.compare(Buffer.from(at), Buffer.from(after)) > 0;

const encodeToken = (at: string): string => Buffer.from(at).toString('base64url');
const decodeToken = (token: string): string => Buffer.from(token, 'base64url').toString();

import type { ApiFault } from '../engine.js';
import type { StoredObject } from '../s3/bucket.js';
import type { Checksum } from '../s3/checksums.js';
import type { LifecycleRule } from '../s3/lifecycle.js';
import type { WireResponse } from './wire.js';
import { escapeXml } from './xml.js';

type Output = Readonly<Record<string, unknown>>;

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Operations that answer without a body, and with which status. */
const EMPTY_STATUS: Readonly<Record<string, number>> = {
  DeleteBucket: 204,
  DeleteBucketLifecycle: 204,
  DeleteObject: 204,
};

/** Encodes an answer of the engine: objects as they are, lists as XML, all else in headers. */
export function encodeS3Output(operation: string, output: Output, requestId: string): WireResponse {
  const headers = { 'x-amz-request-id': requestId, ...headersOf(output) };
  switch (operation) {
    case 'GetObject':
      return {
        status: output['ContentRange'] === undefined ? 200 : 206,
        headers,
        body: output['Body'] instanceof Uint8Array ? output['Body'] : '',
      };
    case 'ListObjectsV2':
      return xml(headers, 'ListBucketResult', listing(output));
    case 'DeleteObjects':
      return xml(
        headers,
        'DeleteResult',
        (output['Deleted'] as readonly string[])
          .map((key) => `<Deleted>${element('Key', key)}</Deleted>`)
          .join(''),
      );
    case 'GetBucketLifecycleConfiguration':
      return xml(
        headers,
        'LifecycleConfiguration',
        (output['Rules'] as readonly LifecycleRule[]).map(lifecycleRule).join(''),
      );
    default:
      return { status: EMPTY_STATUS[operation] ?? 200, headers, body: '' };
  }
}

/** Encodes a refusal. */
export function encodeS3Fault(fault: ApiFault, requestId: string): WireResponse {
  const { code, message, status } = fault;
  const isBare = status === 304;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${element('Code', code)}${element('Message', message)}${element('RequestId', requestId)}</Error>`;
  return {
    status,
    headers: { 'x-amz-request-id': requestId, ...(!isBare && { 'content-type': 'application/xml' }) },
    body: isBare ? '' : body,
  };
}

function headersOf(output: Output): Record<string, string> {
  const { ETag, LastModified, ContentLength, ContentRange, Location, BucketRegion } = output;
  const checksum = output['Checksum'] as Checksum | undefined;
  const metadata = Object.entries((output['Metadata'] ?? {}) as Readonly<Record<string, string>>);
  return {
    ...(output['Headers'] as Readonly<Record<string, string>> | undefined),
    ...Object.fromEntries(metadata.map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...(typeof ETag === 'string' && { etag: ETag }),
    ...(typeof LastModified === 'number' && {
      'last-modified': new Date(LastModified).toUTCString(),
      'accept-ranges': 'bytes',
    }),
    ...(typeof ContentLength === 'number' && { 'content-length': String(ContentLength) }),
    ...(typeof ContentRange === 'string' && { 'content-range': ContentRange }),
    ...(typeof Location === 'string' && { location: Location }),
    ...(typeof BucketRegion === 'string' && { 'x-amz-bucket-region': BucketRegion }),
    ...(checksum && {
      [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
      'x-amz-checksum-type': 'FULL_OBJECT',
    }),
  };
}

function listing(output: Output): string {
  const scalars = [
    'Name',
    'Prefix',
    'Delimiter',
    'MaxKeys',
    'KeyCount',
    'IsTruncated',
    'ContinuationToken',
    'NextContinuationToken',
  ].flatMap((name) => {
    const value = output[name] as string | number | boolean | undefined;
    return value === undefined ? [] : [element(name, String(value))];
  });
  const contents = (output['Contents'] as readonly StoredObject[]).map(
    ({ key, lastModified, etag, bytes }) =>
      `<Contents>${element('Key', key)}${element('LastModified', new Date(lastModified).toISOString())}${element('ETag', etag)}${element('Size', String(bytes.length))}<StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const prefixes = (output['CommonPrefixes'] as readonly string[]).map(
    (prefix) => `<CommonPrefixes>${element('Prefix', prefix)}</CommonPrefixes>`,
  );
  return [...scalars, ...contents, ...prefixes].join('');
}

function lifecycleRule({
  id,
  isEnabled,
  prefix,
  expirationDays,
  abortUploadsAfterDays,
}: LifecycleRule): string {
  const expiration =
    expirationDays === undefined ? '' : `<Expiration>${element('Days', String(expirationDays))}</Expiration>`;
  const abort =
    abortUploadsAfterDays === undefined
      ? ''
      : `<AbortIncompleteMultipartUpload>${element('DaysAfterInitiation', String(abortUploadsAfterDays))}</AbortIncompleteMultipartUpload>`;
  return `<Rule>${element('ID', id)}<Filter>${element('Prefix', prefix)}</Filter>${element('Status', isEnabled ? 'Enabled' : 'Disabled')}${expiration}${abort}</Rule>`;
}

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

const xml = (headers: Readonly<Record<string, string>>, root: string, content: string): WireResponse => ({
  status: 200,
  headers: { ...headers, 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${content}</${root}>`,
});

import { createHash } from 'node:crypto';
import type { ApiFault } from '../engine.js';
import type { Checksum } from '../s3/checksums.js';
import { s3Refusals } from '../s3/refusals.js';
import { dechunk } from './aws-chunked.js';
import { s3AddressOf } from './s3-address.js';
import { s3OperationOf } from './s3-operations.js';
import type { WireRequest } from './wire.js';
import { childOf, childText, parseXml, type XmlElement } from './xml.js';

/** A request as a call of the S3 engine; `fault` is what the protocol itself has to refuse. */
export interface S3Request {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly fault?: ApiFault;
}

type Headers = WireRequest['headers'];

/** Headers that an object keeps and gives back. */
const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Headers that say nothing which would have to be done. */
const HARMLESS = [
  /^x-amz-(content-sha256|date|security-token|user-agent|decoded-content-length|trailer)$/,
  /^x-amz-(expected-bucket-owner|checksum-.*|sdk-checksum-algorithm|meta-.*|request-payer)$/,
];
/** Settings that every bucket here has anyway. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'x-amz-storage-class': 'STANDARD',
  'x-amz-server-side-encryption': 'AES256',
  'x-amz-object-ownership': 'BucketOwnerEnforced',
  'x-amz-acl': 'private',
};

/** Reads an S3 request: its operation from method, path and query, its input from headers and body. */
export function readS3Request(request: WireRequest): S3Request {
  const { headers, method } = request;
  const address = s3AddressOf(request);
  if (address === undefined)
    return { operation: method, input: {}, fault: s3Refusals.invalidArgument("The path can't be decoded") };
  const operation = s3OperationOf(method, address, headers['x-amz-copy-source'] !== undefined);
  const named = { Bucket: address.bucket, ...(address.key !== '' && { Key: address.key }) };
  const unknown = Object.keys(headers).find((name) => !isUnderstood(name, headers[name]));
  if (unknown !== undefined)
    return { operation, input: named, fault: s3Refusals.notImplemented(`${operation} with ${unknown}`) };
  const body = readBody(request);
  if ('fault' in body) return { operation, input: named, fault: body.fault };
  const input = { ...named, ...inputOf(operation, { headers, query: address.query, ...body }) };
  return 'isMalformed' in input
    ? { operation, input: named, fault: s3Refusals.malformedXml() }
    : { operation, input };
}

const isUnderstood = (name: string, value: string | undefined): boolean =>
  !name.startsWith('x-amz-') || HARMLESS.some((form) => form.test(name)) || DEFAULTS[name] === value;

interface Content {
  readonly bytes: Uint8Array;
  readonly checksum: Checksum | undefined;
}

function readBody({
  headers,
  body,
  bytes = Buffer.from(body),
}: WireRequest): Content | { readonly fault: ApiFault } {
  const hash = headers['x-amz-content-sha256'] ?? '';
  if (!hash.startsWith('STREAMING-')) {
    const isRight = !/^[0-9a-f]{64}$/.test(hash) || createHash('sha256').update(bytes).digest('hex') === hash;
    return isRight ? { bytes, checksum: checksumIn(headers) } : { fault: s3Refusals.hashMismatch() };
  }
  const dechunked = dechunk(bytes);
  const length = headers['x-amz-decoded-content-length'];
  if (dechunked === undefined || String(dechunked.bytes.length) !== length)
    return { fault: s3Refusals.incompleteBody() };
  return { bytes: dechunked.bytes, checksum: checksumIn({ ...headers, ...dechunked.trailers }) };
}

const NO_ALGORITHMS: ReadonlySet<string> = new Set(['mode', 'type', 'algorithm']);

function checksumIn(headers: Headers): Checksum | undefined {
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
    if (algorithm !== undefined && value !== undefined && !NO_ALGORITHMS.has(algorithm))
      return { algorithm, value };
  }
  return undefined;
}

interface Decoded extends Content {
  readonly headers: Headers;
  readonly query: URLSearchParams;
}

function inputOf(operation: string, decoded: Decoded): Readonly<Record<string, unknown>> {
  const { headers, query, bytes, checksum } = decoded;
  const shared = {
    ExpectedBucketOwner: headers['x-amz-expected-bucket-owner'],
    IfMatch: headers['if-match'],
    IfNoneMatch: headers['if-none-match'],
    ContentMD5: headers['content-md5'],
    Checksum: checksum,
  };
  switch (operation) {
    case 'PutObject':
      return { ...shared, Body: bytes, Headers: keptHeaders(headers), Metadata: metadataIn(headers) };
    case 'GetObject':
    case 'HeadObject':
      return { ...shared, Range: headers['range'], ChecksumMode: headers['x-amz-checksum-mode'] };
    case 'ListObjectsV2':
      return {
        ...shared,
        Prefix: query.get('prefix'),
        Delimiter: query.get('delimiter'),
        StartAfter: query.get('start-after'),
        ContinuationToken: query.get('continuation-token'),
        MaxKeys: query.get('max-keys'),
      };
    case 'CreateBucket':
      return bytes.length === 0 ? shared : { ...shared, ...fromXml(bytes, locationIn) };
    case 'DeleteObjects':
      return { ...shared, Body: bytes, ...fromXml(bytes, deletesIn) };
    case 'PutBucketLifecycleConfiguration':
      return { ...shared, ...fromXml(bytes, lifecycleIn) };
    default:
      return shared;
  }
}

function keptHeaders(headers: Headers): Readonly<Record<string, string>> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers[name];
    if (value === undefined) return [];
    // The chunks were taken off; they are no property of the object.
    const own =
      name === 'content-encoding'
        ? value.replace(/(^|,)\s*aws-chunked\s*(?=,|$)/, '').replace(/^,\s*/, '')
        : value;
    return own === '' ? [] : [[name, own] as const];
  });
  return Object.fromEntries(kept);
}

const META = 'x-amz-meta-';

const metadataIn = (headers: Headers): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(META) && value !== undefined ? [[name.slice(META.length), value]] : [],
    ),
  );

function fromXml(
  bytes: Uint8Array,
  read: (root: XmlElement) => Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> {
  const root = parseXml(Buffer.from(bytes).toString());
  return (root && read(root)) ?? { isMalformed: true };
}

const locationIn = (root: XmlElement) => ({ LocationConstraint: childText(root, 'LocationConstraint') });

function deletesIn(root: XmlElement) {
  const objects = root.children.filter(({ name }) => name === 'Object');
  const keys = objects.flatMap((object) => childText(object, 'Key') ?? []);
  if (root.name !== 'Delete' || keys.length < objects.length) return undefined;
  return { Keys: keys, Quiet: childText(root, 'Quiet') === 'true' };
}

function lifecycleIn(root: XmlElement) {
  if (root.name !== 'LifecycleConfiguration') return undefined;
  return { Rules: root.children.filter(({ name }) => name === 'Rule').map(lifecycleRule) };
}

/** Members of a rule that are read; all others go along under their own name, for the engine to refuse. */
function lifecycleRule(rule: XmlElement): Readonly<Record<string, unknown>> {
  const members: Record<string, unknown> = {};
  for (const { name, text, children } of rule.children) {
    if (name === 'Filter') {
      const other = children.find((child) => child.name !== 'Prefix');
      if (other !== undefined) members[`a filter by ${other.name}`] = true;
      members['Prefix'] = childText({ name, text, children }, 'Prefix');
    } else if (name === 'Expiration') {
      const other = children.find((child) => child.name !== 'Days');
      if (other === undefined) members['ExpirationDays'] = childText({ name, text, children }, 'Days') ?? '';
      else members[other.name] = other.text;
    } else if (name === 'AbortIncompleteMultipartUpload') {
      members['AbortUploadsAfterDays'] = childText({ name, text, children }, 'DaysAfterInitiation') ?? '';
    } else members[name] = childOf(rule, name)?.text;
  }
  return members;
}

import type { S3Address } from './s3-address.js';

/** Subresources of a bucket, and what their operations are called: `Get<noun>`, `Put<noun>`, `Delete<noun>`. */
const BUCKET_NOUNS: Readonly<Record<string, string>> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  analytics: 'BucketAnalyticsConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  inventory: 'BucketInventoryConfiguration',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  metrics: 'BucketMetricsConfiguration',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

const OBJECT_NOUNS: Readonly<Record<string, string>> = {
  acl: 'ObjectAcl',
  attributes: 'ObjectAttributes',
  'legal-hold': 'ObjectLegalHold',
  retention: 'ObjectRetention',
  tagging: 'ObjectTagging',
  torrent: 'ObjectTorrent',
};

const BUCKET_METHODS: Readonly<Record<string, string>> = {
  PUT: 'CreateBucket',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
};

const OBJECT_METHODS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

const UPLOAD_METHODS: Readonly<Record<string, string>> = {
  GET: 'ListParts',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
};

const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** The name of the operation that a method and an address ask for, whether it is done here or not. */
export function s3OperationOf(method: string, address: S3Address, isCopy: boolean): string {
  const { bucket, key, query } = address;
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : `${method} /`;
  return key === '' ? bucketOperation(method, query) : objectOperation(method, query, isCopy);
}

function bucketOperation(method: string, query: URLSearchParams): string {
  const subresource = Object.keys(BUCKET_NOUNS).find((name) => query.has(name));
  if (subresource !== undefined) {
    // The one whose three operations don't share a name.
    if (subresource === 'lifecycle' && method === 'DELETE') return 'DeleteBucketLifecycle';
    return `${VERBS[method] ?? method}${BUCKET_NOUNS[subresource] ?? ''}`;
  }
  if (method === 'GET') {
    if (query.get('list-type') === '2') return 'ListObjectsV2';
    if (query.has('versions')) return 'ListObjectVersions';
    return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects';
  }
  if (method === 'POST') return query.has('delete') ? 'DeleteObjects' : 'PostObject';
  return BUCKET_METHODS[method] ?? method;
}

function objectOperation(method: string, query: URLSearchParams, isCopy: boolean): string {
  const subresource = Object.keys(OBJECT_NOUNS).find((name) => query.has(name));
  if (subresource !== undefined) return `${VERBS[method] ?? method}${OBJECT_NOUNS[subresource] ?? ''}`;
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    if (method === 'PUT') return isCopy ? 'UploadPartCopy' : 'UploadPart';
    return UPLOAD_METHODS[method] ?? method;
  }
  if (method === 'POST') {
    if (query.has('restore')) return 'RestoreObject';
    return query.has('select') ? 'SelectObjectContent' : 'PostObject';
  }
  if (method === 'PUT' && isCopy) return 'CopyObject';
  return OBJECT_METHODS[method] ?? method;
}

import type { ApiFault } from '../engine.js';

const refuse = (status: number, code: string, message: string): ApiFault => ({ code, message, status });

/**
 * The refusals of S3 in its own words.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const s3Refusals = {
  noSuchBucket: (): ApiFault => refuse(404, 'NoSuchBucket', 'The specified bucket does not exist'),
  noSuchKey: (): ApiFault => refuse(404, 'NoSuchKey', 'The specified key does not exist.'),
  noSuchLifecycle: (): ApiFault =>
    refuse(404, 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
  bucketIsYours: (): ApiFault =>
    refuse(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    ),
  bucketNotEmpty: (): ApiFault =>
    refuse(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty'),
  invalidBucketName: (): ApiFault => refuse(400, 'InvalidBucketName', 'The specified bucket is not valid.'),
  illegalLocation: (constraint: string): ApiFault =>
    refuse(
      400,
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    ),
  preconditionFailed: (): ApiFault =>
    refuse(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold'),
  notModified: (): ApiFault => refuse(304, 'NotModified', 'Not Modified'),
  invalidRange: (): ApiFault => refuse(416, 'InvalidRange', 'The requested range is not satisfiable'),
  keyTooLong: (): ApiFault => refuse(400, 'KeyTooLongError', 'Your key is too long'),
  metadataTooLarge: (): ApiFault =>
    refuse(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size'),
  invalidDigest: (): ApiFault => refuse(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.'),
  badDigest: (name: string): ApiFault =>
    refuse(400, 'BadDigest', `The ${name} you specified did not match the calculated checksum.`),
  hashMismatch: (): ApiFault =>
    refuse(
      400,
      'XAmzContentSHA256Mismatch',
      'The provided "x-amz-content-sha256" header does not match what was computed.',
    ),
  incompleteBody: (): ApiFault =>
    refuse(
      400,
      'IncompleteBody',
      'The request body terminated unexpectedly, or is not in the encoding that its headers name',
    ),
  malformedXml: (): ApiFault =>
    refuse(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    ),
  missingChecksum: (): ApiFault =>
    refuse(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    ),
  invalidArgument: (message: string): ApiFault => refuse(400, 'InvalidArgument', message),
  accessDenied: (): ApiFault => refuse(403, 'AccessDenied', 'Access Denied'),
  notImplemented: (what: string): ApiFault =>
    refuse(
      501,
      'NotImplemented',
      `the local S3 does not do ${what}; it keeps objects of one part in unversioned buckets`,
    ),
};

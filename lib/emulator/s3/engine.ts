import type { ApiResult, Engine } from '../engine.js';
import { S3Account, refused, type S3Call, type S3EngineOptions } from './account.js';
import {
  createBucket,
  deleteBucket,
  deleteLifecycle,
  getLifecycle,
  headBucket,
  putLifecycle,
} from './bucket-operations.js';
import { listObjects } from './list-operation.js';
import { deleteObject, deleteObjects, getObject, headObject, putObject } from './object-operations.js';
import { s3Refusals } from './refusals.js';

const OPERATIONS: Readonly<Record<string, (call: S3Call) => ApiResult>> = {
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  DeleteBucketLifecycle: deleteLifecycle,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  GetBucketLifecycleConfiguration: getLifecycle,
  GetObject: getObject,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListObjectsV2: listObjects,
  PutBucketLifecycleConfiguration: putLifecycle,
  PutObject: putObject,
};

/**
 * Starts an S3 without buckets, as a state machine on a given clock: what claim checks and archives need of it. Objects of
 * one part in unversioned, private buckets that are strongly consistent; everything else is refused by name.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function createS3Engine(options: S3EngineOptions): Engine {
  const account = new S3Account(options);
  return {
    service: 's3',
    call: ({ operation, input }, now) => {
      account.advance(now);
      const run = OPERATIONS[operation];
      return run === undefined ? refused(s3Refusals.notImplemented(operation)) : run({ account, input, now });
    },
    advance: (now) => account.advance(now),
    // Nothing waits for an object to expire: it is gone when it is looked for.
    nextDeadline: () => undefined,
  };
}

import type { S3Client } from '@aws-sdk/client-s3';
import { http1Config } from '../aws/client-config.js';
import { loadS3Module, type AwsTarget } from '../aws/load-sdk.js';
import { nameOf } from '../aws/errors.js';
import type { ObjectStore } from './object-store.js';

/** Objects are larger than other answers: this is the longest silence, not the longest transfer. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The object store over SDK v3. Encryption, storage class and access are the bucket's own settings: nothing is said of
 * them here, so that its policy alone decides.
 */
export async function createS3ObjectStore(target: AwsTarget, client?: S3Client): Promise<ObjectStore> {
  const sdk = await loadS3Module();
  const s3 =
    client ??
    new sdk.S3Client({
      ...http1Config(target, REQUEST_TIMEOUT_MS),
      // Buckets as host names resolve at AWS only.
      forcePathStyle: target.endpoint !== undefined,
    });
  return {
    put: async ({ bucket, key, bytes, contentEncoding }) => {
      await s3.send(
        new sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentType: 'application/json',
          ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }),
        }),
      );
    },
    get: async ({ bucket, key }, signal) => {
      try {
        const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body, ContentEncoding } = await s3.send(command, { abortSignal: signal });
        // In Node the SDK gives a readable stream; its type is of all platforms at once.
        const chunks = (Body ?? NOTHING) as AsyncIterable<Uint8Array>;
        return { chunks, contentEncoding: ContentEncoding };
      } catch (error) {
        if (nameOf(error) === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    deleteAll: async (bucket, keys) => {
      const Objects = keys.map((Key) => ({ Key }));
      const command = new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await s3.send(command);
      const [first] = Errors;
      if (first !== undefined)
        throw Object.assign(new Error(first.Message ?? 'an object was not deleted'), { name: first.Code });
    },
    close: () => {
      if (client === undefined) s3.destroy();
    },
  };
}

const NOTHING: readonly Uint8Array[] = [];

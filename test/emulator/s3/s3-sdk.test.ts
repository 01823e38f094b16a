import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createEmbeddedAws, createLocalAws, createVirtualClock } from '../../../lib/testing/index.js';

const Bucket = 'payloads-of-builds';
const DAY_MS = 86_400_000;

async function setup(transport: 'socket' | 'embedded') {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 10, 22, 13) });
  const aws =
    transport === 'socket'
      ? await createLocalAws({ dynamodb: false })
      : await createEmbeddedAws({ dynamodb: false, clock });
  const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    aws,
    s3,
    clock,
    close: async () => {
      s3.destroy();
      await aws.close();
    },
  };
}

type Setup = Awaited<ReturnType<typeof setup>>;

const textAt = async ({ s3 }: Setup, Key: string, more: object = {}): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();

describe.each(['socket', 'embedded'] as const)('S3 through the SDK, by %s', (transport) => {
  let local: Setup;
  beforeEach(async () => {
    local = await setup(transport);
  });
  afterEach(() => local.close());

  it('keeps bytes, headers and metadata of an object', async () => {
    const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => index % 256);
    const put = await local.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a/ü b+c.bin',
        Body: bytes,
        ContentType: 'application/json',
        ContentEncoding: 'gzip',
        Metadata: { author: 'x' },
      }),
    );
    const got = await local.s3.send(new GetObjectCommand({ Bucket, Key: 'a/ü b+c.bin' }));
    expect(await got.Body?.transformToByteArray()).toEqual(bytes);
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      ContentLength: 5_000,
      Metadata: { author: 'x' },
      ChecksumCRC32: put.ChecksumCRC32,
    });
    expect(put.ChecksumCRC32).toMatch(/^.{6}==$/);
  });

  it('takes the chunks off a streamed body', async () => {
    const chunks = ['first ', 'second ', 'third'].map((text) => Buffer.from(text.repeat(9_000)));
    const ContentLength = chunks.reduce((sum, { length }) => sum + length, 0);
    await local.s3.send(
      new PutObjectCommand({ Bucket, Key: 'streamed', Body: Readable.from(chunks), ContentLength }),
    );
    expect(await textAt(local, 'streamed')).toBe(Buffer.concat(chunks).toString());
    const head = await local.s3.send(new HeadObjectCommand({ Bucket, Key: 'streamed' }));
    expect(head.ContentEncoding).toBeUndefined();
    expect(head.ContentLength).toBe(ContentLength);
  });

  it('gives ranges', async () => {
    await local.s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    expect(await textAt(local, 'digits', { Range: 'bytes=2-4' })).toBe('234');
    expect(await textAt(local, 'digits', { Range: 'bytes=7-' })).toBe('789');
    expect(await textAt(local, 'digits', { Range: 'bytes=-2' })).toBe('89');
    const part = await local.s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=8-99' }));
    expect(part).toMatchObject({ ContentRange: 'bytes 8-9/10', ContentLength: 2 });
    await expect(textAt(local, 'digits', { Range: 'bytes=10-' })).rejects.toMatchObject({
      name: 'InvalidRange',
    });
  });

  it('creates an object once when asked for that', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'once', Body: 'a', IfNoneMatch: '*' });
    await local.s3.send(put);
    await expect(local.s3.send(put)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    await expect(textAt(local, 'once', { IfMatch: '"other"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  it('refuses a body that does not fit its checksum', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'damaged', Body: 'a', ChecksumCRC32: 'AAAAAA==' });
    await expect(local.s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
    const withMd5 = (ContentMD5: string) =>
      local.s3.send(new PutObjectCommand({ Bucket, Key: 'damaged', Body: 'a', ContentMD5 }));
    await expect(withMd5('A'.repeat(22) + '==')).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(withMd5('AAAA')).rejects.toMatchObject({ name: 'InvalidDigest' });
  });

  it('tells what is missing, also where an answer has no body', async () => {
    await expect(textAt(local, 'nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const head = local.s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
    const other = local.s3.send(new GetObjectCommand({ Bucket: 'nobodys', Key: 'a' }));
    await expect(other).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(local.s3.send(new HeadBucketCommand({ Bucket: 'nobodys' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('deletes what is there and what is not, alone and together', async () => {
    for (const Key of ['a', 'b', 'c']) await local.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    const { Deleted } = await local.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b' }, { Key: 'never' }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['b', 'never']);
    await expect(local.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'c' }));
    await local.s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(textAt(local, 'c')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('lists in pages, by the bytes of the keys, and folds behind a delimiter', async () => {
    for (const Key of ['b/2', 'b/1', 'ä', 'a<&>', 'B', 'c/x/1'])
      await local.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const first = await local.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 4 }));
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['B', 'a<&>', 'b/1', 'b/2']);
    const rest = await local.s3.send(
      new ListObjectsV2Command({ Bucket, ContinuationToken: first.NextContinuationToken }),
    );
    expect(rest).toMatchObject({ IsTruncated: false, KeyCount: 2 });
    expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['c/x/1', 'ä']);
    const folded = await local.s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
    expect(folded.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['b/', 'c/']);
    const under = await local.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/', StartAfter: 'b/1' }));
    expect(under.Contents?.map(({ Key }) => Key)).toEqual(['b/2']);
  });

  it('refuses by name what it does not do', async () => {
    const multipart = local.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' }));
    await expect(multipart).rejects.toMatchObject({ name: 'NotImplemented' });
    await expect(multipart).rejects.toThrow('does not do CreateMultipartUpload');
    const policy = local.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{}' }));
    await expect(policy).rejects.toThrow('does not do PutBucketPolicy');
    const tagged = local.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a', Tagging: 'a=b' }));
    await expect(tagged).rejects.toThrow('does not do PutObject with x-amz-tagging');
    const transition = local.s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              Filter: { Prefix: '' },
              Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
            },
          ],
        },
      }),
    );
    await expect(transition).rejects.toThrow('does not do lifecycle rules with Transition');
  });

  it('is struck by faults like the other services', async () => {
    await local.s3.send(new PutObjectCommand({ Bucket, Key: 'struck/1', Body: 'a' }));
    local.aws.faults.set([{ service: 's3', resource: 'struck/', times: 1, effect: { kind: 'throttle' } }]);
    await expect(textAt(local, 'struck/1')).rejects.toMatchObject({ name: 'SlowDown' });
    await expect(textAt(local, 'struck/1')).resolves.toBe('a');
    expect(local.aws.calls.count('s3', 'GetObject')).toBe(2);
  });
});

describe('an S3 bucket', () => {
  it('is found by the name of the host', async () => {
    const aws = await createLocalAws({ dynamodb: false });
    const s3 = new S3Client({
      ...aws.clientConfig,
      endpoint: aws.endpoint.replace('127.0.0.1', 'localhost'),
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'virtual' }));
    const { port } = new URL(aws.endpoint);
    const answers = await Promise.all(
      [`${Bucket}.localhost:${port}`, `${Bucket}.s3.eu-west-1.localhost`].map(async (host) => {
        const { request } = await import('node:http');
        return new Promise<string>((resolve, reject) => {
          const authorization = 'AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/s3/aws4_request';
          request({ host: '127.0.0.1', port, path: '/a/b', headers: { host, authorization } }, (response) => {
            response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
          })
            .on('error', reject)
            .end();
        });
      }),
    );
    expect(answers).toEqual(['virtual', 'virtual']);
    s3.destroy();
    await aws.close();
  });

  it('lets objects expire at midnight, so many days after they came', async () => {
    const { s3, clock, close, ...rest } = await setup('embedded');
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            { ID: 'soon', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 2 } },
            { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
          ],
        },
      }),
    );
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules).toEqual([
      { ID: 'soon', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 2 } },
      { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    ]);
    for (const Key of ['tmp/a', 'kept']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const local = { s3, clock, close, ...rest };
    // Two days after 13:00 is 13:00; rounded up to midnight that is 11 hours more.
    await clock.advanceBy(2 * DAY_MS + 10 * 3_600_000);
    await expect(textAt(local, 'tmp/a')).resolves.toBe('tmp/a');
    await clock.advanceBy(3_600_000);
    await expect(textAt(local, 'tmp/a')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(textAt(local, 'kept')).resolves.toBe('kept');
    await close();
  });

  it('needs its region named outside us-east-1, and a lawful name', async () => {
    const aws = await createEmbeddedAws({ dynamodb: false, region: 'eu-west-1' });
    const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true, maxAttempts: 1 });
    const elsewhere = new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-north-1' },
    });
    await expect(s3.send(elsewhere)).rejects.toMatchObject({ name: 'IllegalLocationConstraintException' });
    await s3.send(new CreateBucketCommand({ Bucket })); // the SDK names its region
    await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    await expect(s3.send(new CreateBucketCommand({ Bucket: '10.0.0.1' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    await aws.close();
  });
});

import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { createBucket, putObject, textOf } from '../../fixtures/buckets.js';
import { check, present, refusal, same } from '../../fixtures/expectations.js';
import { s3Api, s3Guide } from '../../fixtures/pages.js';

const CONDITIONAL_WRITES = s3Guide('conditional-writes');
const KEYS = s3Guide('object-keys');
const INTEGRITY = s3Guide('checking-object-integrity');

/** The digits 0 to 9 under the key `digits`. */
async function digits(context: CaseContext): Promise<readonly [bucket: string, key: string]> {
  const at = [await createBucket(context), 'digits'] as const;
  await putObject(context, at, { Body: '0123456789' });
  return at;
}

const readsRange = (Range: string, expected: string) => ({
  page: s3Api('GetObject'),
  run: async (context: CaseContext) => {
    same(await textOf(context, await digits(context), { Range }), expected, Range);
  },
});

/** Objects: what is kept of them, and what may be asked of one. */
export const objectCases = caseGroup('s3.object', {
  'bytes make the round trip': {
    page: s3Api('PutObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => index % 256);
      await putObject(context, [Bucket, 'a'], { Body: bytes });
      const { Body } = await context.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
      const got = await present(Body, 'Body').transformToByteArray();
      check(Buffer.from(bytes).equals(got), 'other bytes came back');
    },
  },
  'the type, the encoding and the metadata of an object are kept': {
    page: s3Guide('UsingMetadata'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const given = {
        ContentType: 'application/json',
        ContentEncoding: 'gzip',
        CacheControl: 'no-store',
        Metadata: { author: 'x' },
      };
      await putObject(context, [Bucket, 'a'], given);
      const head = await context.s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
      const { ContentType, ContentEncoding, CacheControl, Metadata } = head;
      same({ ContentType, ContentEncoding, CacheControl, Metadata }, given, 'the headers');
      same(head.ContentLength, 1, 'ContentLength');
    },
  },
  'the ETag of an object in plain text is the MD5 of its bytes': {
    page: s3Api('Object'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const { ETag } = await putObject(context, [Bucket, 'a'], { Body: 'payload' });
      same(ETag, `"${createHash('md5').update('payload').digest('hex')}"`, 'ETag');
    },
  },
  'a later put replaces the whole object': {
    page: s3Api('PutObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a'], { Body: 'first', Metadata: { version: '1' } });
      await putObject(context, [Bucket, 'a'], { Body: 'second' });
      const got = await context.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
      same([await got.Body?.transformToString(), got.Metadata ?? {}], ['second', {}], 'body and metadata');
    },
  },
  'a key may hold any Unicode': {
    page: KEYS,
    run: async (context) => {
      const Bucket = await createBucket(context);
      const key = 'a/ü b+c&d=e?f#g%20h/日本.json';
      await putObject(context, [Bucket, key], { Body: 'x' });
      same(await textOf(context, [Bucket, key]), 'x', 'body');
    },
  },
  'a key of 1,024 bytes is taken': {
    page: KEYS,
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'k'.repeat(1_024)], { Body: 'x' });
    },
  },
  'a key of 1,026 bytes, counted in UTF-8: KeyTooLongError': {
    page: KEYS,
    run: async (context) => {
      const Bucket = await createBucket(context);
      await refusal(putObject(context, [Bucket, 'ü'.repeat(513)], { Body: 'x' }), 'KeyTooLongError');
    },
  },
  'metadata of more than 2 KB: MetadataTooLarge': {
    page: s3Guide('UsingMetadata'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const Metadata = { a: 'x'.repeat(2_048) };
      await refusal(putObject(context, [Bucket, 'a'], { Metadata }), 'MetadataTooLarge');
    },
  },
  'reading a key that is not there: NoSuchKey': {
    page: s3Api('GetObject'),
    run: async (context) => refusal(textOf(context, [await createBucket(context), 'none']), 'NoSuchKey'),
  },
  'HeadObject of a key that is not there: NotFound': {
    page: s3Api('HeadObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await refusal(context.s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })), 'NotFound');
    },
  },
  'reading from a bucket that is not there: NoSuchBucket': {
    page: s3Api('GetObject'),
    run: async (context) => refusal(textOf(context, [context.unique('none'), 'a']), 'NoSuchBucket'),
  },
  'a range has its first and its last byte': readsRange('bytes=2-4', '234'),
  'a range may be open at its end': readsRange('bytes=7-', '789'),
  'a range may count from the end': readsRange('bytes=-2', '89'),
  'a range that ends behind the object ends with it': readsRange('bytes=8-99', '89'),
  'the answer to a range tells which part it is': {
    page: s3Api('GetObject'),
    run: async (context) => {
      const [Bucket, Key] = await digits(context);
      const got = await context.s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=2-4' }));
      const { ContentRange, ContentLength, $metadata } = got;
      same([ContentRange, ContentLength, $metadata.httpStatusCode], ['bytes 2-4/10', 3, 206], 'answer');
    },
  },
  'a range behind the object: InvalidRange': {
    page: s3Api('GetObject'),
    run: async (context) =>
      refusal(textOf(context, await digits(context), { Range: 'bytes=10-' }), 'InvalidRange'),
  },
  'If-None-Match of * creates and does not overwrite: PreconditionFailed': {
    page: CONDITIONAL_WRITES,
    run: async (context) => {
      const at = [await createBucket(context), 'once'] as const;
      await putObject(context, at, { Body: 'first', IfNoneMatch: '*' });
      await refusal(putObject(context, at, { Body: 'second', IfNoneMatch: '*' }), 'PreconditionFailed');
      same(await textOf(context, at), 'first', 'body');
    },
  },
  'If-Match overwrites what was read and nothing newer': {
    page: CONDITIONAL_WRITES,
    run: async (context) => {
      const at = [await createBucket(context), 'a'] as const;
      const { ETag: IfMatch } = await putObject(context, at, { Body: 'first' });
      await putObject(context, at, { Body: 'second', IfMatch });
      await refusal(putObject(context, at, { Body: 'third', IfMatch }), 'PreconditionFailed');
      same(await textOf(context, at), 'second', 'body');
    },
  },
  'reading with the ETag of another version: PreconditionFailed': {
    page: s3Api('GetObject'),
    run: async (context) => {
      const IfMatch = '"00000000000000000000000000000000"';
      await refusal(textOf(context, await digits(context), { IfMatch }), 'PreconditionFailed');
    },
  },
  'reading what the caller has already is answered with 304': {
    page: s3Api('GetObject'),
    run: async (context) => {
      const at = [await createBucket(context), 'a'] as const;
      const { ETag: IfNoneMatch } = await putObject(context, at);
      const status = await textOf(context, at, { IfNoneMatch }).catch(
        (error: unknown) =>
          (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode,
      );
      same(status, 304, 'status');
    },
  },
});

/** Bodies that arrive damaged, and what is told of those that did not. */
export const integrityCases = caseGroup('s3.integrity', {
  'the checksum that came with an object is given back when asked for': {
    page: INTEGRITY,
    run: async (context) => {
      const Bucket = await createBucket(context);
      const ChecksumSHA256 = createHash('sha256').update('a').digest('base64');
      await putObject(context, [Bucket, 'a'], { ChecksumSHA256 });
      const head = await context.s3.send(
        new HeadObjectCommand({ Bucket, Key: 'a', ChecksumMode: 'ENABLED' }),
      );
      same(head.ChecksumSHA256, ChecksumSHA256, 'ChecksumSHA256');
    },
  },
  'a body that does not fit its CRC32: BadDigest': {
    page: INTEGRITY,
    run: async (context) => {
      const Bucket = await createBucket(context);
      await refusal(putObject(context, [Bucket, 'a'], { ChecksumCRC32: 'AAAAAA==' }), 'BadDigest');
    },
  },
  'a body that does not fit its Content-MD5: BadDigest': {
    page: s3Api('PutObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const ContentMD5 = createHash('md5').update('another').digest('base64');
      await refusal(putObject(context, [Bucket, 'a'], { ContentMD5 }), 'BadDigest');
    },
  },
  'a Content-MD5 that is no MD5: InvalidDigest': {
    page: s3Api('Error'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await refusal(putObject(context, [Bucket, 'a'], { ContentMD5: 'AAAA' }), 'InvalidDigest');
    },
  },
});

/** Deleting, one at a time and many. */
export const deleteCases = caseGroup('s3.delete', {
  'deleting what is not there succeeds': {
    page: s3Api('DeleteObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const { $metadata } = await context.s3.send(new DeleteObjectCommand({ Bucket, Key: 'none' }));
      same($metadata.httpStatusCode, 204, 'status');
    },
  },
  'a deleted object is gone': {
    page: s3Api('DeleteObject'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a']);
      await context.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
      await refusal(textOf(context, [Bucket, 'a']), 'NoSuchKey');
    },
  },
  'DeleteObjects tells what it deleted, also what was not there': {
    page: s3Api('DeleteObjects'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a']);
      const { Deleted, Errors } = await context.s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'none' }] } }),
      );
      same([Deleted?.map(({ Key }) => Key), Errors ?? []], [['a', 'none'], []], 'Deleted and Errors');
    },
  },
  'a quiet DeleteObjects tells only what failed': {
    page: s3Api('DeleteObjects'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a']);
      const { Deleted } = await context.s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }], Quiet: true } }),
      );
      same(Deleted ?? [], [], 'Deleted');
      await refusal(textOf(context, [Bucket, 'a']), 'NoSuchKey');
    },
  },
  'DeleteObjects of 1,001 keys: MalformedXML': {
    page: s3Api('DeleteObjects'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const Objects = Array.from({ length: 1_001 }, (_, index) => ({ Key: `k${index}` }));
      await refusal(
        context.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })),
        'MalformedXML',
      );
    },
  },
});

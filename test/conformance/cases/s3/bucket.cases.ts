import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { createBucket, putObject, textOf } from '../../fixtures/buckets.js';
import { check, refusal, same } from '../../fixtures/expectations.js';
import { s3Api, s3Guide } from '../../fixtures/pages.js';

const NAMES = s3Guide('bucketnamingrules');
const DAY_MS = 86_400_000;

const refusesName = (name: (unique: string) => string) => ({
  page: NAMES,
  run: async (context: CaseContext) => {
    const Bucket = name(context.unique('bucket'));
    await refusal(context.s3.send(new CreateBucketCommand({ Bucket })), 'InvalidBucketName');
  },
});

const setRules = (context: CaseContext, Bucket: string, Rules: LifecycleRule[]): Promise<unknown> =>
  context.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));

const expiry = (ID: string, Prefix: string, Days: number): LifecycleRule => ({
  ID,
  Status: 'Enabled',
  Filter: { Prefix },
  Expiration: { Days },
});

/** Buckets: names, what may be deleted, what is not there. */
export const bucketCases = caseGroup('s3.bucket', {
  'a bucket that was created is found': {
    page: s3Api('HeadBucket'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const { $metadata } = await context.s3.send(new HeadBucketCommand({ Bucket }));
      same($metadata.httpStatusCode, 200, 'status');
    },
  },
  'HeadBucket without a bucket: NotFound': {
    page: s3Api('HeadBucket'),
    run: async (context) => {
      const Bucket = context.unique('none');
      await refusal(context.s3.send(new HeadBucketCommand({ Bucket })), 'NotFound');
    },
  },
  'creating an own bucket of us-east-1 again succeeds and keeps what is in it': {
    page: s3Api('CreateBucket'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a']);
      await context.s3.send(new CreateBucketCommand({ Bucket }));
      same(await textOf(context, [Bucket, 'a']), 'a', 'the object');
    },
  },
  'a name with capitals: InvalidBucketName': refusesName((unique) => `${unique}-Upper`),
  'a name of more than 63 characters: InvalidBucketName': refusesName((unique) => unique.padEnd(64, 'x')),
  'a name that ends with a hyphen: InvalidBucketName': refusesName((unique) => `${unique}-`),
  'a name with two dots in a row: InvalidBucketName': refusesName((unique) => `${unique}..x`),
  'a name like an IP address: InvalidBucketName': refusesName(() => '192.168.5.4'),
  'a name with the prefix xn--: InvalidBucketName': refusesName((unique) => `xn--${unique}`),
  'a name with the suffix -s3alias: InvalidBucketName': refusesName((unique) => `${unique}-s3alias`),
  'deleting a bucket that holds something: BucketNotEmpty': {
    page: s3Api('DeleteBucket'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await putObject(context, [Bucket, 'a']);
      await refusal(context.s3.send(new DeleteBucketCommand({ Bucket })), 'BucketNotEmpty');
    },
  },
  'a deleted bucket takes nothing more: NoSuchBucket': {
    page: s3Api('DeleteBucket'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await context.s3.send(new DeleteBucketCommand({ Bucket }));
      await refusal(putObject(context, [Bucket, 'a']), 'NoSuchBucket');
    },
  },
});

/** What a bucket forgets by itself. */
export const lifecycleCases = caseGroup('s3.lifecycle', {
  'the rules come back as they were put': {
    page: s3Api('GetBucketLifecycleConfiguration'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      const rules = [expiry('soon', 'tmp/', 2), expiry('late', 'log/', 30)];
      await setRules(context, Bucket, rules);
      const { Rules } = await context.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      same(Rules, rules, 'Rules');
    },
  },
  'a bucket without rules: NoSuchLifecycleConfiguration': {
    page: s3Api('GetBucketLifecycleConfiguration'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await refusal(
        context.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
        'NoSuchLifecycleConfiguration',
      );
    },
  },
  'rules that were deleted are gone': {
    page: s3Api('DeleteBucketLifecycle'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await setRules(context, Bucket, [expiry('soon', '', 1)]);
      await context.s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
      await refusal(
        context.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
        'NoSuchLifecycleConfiguration',
      );
    },
  },
  'a later configuration replaces the whole of an earlier one': {
    page: s3Api('PutBucketLifecycleConfiguration'),
    run: async (context) => {
      const Bucket = await createBucket(context);
      await setRules(context, Bucket, [expiry('one', 'a/', 1), expiry('two', 'b/', 1)]);
      await setRules(context, Bucket, [expiry('three', 'c/', 1)]);
      const { Rules } = await context.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      same(
        Rules?.map(({ ID }) => ID),
        ['three'],
        'Rules',
      );
    },
  },
  'an expiration is rounded up to the next midnight UTC': {
    page: s3Guide('intro-lifecycle-rules'),
    needs: ['clock'],
    run: async (context) => {
      const Bucket = await createBucket(context);
      await setRules(context, Bucket, [expiry('soon', 'tmp/', 1)]);
      await putObject(context, [Bucket, 'tmp/a']);
      await putObject(context, [Bucket, 'kept']);
      await context.advance(DAY_MS - 60_000);
      same(await textOf(context, [Bucket, 'tmp/a']), 'tmp/a', 'the object within its day');
      await context.advance(DAY_MS + 60_000);
      await refusal(textOf(context, [Bucket, 'tmp/a']), 'NoSuchKey');
      check((await textOf(context, [Bucket, 'kept'])) === 'kept', 'an object of another prefix is gone');
    },
  },
});

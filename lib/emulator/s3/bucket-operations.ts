import { isRecord } from '../structures/call-input.js';
import type { ApiResult } from '../engine.js';
import { answered, onBucket, refused, textOf, type S3Call } from './account.js';
import { Bucket } from './bucket.js';
import type { LifecycleRule } from './lifecycle.js';
import { s3Refusals } from './refusals.js';

/** Rules of bucket names. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
/** The region that is meant when nothing is said. */
const CLASSIC_REGION = 'us-east-1';

/** Creates a bucket. */
export function createBucket({ account, input }: S3Call): ApiResult {
  const name = textOf(input, 'Bucket') ?? '';
  const { region } = account.options;
  if (!BUCKET_NAME.test(name) || IP_ADDRESS.test(name)) return refused(s3Refusals.invalidBucketName());
  const constraint = textOf(input, 'LocationConstraint') ?? CLASSIC_REGION;
  if (constraint !== region)
    return refused(
      s3Refusals.illegalLocation(
        textOf(input, 'LocationConstraint') === undefined ? 'unspecified' : constraint,
      ),
    );
  if (account.buckets.has(name)) {
    // The oldest region answers as it did before there were others.
    return region === CLASSIC_REGION
      ? answered({ Location: `/${name}` })
      : refused(s3Refusals.bucketIsYours());
  }
  account.buckets.set(name, new Bucket());
  return answered({ Location: `/${name}` });
}

/** Tells that a bucket is there. */
export const headBucket = onBucket(({ account }) => answered({ BucketRegion: account.options.region }));

/** Deletes a bucket that holds nothing. */
export const deleteBucket = onBucket(({ account, bucket, input }) => {
  if (bucket.size > 0) return refused(s3Refusals.bucketNotEmpty());
  account.buckets.delete(textOf(input, 'Bucket') ?? '');
  return answered();
});

/** What a bucket's lifecycle rules are. */
export const getLifecycle = onBucket(({ bucket }) =>
  bucket.lifecycle.length === 0
    ? refused(s3Refusals.noSuchLifecycle())
    : answered({ Rules: bucket.lifecycle }),
);

/** Takes all lifecycle rules away. */
export const deleteLifecycle = onBucket(({ bucket }) => {
  bucket.lifecycle = [];
  return answered();
});

/** Replaces the lifecycle rules; they are for objects that are there already too. */
export const putLifecycle = onBucket(({ bucket, input, now }) => {
  const given = Array.isArray(input['Rules']) ? input['Rules'].filter(isRecord) : [];
  if (given.length === 0 || given.length > MAX_RULES) return refused(s3Refusals.malformedXml());
  const ids = given.flatMap((rule) => textOf(rule, 'ID') ?? []);
  if (new Set(ids).size < ids.length)
    return refused(
      s3Refusals.invalidArgument('Rule ID must be unique. Found same ID for more than one rule'),
    );
  const rules: LifecycleRule[] = [];
  for (const [index, rule] of given.entries()) {
    const other = Object.keys(rule).find((member) => !KNOWN_MEMBERS.has(member));
    if (other !== undefined) return refused(s3Refusals.notImplemented(`lifecycle rules with ${other}`));
    const read = ruleOf(rule, `rule-${index + 1}`);
    if (read === undefined) return refused(s3Refusals.malformedXml());
    rules.push(read);
  }
  bucket.lifecycle = rules;
  bucket.sweep(now);
  return answered();
});

const MAX_RULES = 1_000;
const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'ID',
  'Status',
  'Prefix',
  'ExpirationDays',
  'AbortUploadsAfterDays',
]);

function ruleOf(rule: Readonly<Record<string, unknown>>, defaultId: string): LifecycleRule | undefined {
  const status = textOf(rule, 'Status');
  const expirationDays = daysOf(rule['ExpirationDays']);
  const abortUploadsAfterDays = daysOf(rule['AbortUploadsAfterDays']);
  const isWhole = [expirationDays, abortUploadsAfterDays].every((days) => days === undefined || days >= 1);
  const hasAction = expirationDays !== undefined || abortUploadsAfterDays !== undefined;
  if ((status !== 'Enabled' && status !== 'Disabled') || !isWhole || !hasAction) return undefined;
  return {
    id: textOf(rule, 'ID') ?? defaultId,
    isEnabled: status === 'Enabled',
    prefix: textOf(rule, 'Prefix') ?? '',
    expirationDays,
    abortUploadsAfterDays,
  };
}

/** Days of an action; 0 stands for what is no count. */
function daysOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : 0;
}

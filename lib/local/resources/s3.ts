import type {
  BucketLocationConstraint,
  LifecycleRule,
  ObjectOwnership,
  S3,
  ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import type { PropertyReader } from '../property-reader.js';
import { given, type CreateRequest, type ResourceKind } from './resource-kind.js';

/** The region that CreateBucket means when it is told none, and that it refuses to be told. */
const CLASSIC_REGION = 'us-east-1';

/** Creates an `AWS::S3::Bucket`; when it is removed, what is in it goes too. */
export const createBucket: ResourceKind = async (request) => {
  const { properties, clients, region } = request;
  const s3 = await clients.s3();
  const Bucket = properties.text('BucketName') ?? request.generateName(63).toLowerCase();
  await s3.createBucket({
    Bucket,
    ...(region !== CLASSIC_REGION && {
      CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
    }),
  });
  request.owns(Bucket, async () => {
    await emptyBucket(s3, Bucket);
    await s3.deleteBucket({ Bucket });
  });
  await setLifecycle(s3, Bucket, request);
  await protect(s3, Bucket, request);
  const arn = `arn:aws:s3:::${Bucket}`;
  const domain = `${Bucket}.s3.${region}.amazonaws.com`;
  return {
    physicalId: Bucket,
    arn,
    attributes: { Arn: arn, DomainName: `${Bucket}.s3.amazonaws.com`, RegionalDomainName: domain },
  };
};

async function emptyBucket(s3: S3, Bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await s3.listObjectsV2({ Bucket });
    if (Contents.length === 0) return;
    await s3.deleteObjects({
      Bucket,
      Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
    });
  }
}

async function setLifecycle(s3: S3, Bucket: string, { properties, leave }: CreateRequest): Promise<void> {
  const declared = properties.object('LifecycleConfiguration')?.objects('Rules') ?? [];
  if (declared.some((rule) => rule.objects('Transitions').length > 0))
    leave('LifecycleConfiguration', 'objects stay in their storage class: transitions are not set up');
  const Rules = declared
    .map(lifecycleRule)
    .filter(({ Expiration, AbortIncompleteMultipartUpload: abort }) => Expiration ?? abort);
  if (Rules.length > 0)
    await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
}

function lifecycleRule(rule: PropertyReader): LifecycleRule {
  const abortDays = rule.object('AbortIncompleteMultipartUpload')?.count('DaysAfterInitiation');
  const days = rule.count('ExpirationInDays');
  return {
    Status: rule.requiredText('Status') === 'Enabled' ? 'Enabled' : 'Disabled',
    Filter: { Prefix: rule.text('Prefix') ?? '' },
    ...given({
      ID: rule.text('Id'),
      Expiration: days === undefined ? undefined : { Days: days },
      AbortIncompleteMultipartUpload:
        abortDays === undefined ? undefined : { DaysAfterInitiation: abortDays },
    }),
  };
}

/** What keeps others out; an emulator that has none of it stores objects all the same. */
async function protect(s3: S3, Bucket: string, request: CreateRequest): Promise<void> {
  const { properties } = request;
  const access = properties.object('PublicAccessBlockConfiguration');
  if (access !== undefined) {
    const PublicAccessBlockConfiguration = given({
      BlockPublicAcls: access.flag('BlockPublicAcls'),
      BlockPublicPolicy: access.flag('BlockPublicPolicy'),
      IgnorePublicAcls: access.flag('IgnorePublicAcls'),
      RestrictPublicBuckets: access.flag('RestrictPublicBuckets'),
    });
    await request.extra('PublicAccessBlockConfiguration', () =>
      s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration }),
    );
  }
  const [ownership] = properties.object('OwnershipControls')?.objects('Rules') ?? [];
  if (ownership !== undefined) {
    const Rules = [{ ObjectOwnership: ownership.requiredText('ObjectOwnership') as ObjectOwnership }];
    await request.extra('OwnershipControls', () =>
      s3.putBucketOwnershipControls({ Bucket, OwnershipControls: { Rules } }),
    );
  }
  const encryption =
    properties.object('BucketEncryption')?.objects('ServerSideEncryptionConfiguration') ?? [];
  if (encryption.length > 0) {
    const Rules = encryption.map(encryptionRule);
    await request.extra('BucketEncryption', () =>
      s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
  }
}

function encryptionRule(rule: PropertyReader): ServerSideEncryptionRule {
  const byDefault = rule.object('ServerSideEncryptionByDefault');
  return given({
    BucketKeyEnabled: rule.flag('BucketKeyEnabled'),
    ApplyServerSideEncryptionByDefault: byDefault && {
      SSEAlgorithm: byDefault.requiredText('SSEAlgorithm') as 'AES256' | 'aws:kms',
      ...given({ KMSMasterKeyID: byDefault.text('KMSMasterKeyID') }),
    },
  });
}

/** Creates an `AWS::S3::BucketPolicy`. */
export const createBucketPolicy: ResourceKind = async (request) => {
  const Bucket = request.properties.requiredText('Bucket');
  const Policy = request.properties.document('PolicyDocument') ?? '';
  const s3 = await request.clients.s3();
  await request.extra('PolicyDocument', () => s3.putBucketPolicy({ Bucket, Policy }));
  request.owns(Bucket, () => request.extra('PolicyDocument', () => s3.deleteBucketPolicy({ Bucket })));
  return { physicalId: Bucket, attributes: {} };
};

import {
  Duration,
  RemovalPolicy,
  aws_iam as iam,
  aws_kms as kms,
  aws_s3 as s3,
  type CfnResource,
} from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { AnyBucket } from '../any-bucket.js';
import type { ClaimCheckBinding } from '../../contract/binding.js';
import type { CompiledClaimCheckProps } from './claim-check-options.js';

/** Template metadata of a queue or topic that names the bucket of its payloads, for the checks. */
export const CLAIM_CHECK_METADATA = 'millrace:claimCheckBucket';

/** What a claim check's bucket is made with. */
export interface ClaimCheckBucketProps extends CompiledClaimCheckProps {
  /** The name that clients ask for. */
  readonly bindingName: string;
  /** The queue or topic whose payloads they are: its metadata names the bucket, for the checks. */
  readonly owner: IQueue | ITopic;
  /** The owner's key. @default - the key that S3 manages */
  readonly ownersKey?: IKey | undefined;
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/** What is known of the bucket of another app's queue or topic. */
export interface ImportedClaimCheckProps {
  readonly bucketName: string;
  /** @default - the key that S3 manages */
  readonly encryptionKeyArn?: string | undefined;
  /** Of the queue or topic, and so of its bucket. */
  readonly account: string;
  readonly prefix: string;
  readonly thresholdBytes: number;
}

/** The bucket of one queue's or topic's payloads, and who may do what with them. */
export class ClaimCheckBucket<B extends AnyBucket = AnyBucket> {
  /** Makes one of this app. */
  static create(scope: Construct, props: ClaimCheckBucketProps): ClaimCheckBucket<Bucket> {
    const { owner, expireAfterDays, thresholdBytes, encryptionKey = props.ownersKey } = props;
    const bucket = new s3.Bucket(scope, 'ClaimCheckBucket', {
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...(encryptionKey
        ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: s3.BucketEncryption.S3_MANAGED }),
      lifecycleRules: [{ id: 'millrace-claim-check', expiration: Duration.days(expireAfterDays) }],
      // Messages of a queue that stays may point here; a bucket that still holds payloads can't be deleted anyway.
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    (owner.node.defaultChild as CfnResource).addMetadata(CLAIM_CHECK_METADATA, bucket.bucketName);
    return new ClaimCheckBucket(bucket, { prefix: `${props.bindingName}/`, thresholdBytes });
  }

  /** Knows one that another app manages. */
  static import(scope: Construct, props: ImportedClaimCheckProps): ClaimCheckBucket {
    const { bucketName, encryptionKeyArn, account, prefix, thresholdBytes } = props;
    const bucket = s3.Bucket.fromBucketAttributes(scope, 'ClaimCheckBucket', {
      bucketName,
      account,
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: kms.Key.fromKeyArn(scope, 'ClaimCheckKey', encryptionKeyArn),
      }),
    });
    return new ClaimCheckBucket(bucket, { prefix, thresholdBytes });
  }

  readonly bucket: B;
  readonly binding: ClaimCheckBinding;

  private constructor(bucket: B, binding: Omit<ClaimCheckBinding, 'bucket'>) {
    this.bucket = bucket;
    this.binding = { bucket: bucket.bucketName, ...binding };
  }

  /** Lets a producer leave payloads. */
  grantStore(grantee: IGrantable): Grant {
    this.bucket.encryptionKey?.grantEncryptDecrypt(grantee);
    return this.grant(grantee, ['s3:PutObject'], [this.ownPayloads()]);
  }

  /** Lets a worker read payloads, and delete those of this queue where `mayDelete` says so. */
  grantFetch(grantee: IGrantable, { mayDelete }: { readonly mayDelete: boolean }): Grant {
    this.bucket.encryptionKey?.grantDecrypt(grantee);
    // All payloads: producers with an extended client of AWS choose other names. Listing, because without it S3 answers
    // "denied" for what is missing, and a lost payload would look like an outage.
    const reading = this.grant(grantee, ['s3:GetObject'], [this.bucket.arnForObjects('*')]).combine(
      this.grant(grantee, ['s3:ListBucket'], [this.bucket.bucketArn]),
    );
    return mayDelete
      ? reading.combine(this.grant(grantee, ['s3:DeleteObject'], [this.ownPayloads()]))
      : reading;
  }

  private ownPayloads(): string {
    return this.bucket.arnForObjects(`${this.binding.prefix}*`);
  }

  private grant(grantee: IGrantable, actions: string[], resourceArns: string[]): Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}

/** Who reads the payloads of topics from one queue: both sides become known one after the other, in any order. */
export class ClaimCheckReaders {
  private readonly buckets: ClaimCheckBucket[] = [];
  private readonly grantees: IGrantable[] = [];

  /** Names of the buckets. */
  get bucketNames(): readonly string[] {
    return this.buckets.map(({ bucket }) => bucket.bucketName);
  }

  addBucket(bucket: ClaimCheckBucket): void {
    if (this.buckets.includes(bucket)) return;
    this.buckets.push(bucket);
    for (const grantee of this.grantees) bucket.grantFetch(grantee, { mayDelete: false });
  }

  addReader(grantee: IGrantable): void {
    this.grantees.push(grantee);
    for (const bucket of this.buckets) bucket.grantFetch(grantee, { mayDelete: false });
  }
}

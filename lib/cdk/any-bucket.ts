import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';

/** A bucket. `Bucket` stands beside `IBucket`, which it does not fit under TypeScript's exactOptionalPropertyTypes. */
export type AnyBucket = IBucket | Bucket;

import type { Construct } from 'constructs';
import { warnOfForeignUse } from '../foreign-account.js';
import type { ClaimCheckBucket } from './claim-check-bucket.js';

/** Says what the bucket and the key of another account need, so that payloads can be left, fetched, or read and left alone from here. */
export function warnOfForeignPayloads(
  scope: Construct,
  claimCheck: ClaimCheckBucket | undefined,
  { grant, use }: { readonly grant: string; readonly use: 'store' | 'fetch' | 'read' },
): void {
  if (claimCheck === undefined) return;
  const { bucket, binding } = claimCheck;
  const own = bucket.arnForObjects(`${binding.prefix}*`);
  const { actions, resources } = {
    store: { actions: ['s3:PutObject'], resources: [own] },
    fetch: {
      actions: ['s3:GetObject', 's3:DeleteObject', 's3:ListBucket'],
      resources: [own, bucket.bucketArn],
    },
    read: {
      actions: ['s3:GetObject', 's3:ListBucket'],
      resources: [bucket.arnForObjects('*'), bucket.bucketArn],
    },
  }[use];
  warnOfForeignUse(scope, { grant, owner: bucket, actions, resources });
  if (bucket.encryptionKey === undefined) return;
  warnOfForeignUse(scope, {
    grant,
    owner: bucket.encryptionKey,
    actions: use === 'store' ? ['kms:Decrypt', 'kms:GenerateDataKey*'] : ['kms:Decrypt'],
    resources: ['*'],
  });
}

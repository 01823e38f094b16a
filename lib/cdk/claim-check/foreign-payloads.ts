import type { Construct } from 'constructs';
import { warnOfForeignUse } from '../foreign-account.js';
import type { ClaimCheckBucket } from './claim-check-bucket.js';

/** Says what the bucket and the key of another account need, so that payloads can be left or fetched from here. */
export function warnOfForeignPayloads(
  scope: Construct,
  claimCheck: ClaimCheckBucket | undefined,
  { grant, use }: { readonly grant: string; readonly use: 'store' | 'fetch' },
): void {
  if (claimCheck === undefined) return;
  const { bucket, binding } = claimCheck;
  const own = bucket.arnForObjects(`${binding.prefix}*`);
  const [actions, resources] =
    use === 'store'
      ? [['s3:PutObject'], [own]]
      : [
          ['s3:GetObject', 's3:DeleteObject', 's3:ListBucket'],
          [own, bucket.bucketArn],
        ];
  warnOfForeignUse(scope, { grant, owner: bucket, actions, resources });
  if (bucket.encryptionKey === undefined) return;
  warnOfForeignUse(scope, {
    grant,
    owner: bucket.encryptionKey,
    actions: use === 'store' ? ['kms:Decrypt', 'kms:GenerateDataKey*'] : ['kms:Decrypt'],
    resources: ['*'],
  });
}

import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';

/** Lets a producer put records, see the shards it packs by, and use the stream's key if it has one. */
export function grantProduce(stream: IStream, grantee: IGrantable): Grant {
  stream.encryptionKey?.grantEncrypt(grantee);
  return stream.grant(
    grantee,
    'kinesis:PutRecord',
    'kinesis:PutRecords',
    'kinesis:ListShards',
    'kinesis:DescribeStreamSummary',
  );
}

/** What a reader of ours, of KCL, or of another account calls on a stream. */
export const READ_ACTIONS: readonly string[] = Object.freeze([
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
]);

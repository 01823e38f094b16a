import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { warnOfForeignUse } from '../foreign-account.js';

/** Lets a producer put records, see the shards it packs by, and use the stream's key if it has one. */
export function grantProduce(stream: IStream, grantee: IGrantable): Grant {
  stream.encryptionKey?.grantEncrypt(grantee);
  return stream.grant(grantee, ...PRODUCE_ACTIONS);
}

const PRODUCE_ACTIONS = [
  'kinesis:PutRecord',
  'kinesis:PutRecords',
  'kinesis:ListShards',
  'kinesis:DescribeStreamSummary',
];

/** Says what the policies of a stream of another account, and of its key, need for a grant here. */
export function warnOfForeignStream(
  scope: Construct,
  stream: IStream,
  grant: 'grantProduce' | 'grantRead',
): void {
  const isRead = grant === 'grantRead';
  const actions = isRead ? READ_ACTIONS : PRODUCE_ACTIONS;
  warnOfForeignUse(scope, { grant, owner: stream, actions, resources: [stream.streamArn] });
  const key = stream.encryptionKey;
  const keyActions = isRead ? ['kms:Decrypt'] : ['kms:GenerateDataKey*'];
  if (key) warnOfForeignUse(scope, { grant, owner: key, actions: keyActions, resources: ['*'] });
}

/** What a reader of ours, of KCL, or of another account calls on a stream. */
export const READ_ACTIONS: readonly string[] = Object.freeze([
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
]);

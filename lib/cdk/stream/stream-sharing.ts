import { Token, aws_iam as iam } from 'aws-cdk-lib';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { show } from '../bounds.js';
import { READ_ACTIONS } from './stream-grants.js';

/**
 * Lets readers of another account in: by the stream's policy, and by its key's. What they may do is then theirs to grant to
 * their roles. Enhanced fan-out is not in it: a consumer belongs to the stream's own account.
 */
export function shareStream(scope: Construct, stream: Stream, account: string): void {
  const isAccount = Token.isUnresolved(account) || /^\d{12}$/.test(account);
  refuseAll(`shareWith of '${scope.node.path}' can't be used`, [
    ...(isAccount ? [] : [`account must be the 12 digits of an AWS account, got ${show(account)}`]),
    ...(stream.encryptionKey === undefined
      ? [
          'the stream needs an encryptionKey of its own: the key AWS manages for Kinesis can’t be used from another account',
        ]
      : []),
  ]);
  const principal = new iam.AccountPrincipal(account);
  stream.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [principal],
      actions: [...READ_ACTIONS],
      resources: [stream.streamArn],
    }),
  );
  stream.encryptionKey?.grantDecrypt(principal);
}

import { ArnFormat, RemovalPolicy, Stack, aws_iam as iam, aws_logs as logs } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { POSTURES } from './posture.js';
import { Postures, underPosture } from './postures.js';

/** What a log group is made with. */
export interface PostureLogGroupProps {
  readonly retention: logs.RetentionDays;
  /** @default - CloudFormation makes one */
  readonly logGroupName?: string;
  /** The key of what it tells of. @default - the key of the stack */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * A log group under the posture of its scope: encrypted with the key of the stack where the posture wants a customer's, kept
 * where it wants things kept, and else deleted with its stack, which holds what it tells of.
 */
export function createLogGroup(scope: Construct, id: string, props: PostureLogGroupProps): logs.LogGroup {
  const { encryptionKey: given, ...rest } = props;
  const { isKeyCustomers } = POSTURES[Postures.of(scope).posture];
  const usable = isKeyCustomers && given !== undefined && letLogsUse(given, scope) ? given : undefined;
  const { encryptionKey, removalPolicy } = underPosture(scope, usable ? { encryptionKey: usable } : {});
  if (encryptionKey && encryptionKey !== usable) letLogsUse(encryptionKey, scope);
  return new logs.LogGroup(scope, id, {
    ...rest,
    removalPolicy: removalPolicy ?? RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
}

/** Whether the key's policy could be opened: an imported key's can't, and no log group could be made with it. */
function letLogsUse(key: IKey, scope: Construct): boolean {
  const stack = Stack.of(scope);
  const groups = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const { statementAdded } = key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:Describe*', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      // Their names are not known before the key is.
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
    }),
  );
  return statementAdded;
}

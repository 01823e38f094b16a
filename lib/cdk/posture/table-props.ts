import { RemovalPolicy, aws_dynamodb as dynamodb } from 'aws-cdk-lib';
import type { TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { POSTURES, type PosturedProps } from './posture.js';

/** What all tables of workers and readers have in common; billed by the request, since both may idle for days. */
export function tablePropsOf({
  posture = 'standard',
  encryptionKey,
  removalPolicy,
}: PosturedProps): Omit<TableProps, 'partitionKey'> {
  return {
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: removalPolicy ?? RemovalPolicy.DESTROY,
    ...(POSTURES[posture].areTablesProtected && { deletionProtection: true }),
    ...(encryptionKey && { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
  };
}

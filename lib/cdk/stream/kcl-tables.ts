import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { aws_dynamodb as dynamodb, aws_iam as iam } from 'aws-cdk-lib';
import type { TableProps } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * What a reader of the Kinesis Client Library 3 keeps beside its lease table. Tell it all three names
 * (`leaseManagementConfig.tableName`, `workerUtilizationAwareAssignmentConfig.workerMetricsTableConfig.tableName`,
 * `coordinatorConfig.coordinatorStateTableConfig.tableName`).
 * @see https://docs.aws.amazon.com/streams/latest/dev/kcl-dynamoDB.html
 */
export interface KclTables {
  /** How busy each worker is. Partition key `wid`. */
  readonly workerMetrics: Table;
  /** Who leads, and how far a migration is. Partition key `key`. */
  readonly coordinatorState: Table;
}

/** Makes the tables that KCL would make itself, under names of its own and with the right to make tables. */
export function createKclTables(
  scope: Construct,
  props: Omit<TableProps, 'partitionKey'>,
  leaseTable: Table,
): KclTables {
  leaseTable.addGlobalSecondaryIndex({
    indexName: 'LeaseOwnerToLeaseKeyIndex',
    partitionKey: { name: 'leaseOwner', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'leaseKey', type: dynamodb.AttributeType.STRING },
    projectionType: dynamodb.ProjectionType.KEYS_ONLY,
  });
  const partitionKey = (name: string) => ({ name, type: dynamodb.AttributeType.STRING });
  return {
    workerMetrics: new dynamodb.Table(scope, 'WorkerMetricsTable', {
      ...props,
      partitionKey: partitionKey('wid'),
    }),
    coordinatorState: new dynamodb.Table(scope, 'CoordinatorStateTable', {
      ...props,
      partitionKey: partitionKey('key'),
    }),
  };
}

/** What KCL calls beyond our own reader: its other tables, its index, and its metrics. */
export function grantKcl(grantee: IGrantable, tables: KclTables, leaseTable: Table): Grant {
  const { workerMetrics, coordinatorState } = tables;
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      // The only condition there is for it; KCL's namespace is the application's name.
      conditions: { StringNotLike: { 'cloudwatch:namespace': 'AWS/*' } },
    }),
  );
  return workerMetrics
    .grant(grantee, ...TABLE_ACTIONS)
    .combine(coordinatorState.grant(grantee, ...TABLE_ACTIONS))
    .combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:Query'],
        resourceArns: [`${leaseTable.tableArn}/index/LeaseOwnerToLeaseKeyIndex`],
      }),
    );
}

/** Never CreateTable or UpdateTable: the stack made them. */
const TABLE_ACTIONS = [
  'dynamodb:DescribeTable',
  'dynamodb:Scan',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
];

import type {
  BillingMode,
  CreateTableCommandInput,
  DynamoDB,
  GlobalSecondaryIndex,
  KeySchemaElement,
  KeyType,
  LocalSecondaryIndex,
  Projection,
  ProjectionType,
  ScalarAttributeType,
  SSESpecification,
  StreamSpecification,
  TableClass,
} from '@aws-sdk/client-dynamodb';
import { errorName } from '../aws-error.js';
import { PropertyReader } from '../property-reader.js';
import { given, type CreateRequest, type ResourceKind } from './resource-kind.js';

/** Creates an `AWS::DynamoDB::Table`. */
export const createTable: ResourceKind = (request) => createOneTable(request, request.properties);

/**
 * Creates the table of an `AWS::DynamoDB::GlobalTable` (the CDK's `TableV2`) in the region of this deployment, with what
 * its replica there says. Replicas elsewhere are named, not made.
 */
export const createGlobalTable: ResourceKind = (request) => {
  const replicas = request.properties.objects('Replicas');
  const here = replicas.find((replica) => replica.requiredText('Region') === request.region);
  for (const replica of replicas) {
    if (replica !== here) {
      request.leave(
        'Replicas',
        `the replica in ${replica.requiredText('Region')} is outside ${request.region}`,
      );
    }
  }
  return createOneTable(request, here ?? new PropertyReader({}, 'Replicas'));
};

/**
 * @param local where settings stand that a global table has per region: for a plain table, its own properties
 */
async function createOneTable(request: CreateRequest, local: PropertyReader): ReturnType<ResourceKind> {
  const { properties } = request;
  const dynamodb = await request.clients.dynamodb();
  const TableName = properties.text('TableName') ?? request.generateName(255);
  const { TableDescription } = await dynamodb.createTable({
    TableName,
    ...tableDefinition(properties, local),
  });
  request.owns(TableName, async () => {
    if (local.flag('DeletionProtectionEnabled') === true) {
      await dynamodb.updateTable({ TableName, DeletionProtectionEnabled: false });
    }
    await dynamodb.deleteTable({ TableName });
    // Deleting takes its time, and until it is done the name is taken and the table listed.
    await request.until(`table ${TableName} is deleted`, () => isGone(dynamodb, TableName));
  });
  await configureTable(dynamodb, TableName, { request, local });
  const arn = TableDescription?.TableArn ?? request.arnOf('dynamodb', `table/${TableName}`);
  const { LatestStreamArn: StreamArn, TableId } = TableDescription ?? {};
  return { physicalId: TableName, arn, attributes: given({ Arn: arn, StreamArn, TableId }) };
}

async function isGone(dynamodb: DynamoDB, TableName: string): Promise<boolean> {
  try {
    await dynamodb.describeTable({ TableName });
    return false;
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return true;
    throw error;
  }
}

type TableDefinition = Omit<CreateTableCommandInput, 'TableName'>;

function tableDefinition(properties: PropertyReader, local: PropertyReader): TableDefinition {
  const tags = Object.entries(local.tags() ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const attributes = properties.objects('AttributeDefinitions').map((attribute) => ({
    AttributeName: attribute.requiredText('AttributeName'),
    AttributeType: attribute.requiredText('AttributeType') as ScalarAttributeType,
  }));
  return given({
    AttributeDefinitions: attributes,
    KeySchema: keySchemaOf(properties),
    // CloudFormation's default, which CreateTable shares.
    BillingMode: (properties.text('BillingMode') ?? 'PROVISIONED') as BillingMode,
    ...throughputOf(properties),
    GlobalSecondaryIndexes: someOf(properties.objects('GlobalSecondaryIndexes').map(globalIndex)),
    LocalSecondaryIndexes: someOf(properties.objects('LocalSecondaryIndexes').map(localIndex)),
    SSESpecification: encryptionOf(properties, local),
    StreamSpecification: changeStreamOf(properties),
    TableClass: local.text('TableClass') as TableClass | undefined,
    DeletionProtectionEnabled: local.flag('DeletionProtectionEnabled'),
    Tags: someOf(tags),
  });
}

function localIndex(index: PropertyReader): LocalSecondaryIndex {
  return {
    IndexName: index.requiredText('IndexName'),
    KeySchema: keySchemaOf(index),
    Projection: projectionOf(index),
  };
}

/** The members of an index that CreateTable knows; CloudFormation's further ones are settings of other operations. */
function globalIndex(index: PropertyReader): GlobalSecondaryIndex {
  return { ...localIndex(index), ...throughputOf(index) };
}

function keySchemaOf(owner: PropertyReader): KeySchemaElement[] {
  return owner.objects('KeySchema').map((key) => ({
    AttributeName: key.requiredText('AttributeName'),
    KeyType: key.requiredText('KeyType') as KeyType,
  }));
}

function projectionOf(index: PropertyReader): Projection {
  const projection = index.object('Projection');
  return given({
    ProjectionType: projection?.text('ProjectionType') as ProjectionType | undefined,
    NonKeyAttributes: someOf([...(projection?.texts('NonKeyAttributes') ?? [])]),
  });
}

function throughputOf(owner: PropertyReader): Throughput {
  const provisioned = owner.object('ProvisionedThroughput');
  const onDemand = owner.object('OnDemandThroughput');
  const warm = owner.object('WarmThroughput');
  return given({
    ProvisionedThroughput: provisioned && {
      ReadCapacityUnits: provisioned.count('ReadCapacityUnits'),
      WriteCapacityUnits: provisioned.count('WriteCapacityUnits'),
    },
    OnDemandThroughput: onDemand && {
      MaxReadRequestUnits: onDemand.count('MaxReadRequestUnits'),
      MaxWriteRequestUnits: onDemand.count('MaxWriteRequestUnits'),
    },
    WarmThroughput: warm && {
      ReadUnitsPerSecond: warm.count('ReadUnitsPerSecond'),
      WriteUnitsPerSecond: warm.count('WriteUnitsPerSecond'),
    },
  });
}

type Throughput = Pick<TableDefinition, 'ProvisionedThroughput' | 'OnDemandThroughput' | 'WarmThroughput'>;

function encryptionOf(properties: PropertyReader, local: PropertyReader): SSESpecification | undefined {
  const encryption = properties.object('SSESpecification');
  if (encryption === undefined) return undefined;
  const key = encryption.text('KMSMasterKeyId') ?? local.object('SSESpecification')?.text('KMSMasterKeyId');
  return given({
    Enabled: encryption.flag('SSEEnabled') ?? true,
    SSEType: encryption.text('SSEType') as SSESpecification['SSEType'],
    KMSMasterKeyId: key,
  });
}

function changeStreamOf(properties: PropertyReader): StreamSpecification | undefined {
  const view = properties.object('StreamSpecification')?.text('StreamViewType');
  if (view === undefined) return undefined;
  return { StreamEnabled: true, StreamViewType: view as StreamSpecification['StreamViewType'] };
}

async function configureTable(
  dynamodb: DynamoDB,
  TableName: string,
  from: { readonly request: CreateRequest; readonly local: PropertyReader },
): Promise<void> {
  const { request, local } = from;
  await request.until(`table ${TableName} is active`, async () => {
    const { Table } = await dynamodb.describeTable({ TableName });
    return Table?.TableStatus === 'ACTIVE';
  });
  const ttl = request.properties.object('TimeToLiveSpecification');
  if (ttl?.flag('Enabled') === true) {
    const AttributeName = ttl.requiredText('AttributeName');
    await dynamodb.updateTimeToLive({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName } });
  }
  const recovery = local.object('PointInTimeRecoverySpecification');
  if (recovery?.flag('PointInTimeRecoveryEnabled') === true) {
    await request.extra('PointInTimeRecoverySpecification', () =>
      dynamodb.updateContinuousBackups({
        TableName,
        PointInTimeRecoverySpecification: given({
          PointInTimeRecoveryEnabled: true,
          RecoveryPeriodInDays: recovery.count('RecoveryPeriodInDays'),
        }),
      }),
    );
  }
  for (const name of local.unread()) {
    if (local !== request.properties)
      request.leave(`Replicas.${name}`, 'it is not set through this deployment');
  }
}

function someOf<T>(items: T[]): T[] | undefined {
  return items.length === 0 ? undefined : items;
}

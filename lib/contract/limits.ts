/** A documented limit: the value, its unit, and where and when it was read. */
export interface Limit {
  /** The figure, in `unit`. */
  readonly value: number;
  /** What it counts: bytes, seconds, messages … */
  readonly unit: string;
  /** The AWS page it was read on. */
  readonly source: string;
  /** Day it was read, ISO. */
  readonly asOf: string;
}

const SQS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/';
const SNS = 'https://docs.aws.amazon.com/sns/latest/dg/';
const KDS = 'https://docs.aws.amazon.com/streams/latest/dev/';
const DDB = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/';
const READ = '2026-11-22';

const limit = (value: number, unit: string, source: string): Limit =>
  Object.freeze({ value, unit, source, asOf: READ });

/** Service limits that constructs check and clients pack by. One place, so that a change at AWS is one line here. */
export const LIMITS = Object.freeze({
  'sqs.message.maxBytes': limit(1_048_576, 'bytes', `${SQS}quotas-messages.html`),
  'sqs.message.minConfigurableBytes': limit(1_024, 'bytes', `${SQS}quotas-messages.html`),
  'sqs.message.maxAttributes': limit(10, 'attributes', `${SQS}quotas-messages.html`),
  'sqs.batch.maxEntries': limit(10, 'entries', `${SQS}quotas-messages.html`),
  'sqs.batch.maxBytes': limit(1_048_576, 'bytes', `${SQS}quotas-messages.html`),
  'sqs.visibilityTimeout.max': limit(43_200, 'seconds', `${SQS}quotas-messages.html`),
  'sqs.delay.max': limit(900, 'seconds', `${SQS}quotas-queues.html`),
  'sqs.longPoll.max': limit(20, 'seconds', `${SQS}quotas-queues.html`),
  'sqs.retention.min': limit(60, 'seconds', `${SQS}quotas-messages.html`),
  'sqs.retention.max': limit(1_209_600, 'seconds', `${SQS}quotas-messages.html`),
  'sqs.maxReceiveCount.max': limit(1_000, 'receives', `${SQS}sqs-dead-letter-queues.html`),
  'sqs.inFlight.max': limit(120_000, 'messages', `${SQS}quotas-queues.html`),
  'sqs.fifo.inFlight.max': limit(120_000, 'messages', `${SQS}quotas-fifo.html`),
  'sqs.fifo.dedupWindow': limit(300, 'seconds', `${SQS}quotas-fifo.html`),
  'sqs.redriveAllow.maxSources': limit(10, 'queues', `${SQS}sqs-dead-letter-queues.html`),
  'sqs.policy.maxStatements': limit(20, 'statements', `${SQS}quotas-messages.html`),
  'sqs.policy.maxBytes': limit(8_192, 'bytes', `${SQS}quotas-messages.html`),
  'sqs.moveTask.maxRate': limit(500, 'messages/s', `${SQS}sqs-dead-letter-queues.html`),
  'sns.message.defaultBytes': limit(262_144, 'bytes', `${SNS}large-message-payloads.html`),
  'sns.message.maxBytes': limit(1_048_576, 'bytes', `${SNS}large-message-payloads.html`),
  'sns.batch.maxEntries': limit(
    10,
    'entries',
    'https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html',
  ),
  'sns.raw.maxAttributes': limit(10, 'attributes', `${SNS}sns-large-payload-raw-message-delivery.html`),
  'sns.filter.maxKeys': limit(5, 'keys', `${SNS}subscription-filter-policy-constraints.html`),
  'sns.filter.maxCombinations': limit(
    150,
    'combinations',
    `${SNS}subscription-filter-policy-constraints.html`,
  ),
  'sns.filter.maxBytes': limit(262_144, 'bytes', `${SNS}subscription-filter-policy-constraints.html`),
  'sns.filter.maxPoliciesPerTopic': limit(
    200,
    'policies',
    `${SNS}subscription-filter-policy-constraints.html`,
  ),
  'sns.policy.maxStatements': limit(
    100,
    'statements',
    `${SNS}sns-access-policy-language-api-permissions-reference.html`,
  ),
  'sns.policy.maxBytes': limit(
    30_720,
    'bytes',
    `${SNS}sns-access-policy-language-api-permissions-reference.html`,
  ),
  'sns.fifo.maxSubscriptions': limit(
    100,
    'subscriptions',
    'https://docs.aws.amazon.com/general/latest/gr/sns.html',
  ),
  'kinesis.record.defaultBytes': limit(1_048_576, 'bytes', `${KDS}service-sizes-and-limits.html`),
  'kinesis.record.maxBytes': limit(10_485_760, 'bytes', `${KDS}large-records.html`),
  'kinesis.partitionKey.maxLength': limit(256, 'characters', `${KDS}service-sizes-and-limits.html`),
  'kinesis.putRecords.maxEntries': limit(500, 'records', `${KDS}service-sizes-and-limits.html`),
  'kinesis.putRecords.maxBytes': limit(10_485_760, 'bytes', `${KDS}service-sizes-and-limits.html`),
  'kinesis.shard.writeBytesPerSecond': limit(1_048_576, 'bytes/s', `${KDS}service-sizes-and-limits.html`),
  'kinesis.shard.writeRecordsPerSecond': limit(1_000, 'records/s', `${KDS}service-sizes-and-limits.html`),
  'kinesis.shard.readBytesPerSecond': limit(2_097_152, 'bytes/s', `${KDS}service-sizes-and-limits.html`),
  'kinesis.shard.getRecordsPerSecond': limit(5, 'calls/s', `${KDS}service-sizes-and-limits.html`),
  'kinesis.getRecords.maxRecords': limit(10_000, 'records', `${KDS}service-sizes-and-limits.html`),
  'kinesis.getRecords.maxBytes': limit(10_485_760, 'bytes', `${KDS}service-sizes-and-limits.html`),
  'kinesis.iterator.lifetime': limit(300, 'seconds', `${KDS}service-sizes-and-limits.html`),
  'kinesis.retention.min': limit(24, 'hours', `${KDS}service-sizes-and-limits.html`),
  'kinesis.retention.max': limit(8_760, 'hours', `${KDS}service-sizes-and-limits.html`),
  'kinesis.consumers.max': limit(20, 'consumers', `${KDS}service-sizes-and-limits.html`),
  'kinesis.advantage.consumers.max': limit(50, 'consumers', `${KDS}enhanced-consumers.html`),
  'dynamodb.transaction.maxItems': limit(100, 'items', `${DDB}Constraints.html`),
  'dynamodb.transaction.maxBytes': limit(4_194_304, 'bytes', `${DDB}Constraints.html`),
  'dynamodb.transaction.tokenLifetime': limit(600, 'seconds', `${DDB}Constraints.html`),
  'dynamodb.batchGet.maxItems': limit(100, 'items', `${DDB}Constraints.html`),
  'dynamodb.batchStatement.maxItems': limit(
    25,
    'statements',
    'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html',
  ),
  'dynamodb.statement.maxLength': limit(
    8_192,
    'characters',
    'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html',
  ),
  'dynamodb.item.maxBytes': limit(409_600, 'bytes', `${DDB}Constraints.html`),
  'lambda.visibilityFactor': limit(6, 'x function timeout', `${LAMBDA}services-sqs-configure.html`),
  'lambda.invocation.maxBytes': limit(6_291_456, 'bytes', `${LAMBDA}gettingstarted-limits.html`),
  'lambda.minReceiveCount': limit(5, 'receives', `${LAMBDA}services-sqs-configure.html`),
} satisfies Record<string, Limit>);

/** Name of a limit. */
export type LimitName = keyof typeof LIMITS;

/** The bare number of a limit, in its own unit. */
export const limitOf = (name: LimitName): number => LIMITS[name].value;

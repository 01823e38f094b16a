import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SQSClient,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { encodeEnvelope, type QueueBinding } from '../../../lib/contract/index.js';
import {
  createEmbeddedAws,
  createVirtualClock,
  type EmbeddedAws,
  type VirtualClock,
} from '../../../lib/testing/index.js';
import { queueBinding } from '../sqs/fixtures.js';

/** What a suite wants of its queue. */
export interface EmbeddedQueueOptions {
  readonly fifo?: boolean;
  readonly visibilityTimeoutSeconds?: number;
  readonly maxReceiveCount?: number;
  /** Whether there is a table for idempotency records. */
  readonly hasTable?: boolean;
}

/** A job as it is sent. */
export interface Job {
  readonly id: string;
  readonly group?: string;
  /** Makes the body this much longer. */
  readonly padding?: number;
}

/** A queue with its dead-letter queue on an embedded AWS whose time stands still until it is moved. */
export interface EmbeddedQueue {
  readonly aws: EmbeddedAws;
  readonly clock: VirtualClock;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly binding: QueueBinding;
  send(jobs: readonly Job[]): Promise<void>;
  /** Messages in the queue and in the dead-letter queue, visible or not. */
  depths(): Promise<{ readonly queue: number; readonly deadLetters: number }>;
  close(): Promise<void>;
}

export async function openEmbeddedQueue(options: EmbeddedQueueOptions = {}): Promise<EmbeddedQueue> {
  const { fifo = false, visibilityTimeoutSeconds = 30, maxReceiveCount = 5, hasTable = false } = options;
  // A transaction of the local DynamoDB takes more turns of the loop than the queues do.
  const clock = createVirtualClock({ settlingTurns: hasTable ? 24 : 8 });
  const aws = await createEmbeddedAws({ clock, dynamodb: hasTable });
  const sqs = new SQSClient(aws.clientConfig);
  const dynamodb = new DynamoDBClient(aws.clientConfig);
  if (hasTable) await createTable(dynamodb, clock);
  const suffix = fifo ? '.fifo' : '';
  const fifoAttributes = fifo ? { FifoQueue: 'true' } : {};
  const create = async (name: string, attributes: Record<string, string>) => {
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `${name}${suffix}`,
        Attributes: { ...fifoAttributes, ...attributes },
      }),
    );
    return { url, arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:${name}${suffix}` };
  };
  const deadLetterQueue = await create('JobsDlq', { MessageRetentionPeriod: '1209600' });
  const { url, arn } = await create('Jobs', {
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn, maxReceiveCount }),
  });
  const { endpoint: _none, ...binding } = queueBinding({
    region: aws.region,
    url,
    arn,
    fifo,
    visibilityTimeoutSeconds,
    maxReceiveCount,
    deadLetterQueue,
  });
  const depthOf = async (QueueUrl: string): Promise<number> => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  return {
    aws,
    clock,
    sqs,
    dynamodb,
    binding: hasTable ? { ...binding, idempotency: { table: TABLE, ttlAttribute: 'exp' } } : binding,
    send: async (jobs) => {
      for (let from = 0; from < jobs.length; from += 10) {
        const Entries = jobs.slice(from, from + 10).map(entryOf(fifo));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    },
    depths: async () => ({ queue: await depthOf(url), deadLetters: await depthOf(deadLetterQueue.url) }),
    close: async () => {
      for (const client of [sqs, dynamodb]) client.destroy();
      await aws.close();
    },
  };
}

const TABLE = 'jobs-idempotency';

async function createTable(dynamodb: DynamoDBClient, clock: VirtualClock): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await clock.advanceBy(2_000); // it is active by then
}

const entryOf =
  (fifo: boolean) =>
  ({ id, group, padding = 0 }: Job, position: number): SendMessageBatchRequestEntry => ({
    Id: String(position),
    MessageBody: JSON.stringify({ job: id, padding: 'x'.repeat(padding) }),
    MessageAttributes: Object.fromEntries(
      Object.entries(encodeEnvelope({ type: 'job.queued', id, schemaVersion: 1, publishedAt: 1 })).map(
        ([name, text]) => [name, { DataType: 'String', StringValue: text as string }],
      ),
    ),
    ...(group !== undefined && { MessageGroupId: group }),
    ...(fifo && { MessageDeduplicationId: id }),
  });

import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import type { QueueBinding, TopicBinding } from '../../../lib/contract/index.js';
import { createLocalAws, type LocalAws } from '../../../lib/testing/index.js';

/** What a suite wants of its queue. */
export interface LocalQueueOptions {
  readonly fifo?: boolean;
  readonly visibilityTimeoutSeconds?: number;
  readonly maxReceiveCount?: number;
  readonly messages?: QueueBinding['messages'];
}

/** A queue with its dead-letter queue, idempotency table and an effects table, on an emulated AWS. */
export interface LocalQueue {
  readonly aws: LocalAws;
  readonly binding: QueueBinding;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** Everything in the effects table. */
  effects(): Promise<Record<string, string>[]>;
  /** What waits in the dead-letter queue, taken out. */
  deadLetters(): Promise<Message[]>;
  /** Messages in the queue, visible or not. */
  depth(): Promise<number>;
  /** A topic in front of the queue. */
  addTopic(raw: boolean): Promise<TopicBinding>;
  close(): Promise<void>;
}

export const EFFECTS = 'effects';

export async function openLocalQueue(options: LocalQueueOptions = {}): Promise<LocalQueue> {
  const aws = await createLocalAws();
  const config = { ...aws.clientConfig, credentials: { ...aws.clientConfig.credentials } };
  const sqs = new SQSClient(config);
  const sns = new SNSClient(config);
  const dynamodb = new DynamoDBClient(config);
  process.env['AWS_ACCESS_KEY_ID'] = config.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = config.credentials.secretAccessKey;
  const { fifo = false, visibilityTimeoutSeconds = 30, maxReceiveCount = 5 } = options;
  const suffix = fifo ? '.fifo' : '';
  const dlqUrl = await createQueue(sqs, `JobsDlq${suffix}`, fifo ? { FifoQueue: 'true' } : {});
  const dlqArn = await arnOf(sqs, dlqUrl);
  const url = await createQueue(sqs, `Jobs${suffix}`, {
    ...(fifo && { FifoQueue: 'true' }),
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dlqArn, maxReceiveCount }),
  });
  const arn = await arnOf(sqs, url);
  for (const TableName of ['jobs-idempotency', EFFECTS]) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await eventually(`table ${TableName} is active`, async () => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      return Table?.TableStatus === 'ACTIVE';
    });
  }
  const messages = options.messages ?? [{ name: 'job.queued', version: 1 }];
  const binding: QueueBinding = {
    v: 1,
    kind: 'queue',
    name: 'Jobs',
    region: aws.region,
    endpoint: aws.endpoint,
    url,
    arn,
    fifo,
    delivery: 'raw',
    messages,
    handlerTimeoutSeconds: 30,
    visibilityTimeoutSeconds,
    maxReceiveCount,
    retentionSeconds: 345_600,
    maxMessageBytes: 262_144,
    deadLetterQueue: { url: dlqUrl, arn: dlqArn },
    idempotency: { table: 'jobs-idempotency', ttlAttribute: 'exp' },
  };
  return {
    aws,
    binding,
    sqs,
    dynamodb,
    effects: async () => {
      const { Items = [] } = await dynamodb.send(
        new ScanCommand({ TableName: EFFECTS, ConsistentRead: true }),
      );
      return Items.map((item) =>
        Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value.S ?? value.N ?? ''])),
      );
    },
    deadLetters: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: dlqUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages;
    },
    depth: async () => {
      const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
      );
      return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
    },
    addTopic: async (raw) => {
      const { TopicArn = '' } = await sns.send(
        new CreateTopicCommand({
          Name: `Events${suffix}`,
          ...(fifo && { Attributes: { FifoTopic: 'true' } }),
        }),
      );
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arn,
            Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
          },
        ],
      });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
      await sns.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: 'sqs',
          Endpoint: arn,
          Attributes: { RawMessageDelivery: String(raw) },
        }),
      );
      return {
        v: 1,
        kind: 'topic',
        name: 'Events',
        region: aws.region,
        endpoint: aws.endpoint,
        arn: TopicArn,
        fifo,
        contentBasedDeduplication: false,
        maxMessageBytes: 262_144,
        messages,
      };
    },
    close: async () => {
      for (const client of [sqs, sns, dynamodb]) client.destroy();
      await aws.close();
    },
  };
}

async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string>,
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return QueueUrl;
}

async function arnOf(sqs: SQSClient, url: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.QueueArn ?? '';
}

/** Waits until a condition holds, looking every 20 ms; fails after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not happen within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

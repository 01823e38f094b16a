import { createLocalAws, type LocalAws } from '../../lib/testing/local-aws.js';
import { answerOrders } from './child.js';
import { batchEntries, VISIBILITY_SECONDS, type QueuePlace, type TopicPlace } from './work.js';

/** What the server is told to do. */
export type ServerOrder =
  /** A new queue with a dead-letter queue, filled. */
  | {
      readonly kind: 'queue';
      readonly fifo: boolean;
      readonly messages: number;
      readonly bytes: number;
      /** Message groups; 0 for none. */
      readonly groups: number;
    }
  /** A new topic without subscriptions. */
  | { readonly kind: 'topic' }
  /** More messages into a queue. */
  | {
      readonly kind: 'fill';
      readonly url: string;
      readonly from: number;
      readonly messages: number;
      readonly bytes: number;
    }
  /** A table for idempotency records. */
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'counts' };

/** Where the queue is, and calls answered so far by `service.Operation`. */
export interface ServerReport {
  readonly place?: QueuePlace;
  readonly topic?: TopicPlace;
  readonly counts: Readonly<Record<string, number>>;
}

const BATCH = 10;
const SENDERS = 8;
let aws: LocalAws | undefined;
let queues = 0;

async function call(target: string, input: object): Promise<Readonly<Record<string, string>>> {
  const endpoint = aws?.endpoint ?? '';
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
  const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`${target} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Readonly<Record<string, string>>;
}

async function createQueue(name: string, fifo: boolean): Promise<string> {
  const { QueueUrl = '' } = await call('AmazonSQS.CreateQueue', {
    QueueName: fifo ? `${name}.fifo` : name,
    Attributes: {
      VisibilityTimeout: String(VISIBILITY_SECONDS),
      ...(fifo && {
        FifoQueue: 'true',
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      }),
    },
  });
  return QueueUrl;
}

async function createTopic(name: string): Promise<string> {
  const body = new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: name });
  const response = await fetch(aws?.endpoint ?? '', { method: 'POST', body });
  const [, arn] = /<TopicArn>([^<]+)</.exec(await response.text()) ?? [];
  if (arn === undefined) throw new Error(`CreateTopic was answered ${response.status}`);
  return arn;
}

async function fill(
  url: string,
  load: { from: number; messages: number; bytes: number; groups: number },
): Promise<void> {
  let next = load.from;
  const end = load.from + load.messages;
  const sender = async (): Promise<void> => {
    while (next < end) {
      const from = next;
      const count = Math.min(BATCH, end - from);
      next += count;
      const Entries = batchEntries(from, { count, bytes: load.bytes, groups: load.groups });
      await call('AmazonSQS.SendMessageBatch', { QueueUrl: url, Entries });
    }
  };
  // The order inside a group is the order of the calls, which several senders would not keep.
  await Promise.all(Array.from({ length: load.groups > 0 ? 1 : SENDERS }, sender));
}

answerOrders(async (order: ServerOrder): Promise<ServerReport> => {
  aws ??= await createLocalAws({ limits: 'off' });
  const counts = (): ServerReport['counts'] => aws?.calls.counts() ?? {};
  switch (order.kind) {
    case 'queue': {
      queues += 1;
      const url = await createQueue(`bench-${queues}`, order.fifo);
      const deadLetterUrl = await createQueue(`bench-${queues}-dead`, order.fifo);
      await fill(url, { ...order, from: 0 });
      const { endpoint, region } = aws;
      return { place: { endpoint, region, url, deadLetterUrl, fifo: order.fifo }, counts: counts() };
    }
    case 'topic': {
      const { endpoint, region } = aws;
      return { topic: { endpoint, region, arn: await createTopic('bench') }, counts: counts() };
    }
    case 'fill':
      await fill(order.url, { ...order, groups: 0 });
      return { counts: counts() };
    case 'table':
      await call('DynamoDB_20120810.CreateTable', {
        TableName: order.name,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
      return { counts: counts() };
    case 'counts':
      return { counts: counts() };
  }
});

import { createEmulatedAws, type EmulatedAws } from '../../lib/emulator/aws.js';
import { listen } from '../../lib/emulator/http/server.js';
import { compileLocalAws, emulatedAwsOptions } from '../../lib/testing/local-aws.js';
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
  /** What the server's own process holds. */
  readonly rssBytes: number;
}

/** What is served, and the way to it without a socket: filling a queue must not cost more than draining it. */
interface Served {
  readonly emulated: EmulatedAws;
  readonly endpoint: string;
  readonly region: string;
}

const BATCH = 10;
let served: Promise<Served> | undefined;
let queues = 0;

async function serve(): Promise<Served> {
  let endpoint = '';
  const compiled = compileLocalAws({ limits: 'off' });
  const emulated = await createEmulatedAws(emulatedAwsOptions(compiled, () => endpoint));
  const { port } = await listen(emulated.handle);
  endpoint = `http://${compiled.host}:${port}`;
  return { emulated, endpoint, region: compiled.region };
}

const nobody = { whenGone: () => undefined };

async function call(target: string, input: object): Promise<Readonly<Record<string, string>>> {
  const { emulated } = await (served ??= serve());
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
  const request = { method: 'POST', path: '/', headers, body: JSON.stringify(input) };
  const response = await emulated.handle(request, nobody);
  const body = response?.body;
  if (response?.status !== 200 || typeof body !== 'string')
    throw new Error(`${target} was answered ${response?.status}: ${JSON.stringify(body)}`);
  return JSON.parse(body) as Readonly<Record<string, string>>;
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

async function createTopic(endpoint: string, name: string): Promise<string> {
  const body = new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: name });
  const response = await fetch(endpoint, { method: 'POST', body });
  const [, arn] = /<TopicArn>([^<]+)</.exec(await response.text()) ?? [];
  if (arn === undefined) throw new Error(`CreateTopic was answered ${response.status}`);
  return arn;
}

async function fill(
  url: string,
  load: { from: number; messages: number; bytes: number; groups: number },
): Promise<void> {
  const end = load.from + load.messages;
  for (let from = load.from; from < end; from += BATCH) {
    const count = Math.min(BATCH, end - from);
    const Entries = batchEntries(from, { count, bytes: load.bytes, groups: load.groups });
    await call('AmazonSQS.SendMessageBatch', { QueueUrl: url, Entries });
    // Who is served meanwhile must not wait until the queue is full.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

answerOrders(async (order: ServerOrder): Promise<ServerReport> => {
  const { emulated, endpoint, region } = await (served ??= serve());
  const report = (): ServerReport => ({
    counts: emulated.calls.counts(),
    rssBytes: process.memoryUsage.rss(),
  });
  switch (order.kind) {
    case 'queue': {
      queues += 1;
      const url = await createQueue(`bench-${queues}`, order.fifo);
      const deadLetterUrl = await createQueue(`bench-${queues}-dead`, order.fifo);
      await fill(url, { ...order, from: 0 });
      return { place: { endpoint, region, url, deadLetterUrl, fifo: order.fifo }, ...report() };
    }
    case 'topic':
      return { topic: { endpoint, region, arn: await createTopic(endpoint, 'bench') }, ...report() };
    case 'fill':
      await fill(order.url, { ...order, groups: 0 });
      return report();
    case 'table':
      await call('DynamoDB_20120810.CreateTable', {
        TableName: order.name,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
      return report();
    case 'counts':
      return report();
  }
});

import {
  createTracedPublisher,
  createTracedWorker,
  countingTelemetry,
  serveHealth,
} from '../../examples/guides/observability.js';
import {
  publishLater,
  publishLean,
  publishMany,
  publishOne,
  publishOrExplain,
} from '../../examples/guides/publisher.js';
import {
  createBuildWorker,
  createElasticWorker,
  createForgivingWorker,
  createLeanPair,
  RepositoryGone,
} from '../../examples/guides/queue-worker.js';
import {
  buildPush,
  callHandler,
  createBuildsQueue,
  drainQueue,
  failOnce,
  passTime,
} from '../../examples/guides/testing.js';
import { createReceiver, createTestReceiver, serve } from '../../examples/guides/webhook.js';
import { PushReceived } from '../../examples/quickstart/messages.js';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AddressInfo } from 'node:net';
import type { TopicBinding } from '../../lib/contract/index.js';
import { createPublisher, type QueueWorker } from '../../lib/runtime/index.js';
import { createLocalAws, type LocalAws } from '../../lib/testing/index.js';
import { eventually } from '../runtime/support/local-queue.js';

const push = (delivery: string) => ({ delivery, ref: 'refs/heads/main' });
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:RepositoryEvents';

let aws: LocalAws;
const environment = { ...process.env };
beforeEach(async () => {
  aws = await createLocalAws({ dynamodb: false });
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  process.env['MILLRACE_QUEUE_BUILDS'] = JSON.stringify(await createBuildsQueue(aws));
});
afterEach(async () => {
  process.env = { ...environment };
  await aws.close();
});

/** Publishes a push and lets the worker have it. */
async function handOne(worker: QueueWorker, isDone: () => boolean): Promise<void> {
  const running = worker.run();
  const publisher = createPublisher({ queue: 'Builds' });
  try {
    await publisher.publish(PushReceived, push('d1'));
    await eventually('the push is handled', isDone);
  } finally {
    await publisher.stop();
    await worker.stop();
    await running;
  }
}

describe('the guide to the publisher', () => {
  it('publishes one, many, later, and tells why one was not', async () => {
    await expect(publishOne(push('d1'))).resolves.toMatch(/./);
    await expect(publishMany([push('d2'), push('d3'), { delivery: 'd4' } as never])).resolves.toBe(1);
    await publishLater(push('d5'));
    await expect(publishOrExplain(push('d6'))).resolves.toBe('published');
    await expect(publishOrExplain({ delivery: 'd7' } as never)).resolves.toMatch(/^never: ref/);
  });
});

describe('the guide to the publisher, to a topic', () => {
  it('publishes over the lean transport', async () => {
    const { accountId, clientConfig, endpoint, region } = aws;
    const sns = new SNSClient(clientConfig);
    await sns.send(new CreateTopicCommand({ Name: 'RepositoryEvents' }));
    sns.destroy();
    process.env['MILLRACE_TOPIC_REPOSITORY_EVENTS'] = JSON.stringify({
      v: 1,
      kind: 'topic',
      name: 'RepositoryEvents',
      region,
      endpoint,
      arn: `arn:aws:sns:${region}:${accountId}:RepositoryEvents`,
      fifo: false,
      contentBasedDeduplication: false,
      maxMessageBytes: 262_144,
      messages: [{ name: PushReceived.name, version: PushReceived.version }],
    } satisfies TopicBinding);
    await publishLean(push('d1'));
    expect(aws.calls.counts()).toMatchObject({ 'sns.PublishBatch': 1 });
  });
});

describe('the guide to the queue worker', () => {
  it('handles a push', async () => {
    const built: string[] = [];
    const worker = createBuildWorker(({ delivery }) => Promise.resolve(void built.push(delivery)));
    await handOne(worker, () => worker.stats().handled === 1);
    expect(built).toEqual(['d1']);
  });

  it('dead-letters what a rule says', async () => {
    const worker = createForgivingWorker(() => Promise.reject(new RepositoryGone('gone')));
    await handOne(worker, () => worker.stats().deadLettered === 1);
    expect(worker.stats()).toMatchObject({ deadLettered: 1, failed: 0 });
  });

  it('follows the load with its concurrency', async () => {
    const worker = createElasticWorker(() => Promise.resolve());
    await handOne(worker, () => worker.stats().handled === 1);
    expect(worker.stats().slots).toBeGreaterThanOrEqual(2);
  });

  it('does the same over the lean transport', async () => {
    const built: string[] = [];
    const { worker, publisher } = createLeanPair(({ delivery }) =>
      Promise.resolve(void built.push(delivery)),
    );
    await publisher.publish(PushReceived, push('lean'));
    await publisher.stop();
    await handOne(worker, () => worker.stats().handled === 2);
    expect(built.sort()).toEqual(['d1', 'lean']);
  });
});

describe('the guide to testing', () => {
  it('calls a handler, drains a queue, injects a fault and passes time', async () => {
    await expect(callHandler()).resolves.toBe('built refs/heads/main');
    await expect(buildPush(push('d1'), { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await expect(drainQueue()).resolves.toEqual(['built refs/heads/main']);
    await expect(failOnce()).resolves.toEqual({ throttle: 1 });
    await expect(passTime()).resolves.toBe(1);
  });
});

describe('the guide to observability', () => {
  it('writes metrics as lines, and answers probes while the worker works', async () => {
    const lines: string[] = [];
    const stdout = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((line) => lines.push(String(line)) > 0);
    const worker = createTracedWorker();
    const probes = serveHealth(worker, 0);
    const ready = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${(probes.address() as AddressInfo).port}/readyz`)).status;
    try {
      await handOne(worker, () => worker.stats().handled === 1);
      expect(await ready()).toBe(503); // it was stopped
    } finally {
      stdout.mockRestore();
      probes.close();
    }
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({
        Stage: 'prod',
        Client: 'queue-worker',
        Destination: 'Builds',
        MessagesReceived: 1,
      }),
    );
  });

  it('publishes with baggage, and counts in a way of its own', async () => {
    const publisher = createTracedPublisher();
    await publisher.publish(PushReceived, push('d1'));
    await publisher.stop();
    const counts: string[] = [];
    const counted = createPublisher({
      queue: 'Builds',
      telemetry: countingTelemetry((name) => counts.push(name)),
    });
    await counted.publish(PushReceived, push('d2'));
    await counted.stop();
    expect(counts).toContain('publisher messaging.client.sent.messages');
  });
});

describe('the guide to the webhook receiver', () => {
  it('refuses what SNS did not sign', async () => {
    const server = serve(
      createReceiver(TOPIC, () => Promise.resolve()),
      0,
    );
    const { port } = server.address() as AddressInfo;
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
    server.close();
    expect(status).toBe(400);
  });

  it('has a receiver for tests', async () => {
    const { aws: signing, receiver } = await createTestReceiver(TOPIC, () => Promise.resolve());
    await receiver.stop();
    await signing.close();
    expect(signing.endpoint).toMatch(/^http/);
  });
});

import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPublisher, createWebhookReceiver, on, type WebhookEvent } from '../../../lib/runtime/index.js';
import { createLocalAws, type LocalAws } from '../../../lib/testing/index.js';
import { JobQueued } from '../sqs/fixtures.js';
import { eventually } from '../support/local-queue.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setup(handle: (job: string) => void = () => undefined): Promise<{
  readonly aws: LocalAws;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly events: WebhookEvent[];
  readonly handled: string[];
  readonly subscribe: (attributes?: Record<string, string>) => Promise<void>;
  readonly publish: (job: string) => Promise<unknown>;
}> {
  const aws = await createLocalAws({ signedNotifications: true, dynamodb: false });
  closers.push(() => aws.close());
  const sns = new SNSClient(aws.clientConfig);
  closers.push(() => sns.destroy());
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'Events' }));
  const events: WebhookEvent[] = [];
  const handled: string[] = [];
  const receiver = createWebhookReceiver({
    topicArns: [topicArn],
    handlers: [
      on(JobQueued, ({ job }) => {
        handled.push(job);
        handle(job);
      }),
    ],
    insecureTrustForTests: { certificateOrigins: [aws.endpoint] },
    clients: { sns },
    onEvent: (event) => void events.push(event),
  });
  closers.push(() => receiver.stop());
  const server = createServer(receiver.nodeListener());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sns`;
  const publisher = createPublisher({
    topic: {
      v: 1,
      kind: 'topic',
      name: 'Events',
      region: aws.region,
      endpoint: aws.endpoint,
      arn: topicArn,
      fifo: false,
      contentBasedDeduplication: false,
      maxMessageBytes: 262_144,
      messages: [{ name: 'job.queued', version: 1 }],
    },
    clients: { sns },
  });
  closers.push(() => publisher.stop());
  return {
    aws,
    sns,
    topicArn,
    events,
    handled,
    subscribe: async (Attributes = {}) => {
      await sns.send(
        new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint: endpoint, Attributes }),
      );
      await eventually('the subscription is confirmed', () =>
        events.some(({ kind }) => kind === 'confirmed'),
      );
    },
    publish: (job) => publisher.publish(JobQueued, { job }),
  };
}

describe('a webhook behind a topic of the embedded AWS', () => {
  it.each(['1', '2'])('confirms and handles what is published, signature version %s', async (version) => {
    const { sns, topicArn, subscribe, publish, handled, events } = await setup();
    await sns.send(
      new SetTopicAttributesCommand({
        TopicArn: topicArn,
        AttributeName: 'SignatureVersion',
        AttributeValue: version,
      }),
    );
    await subscribe();
    await publish('a1');
    await eventually('it is handled', () => handled.length === 1);
    expect(handled).toEqual(['a1']);
    expect(events.map(({ kind }) => kind)).toEqual(['insecure', 'confirmed', 'handled']);
  });

  it('confirms so that the URL in a notification unsubscribes nobody', async () => {
    const { sns, topicArn, subscribe } = await setup();
    await subscribe();
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
    const SubscriptionArn = Subscriptions?.[0]?.SubscriptionArn;
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ PendingConfirmation: 'false', ConfirmationWasAuthenticated: 'true' });
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  });

  it('answers poison so that SNS does not send it again', async () => {
    const { aws, sns, topicArn, subscribe, events } = await setup();
    await subscribe();
    const { PublishCommand } = await import('@aws-sdk/client-sns');
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'not ours' }));
    await eventually('it is given up', () => aws.lostDeliveries().length === 1);
    expect(aws.lostDeliveries()[0]?.reason).toContain('422');
    expect(events.at(-1)).toMatchObject({ kind: 'poison', reason: 'missing-envelope' });
  });

  it('is refused raw deliveries', async () => {
    const { aws, subscribe, publish, events, handled } = await setup();
    await subscribe({ RawMessageDelivery: 'true' });
    await publish('a1');
    await eventually('it is given up', () => aws.lostDeliveries().length === 1);
    expect(events.at(-1)).toMatchObject({ kind: 'refused', reason: 'unsigned' });
    expect(handled).toEqual([]);
  });
});

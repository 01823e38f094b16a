import { CreateTopicCommand, SNSClient, SubscribeCommand, PublishCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createPublisher,
  createWebhookReceiver,
  on,
  type ErrorRule,
  type MessageContext,
  type WebhookEvent,
} from '../../../lib/runtime/index.js';
import { createLocalAws } from '../../../lib/testing/index.js';
import { eventually } from '../support/local-queue.js';
import { JobQueued } from '../sqs/fixtures.js';

type Close = () => unknown;

/** A topic that posts to a webhook receiver, with a dead-letter queue behind the subscription. */
export async function openWebhook(
  handle: (job: string, context: MessageContext) => Promise<void> | void,
  errors: readonly ErrorRule[],
  onClose: (close: Close) => void,
) {
  const aws = await createLocalAws({ signedNotifications: true, dynamodb: false });
  onClose(() => aws.close());
  const [sns, sqs] = [new SNSClient(aws.clientConfig), new SQSClient(aws.clientConfig)];
  onClose(() => [sns, sqs].forEach((client) => client.destroy()));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'Events' }));
  const letters = await createDeadLetterQueue(sqs, TopicArn);
  const events: WebhookEvent[] = [];
  const receiver = createWebhookReceiver({
    topicArns: [TopicArn],
    handlers: [on(JobQueued, ({ job }, context) => handle(job, context))],
    errors,
    insecureTrustForTests: { certificateOrigins: [aws.endpoint] },
    clients: { sns },
    onEvent: (event) => void events.push(event),
  });
  onClose(() => receiver.stop());
  const server = createServer(receiver.nodeListener());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onClose(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'http',
      Endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      Attributes: {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: letters.arn }),
        DeliveryPolicy: JSON.stringify({
          healthyRetryPolicy: { numRetries: 3, minDelayTarget: 1, maxDelayTarget: 1 },
        }),
      },
    }),
  );
  await eventually('the subscription is confirmed', () => events.some(({ kind }) => kind === 'confirmed'));
  const publisher = createPublisher({
    topic: {
      v: 1,
      kind: 'topic',
      name: 'Events',
      region: aws.region,
      endpoint: aws.endpoint,
      arn: TopicArn,
      fifo: false,
      contentBasedDeduplication: false,
      maxMessageBytes: 262_144,
      messages: [{ name: 'job.queued', version: 1 }],
    },
    clients: { sns },
  });
  onClose(() => publisher.stop());
  return {
    events,
    publishAll: (jobs: readonly string[]) =>
      Promise.all(jobs.map((job) => publisher.publish(JobQueued, { job }))),
    sendText: (Message: string) => sns.send(new PublishCommand({ TopicArn, Message })),
    letters: letters.count,
  };
}

async function createDeadLetterQueue(sqs: SQSClient, topicArn: string) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'EventsDlq' }));
  const attribute = async (name: 'QueueArn' | 'ApproximateNumberOfMessages'): Promise<string> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }),
    );
    return Attributes?.[name] ?? '';
  };
  const arn = await attribute('QueueArn');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  return { arn, count: async () => Number(await attribute('ApproximateNumberOfMessages')) };
}

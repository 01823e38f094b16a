import { randomUUID } from 'node:crypto';
import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { defineMessage, type TopicBinding } from '../../lib/contract/index.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { within, type EngineConfig } from './probe.js';

/** Publishes to a topic whose subscribers are people and functions; a queue that the probe subscribes must get it. */
export async function probeTopic(topic: TopicBinding, aws: EngineConfig): Promise<string> {
  const [sns, sqs] = [new SNSClient(aws), new SQSClient(aws)];
  const [type] = topic.messages;
  if (type === undefined) throw new Error(`${topic.name} carries no messages`);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `probe-${randomUUID()}` }));
  try {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({ TopicArn: topic.arn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
    );
    const id = randomUUID();
    await publish(topic, { ...type, id });
    await within(arrivalOf(sqs, { QueueUrl, id }), `a message of ${topic.name} in a queue`);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    return `${type.name} published, delivered`;
  } finally {
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    sns.destroy();
    sqs.destroy();
  }
}

async function publish(
  topic: TopicBinding,
  { name, version, id }: { readonly name: string; readonly version: number; readonly id: string },
): Promise<void> {
  const message = defineMessage(name, {
    version,
    schema: z.object({ id: z.string() }),
    id: (payload) => payload.id,
    group: (payload) => payload.id,
  });
  const publisher = createPublisher({ topic, messages: [message] });
  try {
    await publisher.publish(message, { id });
  } finally {
    await publisher.stop();
  }
}

/** Resolves once a message with `id` in it was received; every poll waits at the service. */
async function arrivalOf(
  sqs: SQSClient,
  { QueueUrl, id }: { readonly QueueUrl: string | undefined; readonly id: string },
): Promise<void> {
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
    if (Messages.some(({ Body = '' }) => Body.includes(id))) return;
  }
}

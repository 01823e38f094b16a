import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { readBinding } from 'millrace/contract';
import { createPublisher } from 'millrace/runtime';
import { webhooks } from '../../github-webhooks/messages.js';
import type { PlannedPoison, WebhookPlan } from './webhook-plan.js';

/** Where publishes go. */
export interface PublishTarget {
  /** The bindings of the deployment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A plain client, for what the typed publisher would refuse. */
  readonly client: SNSClient;
  readonly onPublished: () => void;
}

/** Publishes the whole plan to both topics through the typed publisher, and the poison past it. */
export async function publishWebhooks(plan: WebhookPlan, target: PublishTarget): Promise<void> {
  const { environment, onPublished } = target;
  const publishers = ['RepositoryEvents', 'AuditEvents'].map((topic) =>
    createPublisher({ topic, messages: webhooks, environment, clients: { sns: target.client } }),
  );
  const poison = plan.poison.map((flawed, index) => ({
    flawed,
    after: Math.floor(((index + 1) * plan.publishes.length) / (plan.poison.length + 1)),
  }));
  const settled: Promise<unknown>[] = [];
  for (const [index, { message, webhook }] of plan.publishes.entries()) {
    settled.push(...publishers.map((publisher) => publisher.publish(message, webhook).then(onPublished)));
    settled.push(
      ...poison.filter(({ after }) => after === index).map(({ flawed }) => publishPoison(flawed, target)),
    );
  }
  await Promise.all(settled);
  await Promise.all(publishers.map((publisher) => publisher.stop()));
}

/** The typed publisher would refuse these, so a plain client sends them: some producer always does. */
async function publishPoison(
  { token, queue, body, attributes }: PlannedPoison,
  target: PublishTarget,
): Promise<void> {
  const isFifo = queue === 'Audit';
  const topic = readBinding('topic', isFifo ? 'AuditEvents' : 'RepositoryEvents', target.environment);
  await target.client.send(
    new PublishCommand({
      TopicArn: topic.arn,
      Message: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
      ...(isFifo && { MessageGroupId: 'demo/poison', MessageDeduplicationId: token }),
    }),
  );
}

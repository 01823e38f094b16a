import { ReceiveMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { PushReceived } from '../../examples/quickstart/messages.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventOf } from '../runtime/support/event-source-mapping.js';
import { EFFECTS, openLocalQueue, type LocalQueue } from '../runtime/support/local-queue.js';

interface Delivered {
  readonly local: LocalQueue;
  readonly messages: readonly Message[];
}

/** One push in the queue, received; the function's environment names both. */
async function withDeliveredPush(run: (delivered: Delivered) => Promise<void>): Promise<void> {
  jest.resetModules(); // the function reads its environment when it is loaded
  const local = await openLocalQueue({ messages: [{ name: PushReceived.name, version: 1 }] });
  const publisher = createPublisher({ queue: local.binding, messages: [PushReceived] });
  try {
    process.env['MILLRACE_QUEUE_BUILDS'] = JSON.stringify({ ...local.binding, name: 'Builds' });
    process.env['BUILDS_TABLE'] = EFFECTS;
    await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' });
    const { Messages: messages = [] } = await local.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: local.binding.url,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    await run({ local, messages });
  } finally {
    await publisher.stop();
    await local.close();
  }
}

describe('the Lambda function of the quickstart', () => {
  it('finds its queue in the environment and handles an event', () =>
    withDeliveredPush(async ({ local, messages }) => {
      const { handler } = await import('../../examples/quickstart/lambda.js');
      const event = eventOf([...messages], local.binding.arn);
      const answer = await handler(event, { getRemainingTimeInMillis: () => 10_000 });
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(await local.effects()).toEqual([{ pk: 'd1', ref: 'refs/heads/main' }]);
    }));

  it('is invoked by hand as the guide does it', () =>
    withDeliveredPush(async ({ local, messages: [message] }) => {
      const guide = await import('../../examples/guides/lambda.js');
      const attributes = Object.fromEntries(
        Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
          name,
          StringValue ?? '',
        ]),
      );
      const event = guide.eventOf(message?.Body ?? '', attributes, local.binding.arn);
      expect(await guide.invoke(event)).toEqual({ batchItemFailures: [] });
      expect(await local.effects()).toEqual([{ pk: 'd1', ref: 'refs/heads/main' }]);
    }));
});

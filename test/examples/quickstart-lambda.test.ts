import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { PushReceived } from '../../examples/quickstart/messages.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventOf } from '../runtime/support/event-source-mapping.js';
import { EFFECTS, openLocalQueue } from '../runtime/support/local-queue.js';

describe('the Lambda function of the quickstart', () => {
  it('finds its queue in the environment and handles an event', async () => {
    const local = await openLocalQueue({ messages: [{ name: PushReceived.name, version: 1 }] });
    const publisher = createPublisher({ queue: local.binding, messages: [PushReceived] });
    try {
      process.env['MILLRACE_QUEUE_BUILDS'] = JSON.stringify({ ...local.binding, name: 'Builds' });
      process.env['BUILDS_TABLE'] = EFFECTS;
      const { handler } = await import('../../examples/quickstart/lambda.js');
      await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' });
      const { Messages = [] } = await local.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: local.binding.url,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      const event = eventOf(Messages, local.binding.arn);
      const answer = await handler(event, { getRemainingTimeInMillis: () => 10_000 });
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(await local.effects()).toEqual([{ pk: 'd1', ref: 'refs/heads/main' }]);
    } finally {
      await publisher.stop();
      await local.close();
    }
  });
});

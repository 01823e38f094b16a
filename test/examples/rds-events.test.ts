import { ConfirmSubscriptionCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { NotificationEvent } from '../../examples/rds-events/teller.js';
import { eventually } from '../runtime/support/local-queue.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('rds-events');

const TELLER = 'arn:aws:lambda:us-east-1:000000000000:function:teller';

const eventOf = (number: string, message: string): string =>
  JSON.stringify({
    'Event Source': 'db-instance',
    'Event Time': '2026-11-22 14:49:51.123',
    'Source ID': 'shop-db',
    'Event ID': `http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-${number}`,
    'Event Message': message,
  });

async function setup() {
  const { aws, output } = await run({
    invokeFunction: async (_arn, event) => {
      const { handler } = await import('../../examples/rds-events/teller.js');
      await handler(JSON.parse(event) as NotificationEvent);
    },
  });
  const TopicArn = output('EventsTopic');
  process.env['PEOPLE_TOPIC'] = output('PeopleTopic');
  const sns = new SNSClient(aws.clientConfig);
  // Functions are not created locally, so neither is their subscription.
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: TELLER }));
  const Token = aws.outbox().find(({ kind }) => kind === 'confirmation')?.token;
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: output('PeopleTopic'), Token }));
  return {
    publish: (Message: string) => sns.send(new PublishCommand({ TopicArn, Message })),
    told: () => aws.outbox().filter(({ kind }) => kind === 'notification'),
    lost: () => aws.lostDeliveries(),
    close: () => sns.destroy(),
  };
}

describe('events of databases', () => {
  it('reach people as mails they can read, and as text messages when they can not wait', async () => {
    const { publish, told, lost, close } = await setup();
    await publish(eventOf('0002', 'Finished DB instance backup'));
    await publish(eventOf('0049', 'Multi-AZ instance failover completed'));
    await eventually('everybody is told', () => told().length === 3);
    close();
    expect(
      told()
        .map(({ protocol, endpoint }) => `${protocol} ${endpoint}`)
        .sort(),
    ).toEqual(['email dba@example.com', 'email dba@example.com', 'sms +12025550123']);
    expect(told().find(({ protocol }) => protocol === 'sms')?.text).toMatch(
      /^Multi-AZ instance failover completed\n/,
    );
    expect(told().map(({ subject }) => subject)).toContain('shop-db: Finished DB instance backup');
    expect(lost()).toEqual([]);
  });
});

import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createPublisher } from '../../lib/runtime/index.js';
import { createLocalAws } from '../../lib/testing/index.js';
import { PushReceived } from '../../examples/quickstart/messages.js';
import { eventually } from '../runtime/support/local-queue.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The example as a process of its own, and everything it printed. */
function startReceiver(environment: Record<string, string>): {
  readonly child: ChildProcess;
  readonly printed: () => string;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/webhook/receiver.ts'], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closers.push(() => child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return { child, printed: () => printed };
}

describe('examples/webhook/receiver.ts', () => {
  it('confirms its subscription, handles what is published, and ends with SIGTERM', async () => {
    const aws = await createLocalAws({ signedNotifications: true, dynamodb: false });
    closers.push(() => aws.close());
    const sns = new SNSClient(aws.clientConfig);
    closers.push(() => sns.destroy());
    const { TopicArn: arn = '' } = await sns.send(new CreateTopicCommand({ Name: 'RepositoryEvents' }));
    const { child, printed } = startReceiver({
      TOPIC_ARN: arn,
      PORT: '0',
      LOCAL_AWS: aws.endpoint,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    await eventually('it listens', () => printed().includes('listening on'));
    const port = /listening on (\d+)/.exec(printed())?.[1] ?? '';
    await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/` }),
    );
    await eventually('it has confirmed', () => printed().includes('"confirmed"'));
    const publisher = createPublisher({
      topic: {
        v: 1,
        kind: 'topic',
        name: 'RepositoryEvents',
        region: aws.region,
        arn,
        fifo: false,
        contentBasedDeduplication: false,
        maxMessageBytes: 262_144,
        messages: [{ name: 'github.push', version: 1 }],
      },
      clients: { sns },
    });
    closers.push(() => publisher.stop());
    await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' });
    await eventually('it has handled it', () => printed().includes('build refs/heads/main for d1'));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await expect(exit).resolves.toEqual([0, null]);
  });
});

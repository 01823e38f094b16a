import { ReceiveMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { createPublisher, type PublisherOptions } from '../../../lib/runtime/index.js';
import { JobQueued } from '../sqs/fixtures.js';
import { eventually, openLocalQueue } from '../support/local-queue.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setup(
  transport: 'sdk' | 'lean',
  { fifo = false, ...options }: Partial<PublisherOptions> & { fifo?: boolean } = {},
) {
  const local = await openLocalQueue({ fifo });
  closers.push(() => local.close());
  const topic = await local.addTopic(true);
  const publisher = createPublisher({ topic, transport, ...options });
  closers.push(() => publisher.stop());
  return {
    local,
    topic,
    publisher,
    publishAll: (jobs: readonly string[]) =>
      Promise.allSettled(jobs.map((job) => publisher.publish(JobQueued, { job }))),
    arrived: async (count: number): Promise<readonly Message[]> => {
      const got: Message[] = [];
      await eventually(`${count} messages have arrived`, async () => {
        const { Messages = [] } = await local.sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: local.binding.url,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
          }),
        );
        got.push(...Messages);
        return got.length >= count;
      });
      return got;
    },
  };
}

const jobOf = ({ Body = '{}' }: Message): string => (JSON.parse(Body) as { job: string }).job;
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `ä&${at}`);

describe.each(['sdk', 'lean'] as const)('a publisher to a topic over the %s transport', (transport) => {
  it('brings every message to the queue, in full calls, with its envelope', async () => {
    const { publishAll, publisher, arrived } = await setup(transport);
    const results = await publishAll(names(25));
    expect(results.map(({ status }) => status)).toEqual(Array(25).fill('fulfilled'));
    expect(publisher.stats()).toMatchObject({ published: 25, failed: 0, calls: 3, pending: 0 });
    const got = await arrived(25);
    expect(got.map(jobOf).sort()).toEqual(names(25).sort());
    expect(got[0]?.MessageAttributes?.['millrace-type']?.StringValue).toBe('job.queued');
  });

  it('keeps the order of a FIFO group, and gives each message its number', async () => {
    const { publisher, arrived } = await setup(transport, { fifo: true });
    const accepted = await Promise.all(
      ['a1', 'a2', 'a3'].map((job) => publisher.publish(JobQueued, { job })),
    );
    const numbers = accepted.map(({ sequenceNumber = '' }) => sequenceNumber);
    expect(numbers).toEqual([...numbers].sort());
    expect(new Set(numbers).size).toBe(3);
    expect((await arrived(3)).map(jobOf)).toEqual(['a1', 'a2', 'a3']);
  });

  it('tries again what SNS throttles', async () => {
    const { local, publisher, arrived } = await setup(transport);
    local.aws.faults.set([
      { service: 'sns', operation: 'PublishBatch', effect: { kind: 'throttle' }, times: 2 },
    ]);
    await publisher.publish(JobQueued, { job: 'a1' });
    expect((await arrived(1)).map(jobOf)).toEqual(['a1']);
    expect(publisher.stats()).toMatchObject({ published: 1, failed: 0 });
  });

  it('tries again only the entries of a call that SNS did not take', async () => {
    const { local, publishAll, publisher, arrived } = await setup(transport);
    local.aws.faults.set([{ service: 'sns', effect: { kind: 'throttle-entries', share: 0.5 }, times: 1 }]);
    const results = await publishAll(names(10));
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
    expect((await arrived(10)).map(jobOf).sort()).toEqual(names(10).sort());
    expect(publisher.stats()).toMatchObject({ published: 10, failed: 0, pending: 0 });
  });

  it('rejects with the remedy when the topic is not there', async () => {
    const { topic } = await setup(transport);
    const publisher = createPublisher({ topic: { ...topic, arn: `${topic.arn}None` }, transport });
    closers.push(() => publisher.stop());
    await expect(publisher.publish(JobQueued, { job: 'a1' })).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      message: expect.stringContaining("publish 'job.queued' to topic 'Events'") as string,
    });
  });
});

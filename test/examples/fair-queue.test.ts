import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PageRequested } from '../../examples/fair-queue/messages.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventually } from '../runtime/support/local-queue.js';
import { invokeForQueues } from './support/functions.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('fair-queue');

const BACKLOG = 300;
/** Invocations at a time: enough of one tenant in flight for SQS to call it noisy. */
const INVOCATIONS = 4;

describe('a fair queue', () => {
  it('serves a quiet tenant before the backlog of a noisy one', async () => {
    const template = await run();
    const bucket = template.output('RenderedBucket');
    process.env['RENDERED_BUCKET'] = bucket;
    const { handler } = await import('../../examples/fair-queue/worker.js');
    await using s3 = disposable(new S3Client({ ...template.aws.clientConfig, forcePathStyle: true }));
    const rendered = async (tenant: string): Promise<number> => {
      const Prefix = `${tenant}/`;
      const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      return KeyCount;
    };
    await using pages = createPublisher({ queue: 'Pages' });
    const request = (tenant: string, count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, (_, page) =>
          pages.publish(PageRequested, { tenant, page: `p${page}` }),
        ),
      );
    await request('noisy', BACKLOG);

    // Held until the quiet tenant's requests are behind the whole backlog.
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const held: typeof handler = async (event, context) => {
      await gate;
      return handler(event, context);
    };
    const mappings = Array.from({ length: INVOCATIONS }, () => invokeForQueues(template, { Pages: held }));
    const received = (): number => template.aws.calls.count('sqs', 'ReceiveMessage');
    await eventually('much of one tenant is in flight', () => received() >= INVOCATIONS);
    await request('quiet', 5);
    open();
    await eventually('the quiet tenant is served', async () => (await rendered('quiet')) === 5);
    const left = BACKLOG - (await rendered('noisy'));
    await eventually('so is the other, in the end', async () => (await rendered('noisy')) === BACKLOG);
    await Promise.all(mappings.map((mapping) => mapping[Symbol.asyncDispose]()));
    expect(left).toBeGreaterThan(BACKLOG / 2);
  });
});

const disposable = (client: S3Client): S3Client & AsyncDisposable =>
  Object.assign(client, {
    [Symbol.asyncDispose]: () => {
      client.destroy();
      return Promise.resolve();
    },
  });

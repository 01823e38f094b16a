import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { QueueBinding } from '../../../lib/contract/index.js';
import {
  createPublisher,
  createQueueWorker,
  on,
  type MessageContext,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import { encodeOutbox } from '../../../lib/runtime/idempotency/outbox.js';
import { eventLog, JobQueued, queueBinding } from '../sqs/fixtures.js';
import { EFFECTS, eventually, openLocalQueue } from '../support/local-queue.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A queue, and a second one (its dead-letter queue) that handlers publish to. */
async function setup() {
  // A poll that is cut at a stop may hold the message until its visibility timeout ends.
  const local = await openLocalQueue({ maxReceiveCount: 1_000, visibilityTimeoutSeconds: 3 });
  closers.push(() => local.close());
  const { binding } = local;
  const out: QueueBinding = { ...binding, ...binding.deadLetterQueue, name: 'Out' };
  const publisher = createPublisher({ queue: binding });
  closers.push(() => publisher.stop());
  const work = (
    destination: QueueBinding,
    handle: (job: string, ctx: MessageContext) => Promise<void>,
    over: Partial<QueueWorkerOptions> = {},
  ) => {
    const log = eventLog();
    const worker = createQueueWorker({
      queue: binding,
      idempotency: 'transactional',
      outbox: { out: { queue: destination, maxAttempts: 1 } },
      handlers: [on(JobQueued, ({ job }, ctx) => handle(job, ctx))],
      retry: { baseSeconds: 0, maxSeconds: 0 },
      signals: false,
      onEvent: log.onEvent,
      ...over,
    });
    worker.run().catch(() => undefined);
    closers.push(() => worker.stop());
    return { worker, log };
  };
  const boxOf = async (job: string): Promise<string | undefined> => {
    const Key = { pk: { S: `Jobs#job.queued#${job}` } };
    const { Item } = await local.dynamodb.send(new GetItemCommand({ TableName: 'jobs-idempotency', Key }));
    return Item?.['box']?.S;
  };
  return { local, out, publisher, work, boxOf };
}

async function writeAndPublish(job: string, ctx: MessageContext): Promise<void> {
  ctx.write({ Put: { TableName: EFFECTS, Item: { pk: { S: `${job}/${Math.random()}` } } } });
  await ctx.publish('out', JobQueued, { job: `after-${job}` });
}

describe('context.publish', () => {
  it('publishes with the transaction, and forgets what it has published', async () => {
    const { local, out, publisher, work, boxOf } = await setup();
    await publisher.publish(JobQueued, { job: 'one' });
    const { worker } = work(out, writeAndPublish);
    await eventually('it is handled', () => worker.stats().handled === 1);
    const published = await local.deadLetters();
    expect(published.map(({ Body }) => Body)).toEqual(['{"job":"after-one"}']);
    const attributes = Object.values(published[0]?.MessageAttributes ?? {});
    expect(attributes.map(({ StringValue }) => StringValue)).toContainEqual(
      expect.stringContaining('"id":"after-one"'),
    );
    expect(await local.effects()).toHaveLength(1);
    expect(await boxOf('one')).toBe('');
  });

  it('publishes what an outage kept back at a later delivery, by another worker, without a second effect', async () => {
    const { local, out, publisher, work, boxOf } = await setup();
    await publisher.publish(JobQueued, { job: 'one' });
    const cut = work(
      { ...out, endpoint: 'http://127.0.0.1:1', url: 'http://127.0.0.1:1/0/Out' },
      writeAndPublish,
    );
    await eventually('publishing failed', () => cut.worker.stats().failed > 0);
    await cut.worker.stop();
    expect(await boxOf('one')).toContain('after-one');
    const { worker } = work(out, () => Promise.reject(new Error('the handler must not run again')));
    await eventually('it is done', () => worker.stats().duplicates === 1);
    expect((await local.deadLetters()).map(({ Body }) => Body)).toEqual(['{"job":"after-one"}']);
    expect(await local.effects()).toHaveLength(1);
    expect(await boxOf('one')).toBe('');
  });

  it('publishes nothing of a handler that fails', async () => {
    const { local, out, publisher, work } = await setup();
    await publisher.publish(JobQueued, { job: 'one' });
    const { worker } = work(out, async (job, ctx) => {
      await ctx.publish('out', JobQueued, { job });
      throw new Error('no');
    });
    await eventually('it failed', () => worker.stats().failed > 0);
    await worker.stop();
    expect(await local.deadLetters()).toEqual([]);
  });

  it.each([
    ['an unknown destination', 'outt', { job: 'x' }, "did you mean 'out'"],
    ['a payload that does not fit', 'out', { job: 5 } as never, 'does not fit its declaration'],
  ])('rejects %s while the handler can still decide', async (_title, to, payload, words) => {
    const { out, publisher, work } = await setup();
    await publisher.publish(JobQueued, { job: 'one' });
    const caught: unknown[] = [];
    const { worker } = work(out, (_job, ctx) =>
      ctx.publish(to, JobQueued, payload).catch((error: unknown) => void caught.push(error)),
    );
    await eventually('it is handled', () => worker.stats().handled === 1);
    expect(String(caught[0])).toContain(words);
  });
});

describe('an outbox', () => {
  it('rejects more than a record holds', () => {
    const message = { to: 'out', outgoing: { body: 'x'.repeat(350_000), attributes: {} } };
    expect(() => encodeOutbox([message])).toThrow('publish less');
    expect(encodeOutbox([])).toBeUndefined();
  });

  it.each([
    [{ idempotency: 'lease', outbox: {} }, "an outbox needs idempotency 'transactional'"],
    [{ idempotency: 'sequence', onStoreOutage: 'fail-open' }, "can't be had with idempotency 'sequence'"],
    [{ idempotency: 'lease', onStoreOutage: 'open' as never }, 'onStoreOutage must be one of'],
    [{ idempotency: 'lease', store: {} as never }, 'store must be made with'],
    [{ idempotency: 'lease', consumer: 'a#b' }, "consumer must not contain '#'"],
    [{ idempotency: 'lease', rememberSeconds: 60 }, 'its record must outlive it, raise rememberSeconds'],
    [{ idempotency: 'none', store: { name: 'x', records: {}, marks: {} } as never }, 'leave it out'],
    [
      { idempotency: 'transactional', store: { name: 'x', records: {}, marks: {} } as never },
      'needs transactions',
    ],
  ] as const satisfies readonly (readonly [Partial<QueueWorkerOptions>, string])[])(
    'rejects options that make no sense: %j',
    (over, words) => {
      const handlers = [on(JobQueued, () => undefined)];
      const options = { queue: queueBinding(), handlers, ...over };
      expect(() => createQueueWorker(options)).toThrow(words);
    },
  );
});

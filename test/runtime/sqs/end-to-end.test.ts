import { SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  createPublisher,
  createQueueWorker,
  on,
  type MessageContext,
  type Publisher,
  type QueueWorker,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import {
  EFFECTS,
  eventually,
  openLocalQueue,
  type LocalQueue,
  type LocalQueueOptions,
} from '../support/local-queue.js';
import { eventLog, JobQueued } from './fixtures.js';

interface Bundle {
  readonly local: LocalQueue;
  readonly publisher: Publisher;
  /** A worker whose handler writes one effect per job, unless told otherwise. */
  readonly work: (
    options?: Partial<QueueWorkerOptions>,
    handle?: (job: string, ctx: MessageContext) => Promise<void> | void,
  ) => { readonly worker: QueueWorker; readonly log: ReturnType<typeof eventLog> };
  readonly publishAll: (jobs: readonly string[]) => Promise<void>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setup(options: LocalQueueOptions = {}): Promise<Bundle> {
  const local = await openLocalQueue(options);
  closers.push(() => local.close());
  const publisher = createPublisher({ queue: local.binding });
  closers.push(() => publisher.stop());
  return {
    local,
    publisher,
    publishAll: async (jobs) => {
      await Promise.all(jobs.map((job) => publisher.publish(JobQueued, { job })));
    },
    work: (over = {}, handle = putEffect) => {
      const log = eventLog();
      const worker = createQueueWorker({
        queue: local.binding,
        idempotency: 'transactional',
        handlers: [on(JobQueued, ({ job }, ctx) => handle(job, ctx))],
        signals: false,
        drainTimeoutSeconds: 2,
        abortGraceSeconds: 1,
        onEvent: log.onEvent,
        ...over,
      });
      worker.run().catch(() => undefined);
      closers.push(() => worker.stop());
      return { worker, log };
    },
  };
}

/** Counts how often the job had its effect: an update, so that a second one would show. */
function putEffect(job: string, ctx: MessageContext): void {
  ctx.write({
    Update: {
      TableName: EFFECTS,
      Key: { pk: { S: job } },
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
  });
}

const names = (count: number, prefix = 'a'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

describe('queue worker and publisher end to end', () => {
  it('has each effect exactly once, though some messages are published twice', async () => {
    const { local, work, publishAll } = await setup();
    const { log } = work();
    const jobs = names(100);
    await publishAll([...jobs, ...jobs.slice(0, 10)]);
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    const effects = await local.effects();
    expect(effects).toHaveLength(100);
    expect(effects.every(({ n }) => n === '1')).toBe(true);
    expect(log.of('duplicate')).toHaveLength(10);
    expect(log.of('handled')).toHaveLength(100);
  });

  it('makes few calls per message', async () => {
    const { local, work, publishAll, publisher } = await setup();
    await publishAll(names(200));
    expect(publisher.stats().calls).toBeLessThanOrEqual(24);
    const { worker } = work({ idempotency: 'none' }, () => undefined);
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    const { calls } = worker.stats();
    expect((calls.receive + calls.delete + calls.changeVisibility) / 200).toBeLessThanOrEqual(0.25);
  });

  it('carries on where a worker that vanished has left off', async () => {
    const { local, work, publishAll } = await setup({ visibilityTimeoutSeconds: 2 });
    await publishAll(names(20));
    const stuck: string[] = [];
    // It takes messages, writes nothing and is gone: what a killed process leaves behind.
    const vanished = work({ concurrency: 5 }, (job, ctx) => {
      stuck.push(job);
      putEffect(job, ctx);
      return new Promise(() => undefined);
    });
    await eventually('messages are held', () => stuck.length >= 5);
    await vanished.worker.stop();
    work();
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    const effects = await local.effects();
    expect(effects).toHaveLength(20);
    expect(effects.every(({ n }) => n === '1')).toBe(true);
  });

  it('keeps a message that takes longer than its visibility timeout', async () => {
    const { local, work, publishAll } = await setup({ visibilityTimeoutSeconds: 2 });
    const starts: string[] = [];
    const { log } = work({}, async (job, ctx) => {
      starts.push(job);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      putEffect(job, ctx);
    });
    await publishAll(['a1']);
    await eventually('it is gone', async () => starts.length > 0 && (await local.depth()) === 0);
    expect(starts).toEqual(['a1']);
    expect(log.of('lost')).toEqual([]);
  });

  it('moves poison to the dead-letter queue with its reason and lets the rest through', async () => {
    const { local, work, publishAll } = await setup();
    await local.sqs.send(new SendMessageCommand({ QueueUrl: local.binding.url, MessageBody: 'no json' }));
    await publishAll(names(5));
    work();
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    const [letter] = await local.deadLetters();
    expect(letter?.Body).toBe('no json');
    const reason = letter?.MessageAttributes?.['millrace-reason']?.StringValue ?? '{}';
    expect(JSON.parse(reason)).toMatchObject({ v: 1, reason: 'missing-envelope', queue: local.binding.arn });
    expect(await local.effects()).toHaveLength(5);
  });

  it('leaves what always fails to the queue, which moves it to the dead-letter queue', async () => {
    const { local, work, publishAll } = await setup({ maxReceiveCount: 2 });
    await publishAll(['a1']);
    const { log } = work({ retry: { baseSeconds: 0, maxSeconds: 1 } }, () => Promise.reject(new Error('no')));
    await eventually('it is gone', async () => (await local.depth()) === 0);
    expect(log.of('failed').map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, true]);
    expect(await local.deadLetters()).toHaveLength(1);
  });

  it('keeps the order inside each FIFO group, through failures', async () => {
    const { local, work, publishAll } = await setup({ fifo: true });
    const seen: string[] = [];
    let failures = 0;
    work({ retry: { baseSeconds: 0, maxSeconds: 1 } }, (job, ctx) => {
      if (job === 'b003' && (failures += 1) < 3) throw new Error('not yet');
      seen.push(job);
      putEffect(job, ctx);
    });
    await publishAll([...names(10, 'a'), ...names(10, 'b'), ...names(10, 'c')]);
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    for (const group of ['a', 'b', 'c'])
      expect(seen.filter((job) => job.startsWith(group))).toEqual(names(10, group));
  });

  it.each([true, false])('reads what comes through a topic, raw delivery %p', async (raw) => {
    const { local, work } = await setup();
    const topic = await local.addTopic(raw);
    const publisher = createPublisher({ topic, messages: [JobQueued] });
    work({ queue: { ...local.binding, delivery: raw ? 'raw' : 'sns-envelope' } });
    await Promise.all(names(12).map((job) => publisher.publish(JobQueued, { job })));
    await publisher.stop();
    await eventually('all effects are there', async () => (await local.effects()).length === 12);
    expect(publisher.stats()).toMatchObject({ published: 12, calls: 2 });
  });

  it('moves a mark per group in sequence mode, with the effects', async () => {
    const { local, work, publishAll } = await setup({ fifo: true });
    const { log } = work({ idempotency: 'sequence' });
    await publishAll([...names(8, 'a'), ...names(8, 'b')]);
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    expect(await local.effects()).toHaveLength(16);
    expect(log.of('handled')).toHaveLength(16);
  });

  it('recognises copies that come after each other in record-after mode', async () => {
    // Short, because a poll that was cut may still be handed messages until SQS notices: they come back after this long.
    const { local, work, publishAll } = await setup({ visibilityTimeoutSeconds: 3 });
    const runs: string[] = [];
    const first = work({ idempotency: 'record-after' }, (job) => void runs.push(job));
    await publishAll(names(10));
    await eventually('all messages are gone', async () => (await local.depth()) === 0);
    await first.worker.stop();
    const second = work({ idempotency: 'record-after' }, (job) => void runs.push(job));
    await publishAll(names(10));
    await eventually('the copies are gone', async () => (await local.depth()) === 0);
    expect(runs).toHaveLength(10);
    expect(second.log.of('duplicate')).toHaveLength(10);
  });

  it('runs one handler at a time per business id in lease mode, and later copies not at all', async () => {
    const { local, work, publishAll, publisher } = await setup();
    let live = 0;
    let most = 0;
    let runs = 0;
    const { log } = work({ idempotency: 'lease', visibilityTimeoutSeconds: 3 }, async () => {
      live += 1;
      runs += 1;
      most = Math.max(most, live);
      await new Promise((resolve) => setTimeout(resolve, 500));
      live -= 1;
    });
    await publishAll(['a1', 'a1', 'a1']);
    await eventually('copies wait', () => log.of('inProgress').length >= 2);
    await eventually('all messages are gone', async () => (await local.depth()) === 0, 25_000);
    await publisher.publish(JobQueued, { job: 'a1' });
    await eventually('the late copy is gone', async () => (await local.depth()) === 0);
    expect([most, runs]).toEqual([1, 1]);
    expect(log.of('duplicate')).toHaveLength(3);
    expect(log.of('failed')).toEqual([]);
  });
});

import { SQSClient } from '@aws-sdk/client-sqs';
import {
  createMemoryStore,
  createQueueWorker,
  on,
  type IdempotencyMode,
  type QueueWorker,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import { openEmbeddedQueue, type EmbeddedQueue } from '../support/embedded-queue.js';
import { eventLog, JobQueued } from './fixtures.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Bundle extends EmbeddedQueue {
  readonly worker: QueueWorker;
  readonly log: ReturnType<typeof eventLog>;
  readonly handled: string[];
  /** From now on SQS refuses to delete. */
  readonly refuseDeletes: () => void;
  /** The worker lacks the right to delete. */
  readonly forbidDeletes: () => void;
  readonly allowDeletes: () => void;
  readonly pass: (ms: number) => Promise<void>;
  /** Begins to stop, and lets time pass until nothing is left; answers how long that took, milliseconds. */
  readonly stop: () => Promise<number>;
}

async function setup(options: Partial<QueueWorkerOptions> = {}): Promise<Bundle> {
  const embedded = await openEmbeddedQueue();
  const { aws, clock, binding } = embedded;
  // Retries of the SDK's own would pass in real time.
  const sqs = new SQSClient({ ...aws.clientConfig, maxAttempts: 1 });
  const policy = { isForbidding: false };
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (policy.isForbidding && commandName === 'DeleteMessageBatchCommand')
          throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
        return next(args);
      },
    { step: 'finalizeRequest' },
  );
  const log = eventLog();
  const handled: string[] = [];
  const worker = createQueueWorker({
    queue: binding,
    idempotency: 'none',
    handlers: [on(JobQueued, ({ job }) => void handled.push(job))],
    clients: { sqs },
    clock,
    random: { next: () => 0.5 },
    signals: false,
    onEvent: log.onEvent,
    ...options,
  });
  const stop = async (): Promise<number> => {
    const state = { isQuiet: false };
    const since = clock.monotonic();
    const stopping = worker.stop().finally(() => (state.isQuiet = true));
    while (!state.isQuiet) await clock.advanceBy(250);
    await stopping;
    return clock.monotonic() - since;
  };
  closers.push(async () => {
    aws.faults.clear();
    await stop();
    sqs.destroy();
    await embedded.close();
  });
  return {
    ...embedded,
    worker,
    log,
    handled,
    stop,
    refuseDeletes: () =>
      aws.faults.set([
        { service: 'sqs', operation: 'DeleteMessageBatch', effect: { kind: 'error', when: 'before' } },
      ]),
    forbidDeletes: () => void (policy.isForbidding = true),
    allowDeletes: () => void (policy.isForbidding = false),
    pass: async (ms) => {
      for (let passed = 0; passed < ms; passed += 1_000) await clock.advanceBy(1_000);
    },
  };
}

describe('a handled message that SQS does not delete for a minute', () => {
  it.each<IdempotencyMode>(['none', 'record-after', 'lease', 'transactional'])(
    'is handled once in mode %s, kept invisible meanwhile, and deleted when that works again',
    async (idempotency) => {
      const { send, worker, handled, aws, refuseDeletes, pass, depths, log } = await setup({
        idempotency,
        ...(idempotency !== 'none' && { store: createMemoryStore() }),
      });
      refuseDeletes();
      await send([{ id: 'job1' }]);
      worker.run().catch(() => undefined);
      await pass(60_000);
      expect(await depths()).toEqual({ queue: 1, deadLetters: 0 });
      aws.faults.clear();
      await pass(60_000);
      expect({ handled, depths: await depths() }).toEqual({
        handled: ['job1'],
        depths: { queue: 0, deadLetters: 0 },
      });
      expect(worker.stats()).toMatchObject({ received: 1, handled: 1, duplicates: 0, lost: 0 });
      expect(log.of('extended').length).toBeGreaterThanOrEqual(2);
    },
  );

  it('is told at every try, and shows in health and stats until it is deleted', async () => {
    const { send, worker, aws, refuseDeletes, pass, log } = await setup();
    refuseDeletes();
    await send([{ id: 'job1' }, { id: 'job2' }]);
    worker.run().catch(() => undefined);
    await pass(60_000);
    const told = log.of('deleteFailed').filter(({ id }) => id === 'job1');
    expect(told.slice(0, 3)).toEqual(
      [150, 300, 600].map(
        (retryInMs) =>
          expect.objectContaining({ code: 'InternalError', retryInMs, receiveCount: 1 }) as unknown,
      ),
    );
    // At the longest, ten seconds apart.
    expect(told.length).toBeLessThan(16);
    expect(worker.health()).toMatchObject({ status: 'failing', failedPolls: 0 });
    expect(worker.stats().undeleted).toBe(2);
    aws.faults.clear();
    await pass(11_000);
    expect(worker.health()).toEqual({ status: 'working' });
    expect(worker.stats().undeleted).toBe(0);
  });

  it('comes back to nobody else when deleting is forbidden for ten minutes', async () => {
    const { send, worker, handled, pass, depths, forbidDeletes, allowDeletes } = await setup();
    forbidDeletes();
    await send([{ id: 'job1' }]);
    worker.run().catch(() => undefined);
    await pass(600_000);
    expect({ handled, depths: await depths() }).toEqual({
      handled: ['job1'],
      depths: { queue: 1, deadLetters: 0 },
    });
    allowDeletes();
    await pass(11_000);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 0 });
  });

  it('stops a worker from receiving more than it can hold', async () => {
    const { send, worker, refuseDeletes, pass, handled } = await setup({ concurrency: 1 });
    refuseDeletes();
    await send(Array.from({ length: 300 }, (_, index) => ({ id: `job${index}` })));
    worker.run().catch(() => undefined);
    await pass(60_000);
    const before = handled.length;
    await pass(60_000);
    expect(handled).toHaveLength(before);
    expect(new Set(handled).size).toBe(before);
    expect(before).toBeLessThan(150);
  });

  it('is given up once the drain time of a stop is over', async () => {
    const { send, worker, refuseDeletes, pass, stop, log } = await setup({ drainTimeoutSeconds: 10 });
    refuseDeletes();
    await send([{ id: 'job1' }]);
    worker.run().catch(() => undefined);
    await pass(5_000);
    const tookMs = await stop();
    expect(tookMs).toBeGreaterThanOrEqual(13_000); // drain time and grace
    expect(tookMs).toBeLessThan(15_000);
    expect(log.of('lost')).toEqual([expect.objectContaining({ cause: 'not-deleted', id: 'job1' })]);
  });

  it('is waited for at a stop, and deleted within the drain time if that works again', async () => {
    const { send, worker, handled, aws, clock, refuseDeletes, pass, stop, depths } = await setup();
    refuseDeletes();
    await send([{ id: 'job1' }]);
    worker.run().catch(() => undefined);
    await pass(5_000);
    clock.schedule(6_000, () => aws.faults.clear());
    expect(await stop()).toBeLessThan(17_000);
    expect({ handled, depths: await depths() }).toEqual({
      handled: ['job1'],
      depths: { queue: 0, deadLetters: 0 },
    });
  });
});

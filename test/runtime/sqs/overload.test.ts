import {
  createQueueWorker,
  on,
  type MessageContext,
  type QueueWorker,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import {
  openEmbeddedQueue,
  type EmbeddedQueue,
  type EmbeddedQueueOptions,
} from '../support/embedded-queue.js';
import { eventLog, JobQueued } from './fixtures.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Bundle extends EmbeddedQueue {
  readonly worker: QueueWorker;
  readonly log: ReturnType<typeof eventLog>;
  /** Lets time pass in steps until it holds; fails after `withinMs` of virtual time. */
  readonly passUntil: (holds: () => boolean, withinMs: number, stepMs?: number) => Promise<void>;
}

async function setup(
  handle: (job: string, ctx: MessageContext, clock: EmbeddedQueue['clock']) => Promise<void> | void,
  given: { readonly queue?: EmbeddedQueueOptions; readonly options?: Partial<QueueWorkerOptions> } = {},
): Promise<Bundle> {
  const embedded = await openEmbeddedQueue(given.queue);
  closers.push(() => embedded.close());
  const { clock } = embedded;
  const log = eventLog();
  let seed = 7;
  const worker = createQueueWorker({
    queue: embedded.binding,
    idempotency: 'none',
    handlers: [on(JobQueued, ({ job }, ctx) => handle(job, ctx, clock))],
    clients: { sqs: embedded.sqs },
    clock,
    random: { next: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 },
    signals: false,
    drainTimeoutSeconds: 1,
    onEvent: log.onEvent,
    ...given.options,
  });
  closers.push(async () => {
    const state = { isQuiet: false };
    const stopping = worker.stop().finally(() => (state.isQuiet = true));
    while (!state.isQuiet) await clock.advanceBy(500);
    await stopping;
  });
  return {
    ...embedded,
    worker,
    log,
    passUntil: async (holds, withinMs, stepMs = 1_000) => {
      const end = clock.monotonic() + withinMs;
      while (!holds()) {
        if (clock.monotonic() > end)
          throw new Error(`it did not happen within ${withinMs} ms of virtual time`);
        await clock.advanceBy(stepMs);
      }
    },
  };
}

const sleep = (clock: EmbeddedQueue['clock'], ms: number): Promise<void> =>
  new Promise((resolve) => clock.schedule(ms, resolve));

const jobs = (count: number): { readonly id: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: `a${index}` }));

const OUTAGE_MS = 30 * 60_000;

/** A thousand messages meet a dependency that is down for half an hour. */
async function sitOut(options: Partial<QueueWorkerOptions>) {
  const handled = new Set<string>();
  const state = { isDown: true };
  const bundle = await setup(
    async (job, _ctx, clock) => {
      await sleep(clock, 20);
      if (state.isDown) throw new Error('connection refused');
      handled.add(job);
    },
    { options },
  );
  const { clock, send, worker, log } = bundle;
  await send(jobs(1_000));
  worker.run().catch(() => undefined);
  for (let passed = 0; passed < OUTAGE_MS; passed += 10_000) await clock.advanceBy(10_000);
  const during = { ...worker.stats(), health: worker.health(), failures: log.of('failed').length };
  state.isDown = false;
  return { ...bundle, handled, during };
}

describe('an outage of what handlers depend on', () => {
  it('drains nothing into the dead-letter queue, and everything is handled once it is over', async () => {
    const { handled, during, depths, passUntil, log, worker } = await sitOut({});
    expect(during.health).toMatchObject({ status: 'paused', failureShare: 1 });
    // Probes and what was in hand: a few receives, where 1000 messages could have lost 5000.
    expect(during.failures).toBeLessThan(100);
    expect(log.of('receivingPaused').length).toBeGreaterThan(5);
    await passUntil(() => handled.size === 1_000, 10 * 60_000);
    await passUntil(() => worker.stats().handling === 0, 10_000);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 0 });
    expect(log.of('receivingResumed')).toHaveLength(1);
    expect(worker.health()).toEqual({ status: 'working' });
  });

  it('would have drained it without the circuit breaker', async () => {
    const { depths, handled } = await sitOut({ circuitBreaker: false });
    expect(handled.size).toBe(0);
    expect((await depths()).deadLetters).toBe(1_000);
  });

  it('keeps messages in hand that have no receive to spare, though it lasts for hours', async () => {
    const handled: string[] = [];
    const state = { isDown: true };
    const { send, worker, clock, log, depths, passUntil } = await setup((job) => {
      if (state.isDown) throw new Error('connection refused');
      handled.push(job);
    });
    await send(jobs(12));
    worker.run().catch(() => undefined);
    for (let minute = 0; minute < 180; minute += 1) await clock.advanceBy(60_000);
    expect((await depths()).deadLetters).toBe(0);
    expect(worker.stats().parked).toBeGreaterThan(0);
    expect(log.of('parked').every(({ receiveCount }) => receiveCount === 4)).toBe(true);
    state.isDown = false;
    await passUntil(() => new Set(handled).size === 12, 10 * 60_000);
    await clock.advanceBy(5_000);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 0 });
  });

  it('leaves a stopped worker’s messages a receive for the next', async () => {
    const { send, worker, clock, log, depths } = await setup(() => Promise.reject(new Error('refused')));
    await send(jobs(12));
    const ended = worker.run();
    for (let minute = 0; minute < 60; minute += 1) await clock.advanceBy(60_000);
    expect(log.of('parked').length).toBeGreaterThan(0);
    const stopping = worker.stop();
    await clock.advanceBy(10_000);
    await stopping;
    await expect(ended).resolves.toBeUndefined();
    expect(await depths()).toEqual({ queue: 12, deadLetters: 0 });
  });

  it('still lets a message that alone is at fault reach the dead-letter queue', async () => {
    const { send, worker, passUntil, depths, clock } = await setup((job) => {
      if (job === 'a3') throw new Error('always');
    });
    await send(jobs(50));
    worker.run().catch(() => undefined);
    for (let minute = 0; minute < 5; minute += 1) await clock.advanceBy(60_000);
    await passUntil(() => worker.stats().handled === 49, 1_000);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 1 });
  });
});

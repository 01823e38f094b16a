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

const fails = (): Promise<void> => Promise.reject(new Error('always'));

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

  it('lets messages that are themselves at fault go though they are all there is to see', async () => {
    const { send, worker, passUntil, depths, log, clock } = await setup(fails, {
      options: { circuitBreaker: { leastOutcomes: 3, longestPauseSeconds: 10, triesInHand: 20 } },
    });
    await send(jobs(2));
    worker.run().catch(() => undefined);
    await passUntil(() => log.of('parked').length > 0, 60_000);
    let deadLetters = 0;
    for (let minute = 0; minute < 60 && deadLetters < 2; minute += 1) {
      await clock.advanceBy(60_000);
      ({ deadLetters } = await depths());
    }
    expect(deadLetters).toBe(2);
    // Each was tried in hand as often as it is believed, with its reserve and with its last receive.
    expect(log.of('parked').length).toBeLessThanOrEqual(2 * 2 * 20);
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

  it('keeps FIFO order and loses nothing', async () => {
    const handled: string[] = [];
    const state = { isDown: true };
    const { send, worker, clock, depths, passUntil } = await setup(
      (job) => {
        if (state.isDown) throw new Error('connection refused');
        handled.push(job);
      },
      { queue: { fifo: true } },
    );
    const groups = ['x', 'y', 'z'];
    await send(
      Array.from({ length: 60 }, (_, index) => ({
        id: `${groups[index % 3]}${index}`,
        group: groups[index % 3]!,
      })),
    );
    worker.run().catch(() => undefined);
    for (let minute = 0; minute < 30; minute += 1) await clock.advanceBy(60_000);
    state.isDown = false;
    await passUntil(() => handled.length >= 60, 20 * 60_000);
    await clock.advanceBy(5_000);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 0 });
    for (const group of groups) {
      const seen = handled.filter((job) => job.startsWith(group)).map((job) => Number(job.slice(1)));
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen).toHaveLength(20);
    }
  });

  it.each([1, 2, 3, 5, 9])(
    'tells %p messages that are themselves at fault from an outage within the hour, though nothing else is there',
    async (count) => {
      const { send, worker, passUntil, depths, clock } = await setup(fails);
      await send(jobs(count));
      worker.run().catch(() => undefined);
      let deadLetters = 0;
      for (let passed = 0; passed < 3_600_000 && deadLetters < count; passed += 30_000) {
        await clock.advanceBy(30_000);
        ({ deadLetters } = await depths());
      }
      expect(deadLetters).toBe(count);
      await passUntil(() => worker.stats().parked === 0, 1_000);
    },
  );

  it('lets ten messages that are at fault go while others succeed, which wait two minutes for each at most', async () => {
    const count = 10;
    const sentAt = new Map<string, number>();
    const waits: number[] = [];
    const { send, worker, clock, depths } = await setup((job) => {
      const since = sentAt.get(job);
      if (since === undefined) throw new Error('always');
      waits.push(clock.monotonic() - since);
    });
    await send(jobs(count));
    worker.run().catch(() => undefined);
    let deadLetters = 0;
    for (let step = 0; step < 180 && deadLetters < count; step += 1) {
      sentAt.set(`good${step}`, clock.monotonic());
      await send([{ id: `good${step}` }]);
      await clock.advanceBy(10_000);
      ({ deadLetters } = await depths());
    }
    expect(deadLetters).toBe(count);
    expect(Math.max(...waits)).toBeLessThan(count * 120_000);
  });

  it('tries one message at a time once the pause is over', async () => {
    const { send, worker, clock, log } = await setup(fails, { options: { concurrency: 50 } });
    await send(jobs(400));
    worker.run().catch(() => undefined);
    await clock.advanceBy(4_000); // paused by now, with polls of ten behind it
    const before = log.of('failed').length;
    const received = worker.stats().received;
    await clock.advanceBy(60_000);
    const pauses = log.of('receivingPaused').length;
    expect(log.of('failed').length - before).toBeLessThanOrEqual(pauses);
    expect(worker.stats().received - received).toBeLessThanOrEqual(pauses);
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

describe('a FIFO group whose first message always fails', () => {
  it('trap 19: does not drag the messages behind it into the dead-letter queue', async () => {
    const handled: string[] = [];
    const { send, worker, clock, depths, log } = await setup(
      (job) => {
        if (job === 'x0') throw new Error('always');
        handled.push(job);
      },
      { queue: { fifo: true, maxReceiveCount: 3 } },
    );
    await send(Array.from({ length: 8 }, (_, index) => ({ id: `x${index}`, group: 'x' })));
    worker.run().catch(() => undefined);
    await clock.advanceBy(120_000);
    expect(handled).toEqual(['x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7']);
    expect(await depths()).toEqual({ queue: 0, deadLetters: 1 });
    expect(log.of('deadLettered')).toEqual([
      expect.objectContaining({ reason: 'receives-exhausted', id: 'x0', detail: 'always' }),
    ]);
  });
});

describe('prefetching', () => {
  const fast = { concurrency: 2, circuitBreaker: false } as const;

  it('trap 40: holds only so many messages of one tenant, and serves tenants in turns', async () => {
    const order: string[] = [];
    const state = { most: 0 };
    const { send, worker, clock, passUntil } = await setup(
      async (job) => {
        order.push(job);
        await sleep(clock, 5);
        state.most = Math.max(state.most, worker.stats().buffered);
      },
      { options: { ...fast, prefetch: { perGroup: 3 } } },
    );
    const loud = Array.from({ length: 100 }, (_, index) => ({ id: `loud${index}`, group: 'loud' }));
    await send([...loud, { id: 'quiet', group: 'quiet' }]);
    worker.run().catch(() => undefined);
    await passUntil(() => order.length === 101, 60_000, 100);
    // A receive for the two free slots may come on top of what is held.
    expect(state.most).toBeLessThanOrEqual(3 + 2);
  });

  it('holds no more bytes than it may', async () => {
    const state = { most: 0, handled: 0 };
    const { send, worker, clock, passUntil } = await setup(
      async () => {
        await sleep(clock, 5);
        state.handled += 1;
        state.most = Math.max(state.most, worker.stats().buffered);
      },
      { options: { ...fast, prefetch: { bytes: 60_000 } } },
    );
    await send(jobs(60).map((job) => ({ ...job, padding: 20_000 })));
    worker.run().catch(() => undefined);
    await passUntil(() => state.handled === 60, 60_000, 100);
    expect(state.most).toBeLessThanOrEqual(3);
    expect(state.most).toBeGreaterThan(0);
  });
});

describe('an idle queue', () => {
  it('trap 38: falls back to one poll per twenty seconds after a burst on a big worker', async () => {
    const { send, worker, clock, aws } = await setup(() => undefined, { options: { concurrency: 200 } });
    worker.run().catch(() => undefined);
    await send(jobs(500));
    await clock.advanceBy(60_000);
    expect(worker.stats().handled).toBe(500);
    const before = worker.stats().calls.receive;
    for (let minute = 0; minute < 10; minute += 1) await clock.advanceBy(60_000);
    expect(worker.stats().calls.receive - before).toBeLessThanOrEqual(31);
    expect(aws.clock.monotonic()).toBeGreaterThan(600_000);
    expect(worker.health()).toEqual({ status: 'working' });
  });
});

describe('concurrency between bounds', () => {
  it('grows with success and shrinks when a dependency slows down', async () => {
    const dependency = { capacity: 1_000, busy: 0 };
    const { send, worker, clock } = await setup(
      async () => {
        dependency.busy += 1;
        await sleep(clock, 50 * Math.max(1, dependency.busy / dependency.capacity));
        dependency.busy -= 1;
      },
      { options: { concurrency: { min: 2, max: 20 } } },
    );
    await send(jobs(2_000));
    worker.run().catch(() => undefined);
    expect(worker.stats().slots).toBe(0);
    await clock.advanceBy(2_500);
    expect(worker.stats().slots).toBe(20);
    dependency.capacity = 3;
    await clock.advanceBy(4_000);
    expect(worker.stats().slots).toBeLessThan(10);
  });
});

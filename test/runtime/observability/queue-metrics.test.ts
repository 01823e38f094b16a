import {
  createLambdaHandler,
  createPublisher,
  createQueueWorker,
  emf,
  on,
} from '../../../lib/runtime/index.js';
import { eventOf } from '../support/event-source-mapping.js';
import { openEmbeddedQueue, type EmbeddedQueue } from '../support/embedded-queue.js';
import { createFakeClock } from '../support/fake-clock.js';
import { acceptAll, JobQueued, queueBinding, sdkMessage } from '../sqs/fixtures.js';
import { scriptedAws } from '../support/scripted-aws.js';
import { recordTelemetry } from './recording.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const takesMs = (clock: EmbeddedQueue['clock'], ms: number): Promise<void> =>
  new Promise((resolve) => clock.schedule(ms, resolve));

/** A worker on a queue with these jobs, after as much time as they need. */
async function handleAll(
  jobs: readonly string[],
  handle: (job: string, clock: EmbeddedQueue['clock']) => Promise<void> | void,
  telemetry: Parameters<typeof createQueueWorker>[0]['telemetry'],
) {
  const queue = await openEmbeddedQueue({ visibilityTimeoutSeconds: 10, maxReceiveCount: 3 });
  closers.push(() => queue.close());
  const { clock } = queue;
  await queue.send(jobs.map((id) => ({ id })));
  const worker = createQueueWorker({
    queue: queue.binding,
    idempotency: 'none',
    handlers: [on(JobQueued, ({ job }) => handle(job, clock))],
    clients: { sqs: queue.sqs },
    clock,
    random: { next: () => 0.5 },
    signals: false,
    ...(telemetry && { telemetry }),
  });
  const running = worker.run();
  const stop = async (): Promise<void> => {
    const state = { isQuiet: false };
    const stopping = worker.stop().finally(() => (state.isQuiet = true));
    while (!state.isQuiet) await clock.advanceBy(500);
    await stopping;
    await running;
  };
  closers.push(stop);
  return { clock, worker, stop };
}

describe('the metrics of a queue worker', () => {
  it('tell how long messages waited, how full batches are and how long handling takes', async () => {
    const telemetry = recordTelemetry();
    const { clock, worker } = await handleAll(
      ['a', 'b', 'c'],
      (_job, time) => takesMs(time, 2_000),
      telemetry,
    );
    while (worker.stats().handled < 3) await clock.advanceBy(500);
    expect(telemetry.of('messaging.client.consumed.messages')).toEqual([3]);
    expect(telemetry.of('millrace.receive.messages')).toEqual([3]);
    expect(telemetry.of('messaging.process.duration')).toEqual([2, 2, 2]);
    expect(telemetry.of('millrace.message.dwell')).toHaveLength(3);
    expect(telemetry.subjects).toMatchObject([
      { client: 'queue-worker', system: 'aws_sqs', destination: 'Jobs', consumer: 'Jobs' },
    ]);
  });

  it('tell slots in use and calls when they are looked at', async () => {
    const telemetry = recordTelemetry();
    const { clock } = await handleAll(['a', 'b'], (_job, time) => takesMs(time, 5_000), telemetry);
    while (telemetry.look()['millrace.handlers.active'] !== 2) await clock.advanceBy(100);
    expect(telemetry.look()).toMatchObject({
      'millrace.handlers.limit': 10,
      'millrace.messages.buffered': 0,
    });
  });

  it('count extensions', async () => {
    const telemetry = recordTelemetry();
    const { clock, worker } = await handleAll(['a'], (_job, time) => takesMs(time, 12_000), telemetry);
    while (worker.stats().handled < 1) await clock.advanceBy(500);
    expect(telemetry.of('millrace.message.extensions').length).toBeGreaterThanOrEqual(1);
    expect(telemetry.of('millrace.message.extensions').length).toBe(worker.stats().calls.changeVisibility);
  });

  it('count failures by class, with the receives that are left', async () => {
    const telemetry = recordTelemetry();
    let tries = 0;
    const { clock, worker } = await handleAll(
      ['a'],
      () => {
        if ((tries += 1) < 3) throw new RangeError('out of range');
      },
      telemetry,
    );
    while (worker.stats().handled < 1) await clock.advanceBy(500);
    const failure = [1, { 'error.type': 'RangeError' }];
    expect(telemetry.of('millrace.message.failures')).toEqual([failure, failure]);
    expect(telemetry.of('millrace.message.receives_left')).toEqual([2, 1]);
    expect(telemetry.of('messaging.process.duration')).toEqual([
      [expect.any(Number), { 'error.type': 'RangeError' }],
      [expect.any(Number), { 'error.type': 'RangeError' }],
      expect.any(Number),
    ]);
  });

  it('go to every telemetry that is given, and are handed over at the stop', async () => {
    const both = [recordTelemetry(), recordTelemetry()];
    const { clock, worker, stop } = await handleAll(['a'], () => undefined, both);
    while (worker.stats().handled < 1) await clock.advanceBy(500);
    await stop();
    expect(both.map((telemetry) => telemetry.of('messaging.client.consumed.messages'))).toEqual([[1], [1]]);
    expect(both.map(({ calls }) => calls)).toEqual([['close'], ['close']]);
  });

  it('are written as lines by emf, every so many seconds and at the stop', async () => {
    const lines: Record<string, unknown>[] = [];
    const telemetry = emf({
      namespace: 'Shop',
      dimensions: { Stage: 'test' },
      everySeconds: 10,
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    const { clock, worker, stop } = await handleAll(['a', 'b'], () => undefined, telemetry);
    while (worker.stats().handled < 2) await clock.advanceBy(500);
    expect(lines).toEqual([]);
    await clock.advanceBy(10_000);
    expect(lines).toContainEqual(
      expect.objectContaining({
        Stage: 'test',
        Client: 'queue-worker',
        Destination: 'Jobs',
        MessagesReceived: 2,
        HandlersActive: 0,
      }),
    );
    const before = lines.length;
    await stop();
    expect(lines.length).toBeGreaterThan(before);
    const after = lines.length;
    await clock.advanceBy(60_000);
    expect(lines).toHaveLength(after);
  });
});

describe('the metrics of a Lambda handler', () => {
  it('are handed over at the end of each invocation, before the environment freezes', async () => {
    const telemetry = recordTelemetry();
    const aws = scriptedAws((_operation, input) => acceptAll(input));
    const handler = createLambdaHandler({
      queue: queueBinding(),
      idempotency: 'none',
      handlers: [on(JobQueued, () => undefined)],
      clients: { sqs: aws.sqs },
      telemetry,
    });
    const event = eventOf([sdkMessage()], queueBinding().arn);
    await handler(event, { getRemainingTimeInMillis: () => 10_000 });
    await handler(event, { getRemainingTimeInMillis: () => 10_000 });
    expect(telemetry.calls).toEqual(['flush', 'flush']);
    expect(telemetry.subjects).toMatchObject([{ client: 'lambda', destination: 'Jobs' }]);
    expect(telemetry.of('messaging.process.duration')).toHaveLength(2);
  });
});

describe('the metrics of a publisher', () => {
  const setup = (script: Parameters<typeof scriptedAws>[0]) => {
    const telemetry = recordTelemetry();
    const clock = createFakeClock();
    const publisher = createPublisher({
      queue: queueBinding(),
      clients: { sqs: scriptedAws(script).sqs },
      clock,
      telemetry,
    });
    return { telemetry, clock, publisher };
  };

  it('count what was sent, and how full its calls were', async () => {
    const { telemetry, clock, publisher } = setup((_operation, input) => acceptAll(input));
    const jobs = Array.from({ length: 12 }, (_, index) => ({ job: `a${index}` }));
    const publishing = Promise.all(jobs.map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(100);
    await publishing;
    expect(telemetry.of('messaging.client.sent.messages')).toEqual(Array(12).fill(1));
    expect(telemetry.of('messaging.client.operation.duration')).toHaveLength(12);
    expect(telemetry.of('millrace.send.messages')).toEqual([10, 2]);
    await publisher.stop();
    expect(telemetry.calls).toEqual(['close']);
  });

  it('tell what was not sent by the code of its error', async () => {
    const { telemetry, publisher } = setup((_operation, input) => acceptAll(input));
    await expect(publisher.publish(JobQueued, { job: 5 as never })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
    });
    expect(telemetry.of('messaging.client.sent.messages')).toEqual([
      [1, { 'error.type': 'INVALID_PAYLOAD' }],
    ]);
  });

  it('rejects a publish, and sends nothing, when the telemetry can not be opened', async () => {
    const broken = new Error('no collector');
    const aws = scriptedAws((_operation, input) => acceptAll(input));
    const publisher = createPublisher({
      queue: queueBinding(),
      clients: { sqs: aws.sqs },
      telemetry: { open: () => Promise.reject(broken) },
    });
    await expect(publisher.publish(JobQueued, { job: 'a' })).rejects.toBe(broken);
    await publisher.stop();
    expect(aws.calls).toEqual([]);
  });
});

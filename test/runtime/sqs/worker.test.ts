import type { QueueBinding } from '../../../lib/contract/index.js';
import {
  createQueueWorker,
  on,
  whenError,
  type MessageContext,
  type QueueWorker,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import { createMemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { createFakeClock, turns, type FakeClock } from '../support/fake-clock.js';
import { AwsFault, scriptedAws, untilAborted, type Call, type Script } from '../support/scripted-aws.js';
import { acceptAll, entriesOf, eventLog, JobQueued, queueBinding, sdkMessage } from './fixtures.js';

interface Setup {
  /** One list per receive call; afterwards polls stay open until they are cut. */
  readonly receives?: readonly (readonly Record<string, unknown>[])[];
  readonly handle?: (job: string, ctx: MessageContext) => Promise<void> | void;
  readonly script?: Script;
  readonly binding?: Partial<QueueBinding>;
  readonly options?: Partial<QueueWorkerOptions>;
}

interface Bundle extends ReturnType<typeof eventLog> {
  readonly clock: FakeClock;
  readonly worker: QueueWorker;
  readonly calls: Call[];
  readonly callsOf: (operation: string) => Call[];
  readonly handled: string[];
  /** Starts the worker and lets it do what it can without time passing. */
  start(): Promise<void>;
  /** Stops it, letting time pass until it is quiet. */
  finish(): Promise<void>;
}

const open: Bundle[] = [];
afterEach(async () => {
  for (const bundle of open.splice(0)) await bundle.finish();
});

function setup(given: Setup = {}): Bundle {
  const clock = createFakeClock();
  const queue = [...(given.receives ?? [])];
  const aws = scriptedAws(async (operation, input, signal) => {
    const scripted = await given.script?.(operation, input, signal);
    if (scripted !== undefined) return scripted;
    if (operation !== 'ReceiveMessage') return acceptAll(input);
    const messages = queue.shift();
    return messages === undefined ? untilAborted(signal) : { Messages: messages };
  });
  const handled: string[] = [];
  const log = eventLog();
  const worker = createQueueWorker({
    queue: queueBinding(given.binding),
    idempotency: 'none',
    handlers: [
      on(JobQueued, async (job, ctx) => {
        await given.handle?.(job.job, ctx);
        handled.push(job.job);
      }),
    ],
    clock,
    random: { next: () => 0.5 },
    clients: { sqs: aws.sqs, dynamodb: aws.dynamodb },
    signals: false,
    onEvent: log.onEvent,
    ...given.options,
  });
  let running: Promise<void> | undefined;
  const bundle: Bundle = {
    ...log,
    clock,
    worker,
    calls: aws.calls,
    callsOf: (operation) => aws.calls.filter((call) => call.operation === operation),
    handled,
    start: async () => {
      running = worker.run();
      const state = { isOver: false };
      running.catch(() => undefined).finally(() => (state.isOver = true));
      // Loading the SDK is real I/O, which no turn of a fake clock waits for.
      for (let look = 0; look < 1_000 && aws.calls.length === 0 && !state.isOver; look += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await clock.advance(0);
      await clock.advance(1);
    },
    finish: async () => {
      const state = { isQuiet: false };
      const stopping = worker.stop().then(() => (state.isQuiet = true));
      for (let step = 0; step < 200 && !state.isQuiet; step += 1) await clock.advance(1_000);
      await stopping;
    },
  };
  open.push(bundle);
  return bundle;
}

const never = (): Promise<void> => new Promise(() => undefined);

describe('a queue worker', () => {
  it('handles what it receives and deletes it in one batch across messages', async () => {
    const { start, handled, callsOf, clock } = setup({
      receives: [Array.from({ length: 10 }, (_, index) => sdkMessage({ id: `a${index}` }))],
    });
    await start();
    await clock.advance(200);
    expect(handled).toHaveLength(10);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
    expect(entriesOf(callsOf('DeleteMessageBatch')[0]!.input).map(({ Id }) => Id)).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index)),
    );
  });

  it('asks for as many messages as it has slots, with a long poll and its own visibility timeout', async () => {
    const { start, callsOf } = setup({ options: { concurrency: 3 } });
    await start();
    expect(callsOf('ReceiveMessage').map(({ input }) => input)).toEqual([
      expect.objectContaining({ MaxNumberOfMessages: 3, WaitTimeSeconds: 20, VisibilityTimeout: 30 }),
    ]);
  });

  it('refills slots one by one while a slow handler keeps its own', async () => {
    const { start, handled, callsOf, clock } = setup({
      receives: [[sdkMessage({ id: 'slow' }), sdkMessage({ id: 'b' })], [sdkMessage({ id: 'c' })]],
      handle: (job) => (job === 'slow' ? never() : new Promise((resolve) => clock.schedule(600, resolve))),
      options: { concurrency: 2, abortGraceSeconds: 0, drainTimeoutSeconds: 0 },
    });
    await start();
    await clock.advance(700);
    await clock.advance(700);
    expect(handled).toEqual(['b', 'c']);
    expect(callsOf('ReceiveMessage').map(({ input }) => input['MaxNumberOfMessages'])).toEqual([2, 1, 1]);
  });

  it('extends visibility until the handler settles', async () => {
    let finish: () => void = () => undefined;
    const { start, clock, callsOf, handled } = setup({
      receives: [[sdkMessage()]],
      handle: () => new Promise((resolve) => (finish = resolve)),
    });
    await start();
    await clock.advance(50_000);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input)[0])).toEqual([
      { Id: '0', ReceiptHandle: 'h-a1', VisibilityTimeout: 30 },
      { Id: '0', ReceiptHandle: 'h-a1', VisibilityTimeout: 30 },
    ]);
    finish();
    await clock.advance(60_000);
    expect(handled).toEqual(['a1']);
    expect(callsOf('ChangeMessageVisibilityBatch')).toHaveLength(2);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
  });

  it('renews everything it holds in one call', async () => {
    const { start, clock, callsOf } = setup({
      receives: [Array.from({ length: 8 }, (_, index) => sdkMessage({ id: `a${index}` }))],
      handle: never,
      options: { abortGraceSeconds: 0, drainTimeoutSeconds: 0 },
    });
    await start();
    await clock.advance(22_000);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input).length)).toEqual([8]);
  });

  it('brings a failed message back after a wait that grows with its receive count', async () => {
    const { start, callsOf, of, clock } = setup({
      receives: [[sdkMessage({ receiveCount: 4 })]],
      handle: () => Promise.reject(new Error('no')),
    });
    await start();
    await clock.advance(10);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input))).toEqual([
      [{ Id: '0', ReceiptHandle: 'h-a1', VisibilityTimeout: 4 }],
    ]);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(0);
    expect(of('failed')[0]).toMatchObject({ id: 'a1', retryInSeconds: 4, isLastAttempt: false });
  });

  it('trap 6: aborts the handler and never deletes once the right to the message is gone', async () => {
    let signal: AbortSignal | undefined;
    let finish: () => void = () => undefined;
    const { start, clock, callsOf, of, handled } = setup({
      receives: [[sdkMessage()]],
      handle: (_job, ctx) => {
        signal = ctx.signal;
        return new Promise((resolve) => (finish = resolve));
      },
      script: (operation) => {
        if (operation === 'ChangeMessageVisibilityBatch') throw new AwsFault('ServiceUnavailable', 503);
        return undefined;
      },
    });
    await start();
    await clock.advance(29_000);
    expect(signal?.aborted).toBe(true);
    expect(of('lost')).toEqual([expect.objectContaining({ cause: 'expired', id: 'a1' })]);
    finish();
    await clock.advance(5_000);
    expect(handled).toEqual(['a1']);
    expect(of('handled')).toEqual([]);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(0);
  });

  it('does not start a handler whose claim ran out while the idempotency store answered', async () => {
    let answer: () => void = () => undefined;
    const looked = new Promise<void>((resolve) => (answer = resolve));
    const { start, clock, handled, of } = setup({
      receives: [[sdkMessage()]],
      options: { idempotency: 'record-after' },
      script: async (operation) => {
        if (operation === 'ChangeMessageVisibilityBatch') throw new AwsFault('ServiceUnavailable', 503);
        if (operation !== 'BatchGetItem') return undefined;
        await looked;
        return {};
      },
    });
    await start();
    await clock.advance(29_000);
    expect(of('lost')).toHaveLength(1);
    answer();
    await clock.advance(1_000);
    expect(handled).toEqual([]);
    expect(of('failed')).toEqual([]);
  });

  it('aborts a handler whose time is over and brings its message back with the reason', async () => {
    const { start, clock, of } = setup({
      receives: [[sdkMessage()]],
      binding: { handlerTimeoutSeconds: 5 },
      handle: (_job, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
    });
    await start();
    await clock.advance(5_100);
    expect(of('aborted')).toEqual([expect.objectContaining({ cause: 'timeout' })]);
    expect(of('failed')[0]?.error).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('sends poison to the dead-letter queue with body, attributes and reason, then deletes it', async () => {
    const { start, callsOf, of, clock, calls } = setup({
      receives: [[sdkMessage({ body: '{"job":7}' })]],
    });
    await start();
    await clock.advance(10);
    const [entry] = entriesOf(callsOf('SendMessageBatch')[0]!.input);
    expect(callsOf('SendMessageBatch')[0]!.input['QueueUrl']).toContain('JobsDlq');
    expect(entry).toMatchObject({ MessageBody: '{"job":7}' });
    const attributes = entry!['MessageAttributes'] as Record<string, { StringValue: string }>;
    expect(Object.keys(attributes)).toEqual(['millrace-type', 'millrace-meta', 'millrace-reason']);
    expect(JSON.parse(attributes['millrace-reason']!.StringValue)).toMatchObject({
      v: 1,
      reason: 'schema',
      queue: 'arn:aws:sqs:eu-west-1:000000000000:Jobs',
      messageId: 'm-a1',
      receiveCount: 1,
      id: 'a1',
    });
    expect(calls.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['SendMessageBatch', 'DeleteMessageBatch']),
    );
    expect(of('deadLettered')).toEqual([expect.objectContaining({ reason: 'schema', id: 'a1' })]);
  });

  it('keeps poison in the queue when the dead-letter queue does not take it', async () => {
    const { start, callsOf, of, clock } = setup({
      receives: [[sdkMessage({ body: 'no json' })]],
      script: (operation) => {
        if (operation === 'SendMessageBatch') throw new AwsFault('AccessDenied', 403);
        return undefined;
      },
    });
    await start();
    await clock.advance(10);
    expect(of('deadLetterFailed')).toEqual([expect.objectContaining({ code: 'AccessDenied' })]);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(0);
    expect(callsOf('ChangeMessageVisibilityBatch')).toHaveLength(1);
  });

  it('trap 11: retries single entries that a batch delete left behind, but not those at fault', async () => {
    let tries = 0;
    const { start, callsOf, of, clock } = setup({
      receives: [[sdkMessage({ id: 'a' }), sdkMessage({ id: 'b' }), sdkMessage({ id: 'c' })]],
      script: (operation) => {
        if (operation !== 'DeleteMessageBatch' || (tries += 1) > 1) return undefined;
        return {
          Successful: [{ Id: '0' }],
          Failed: [
            { Id: '1', Code: 'InternalError', SenderFault: false },
            { Id: '2', Code: 'ReceiptHandleIsInvalid', SenderFault: true },
          ],
        };
      },
    });
    await start();
    await clock.advance(2_000);
    expect(
      callsOf('DeleteMessageBatch').map(({ input }) =>
        entriesOf(input).map(({ ReceiptHandle }) => ReceiptHandle),
      ),
    ).toEqual([['h-a', 'h-b', 'h-c'], ['h-b']]);
    expect(of('lost')).toEqual([expect.objectContaining({ id: 'c', cause: 'handle-refused' })]);
  });

  it('trap 26: treats a damaged body as one failed message, not as a failed receive', async () => {
    const { start, handled, of, clock } = setup({
      receives: [[sdkMessage({ id: 'a', md5: '0'.repeat(32) }), sdkMessage({ id: 'b' })]],
    });
    await start();
    await clock.advance(10);
    expect(handled).toEqual(['b']);
    expect(of('failed')).toEqual([expect.objectContaining({ messageId: 'm-a' })]);
  });

  it('waits longer after each failed poll and goes on when the queue answers again', async () => {
    let polls = 0;
    const { start, clock, of, handled } = setup({
      script: (operation, _input, signal) => {
        if (operation !== 'ReceiveMessage') return undefined;
        polls += 1;
        if (polls === 1) return { Messages: [] };
        if (polls < 4) throw new AwsFault('ServiceUnavailable', 503);
        return polls === 4 ? { Messages: [sdkMessage()] } : untilAborted(signal);
      },
    });
    await start();
    await clock.advance(5_000);
    expect(of('receiveFailed').map(({ retryInMs }) => retryInMs)).toEqual([375, 750]);
    expect(handled).toEqual(['a1']);
  });
});

describe('an error policy of a queue worker', () => {
  const errors = [
    whenError('RateLimited', { then: 'snooze', seconds: 90 }),
    whenError('Gone', { then: 'dead-letter' }),
    whenError('Stale', { then: 'drop' }),
  ];
  const failWith = (name: string) => () => Promise.reject(Object.assign(new Error('words'), { name }));

  it('snoozes for the time a rule names', async () => {
    const { start, clock, callsOf } = setup({
      receives: [[sdkMessage()]],
      handle: failWith('RateLimited'),
      options: { errors },
    });
    await start();
    await clock.advance(10);
    expect(entriesOf(callsOf('ChangeMessageVisibilityBatch')[0]!.input)[0]).toMatchObject({
      VisibilityTimeout: 90,
    });
  });

  it('dead-letters at once what a rule gives up, with the error beside it', async () => {
    const { start, clock, callsOf, of } = setup({
      receives: [[sdkMessage()]],
      handle: failWith('Gone'),
      options: { errors },
    });
    await start();
    await clock.advance(10);
    const [entry] = entriesOf(callsOf('SendMessageBatch')[0]!.input);
    const attributes = entry!['MessageAttributes'] as Record<string, { StringValue: string }>;
    expect(JSON.parse(attributes['millrace-reason']!.StringValue)).toMatchObject({
      reason: 'error-policy',
      error: 'Gone',
      detail: 'words',
    });
    expect(of('deadLettered')).toHaveLength(1);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
  });

  it('drops what a rule has no interest in, and says so', async () => {
    const { start, clock, callsOf, of } = setup({
      receives: [[sdkMessage()]],
      handle: failWith('Stale'),
      options: { errors },
    });
    await start();
    await clock.advance(10);
    expect(of('dropped')).toEqual([expect.objectContaining({ id: 'a1' })]);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
  });
});

describe('traps of SQS', () => {
  it('trap 12 and trap 13: deletes the same message twice in one receive by position and handle, not by message id', async () => {
    const { start, clock, callsOf, handled } = setup({
      receives: [[sdkMessage({ handle: 'h-old' }), sdkMessage({ handle: 'h-new' })]],
    });
    await start();
    await clock.advance(200);
    expect(handled).toEqual(['a1', 'a1']);
    expect(callsOf('DeleteMessageBatch').flatMap(({ input }) => entriesOf(input))).toEqual([
      { Id: '0', ReceiptHandle: 'h-old' },
      { Id: '1', ReceiptHandle: 'h-new' },
    ]);
  });

  it('trap 5: sends no renewal after the backoff of a message', async () => {
    const { start, clock, callsOf } = setup({
      receives: [[sdkMessage()]],
      handle: () => Promise.reject(new Error('no')),
    });
    await start();
    await clock.advance(120_000);
    expect(callsOf('ChangeMessageVisibilityBatch')).toHaveLength(1);
  });

  it('trap 2: does not run a message whose claim ran out while it waited for a slot', async () => {
    const { start, clock, handled, of } = setup({
      binding: { fifo: true },
      receives: [[sdkMessage({ id: 'x1', group: 'x' }), sdkMessage({ id: 'x2', group: 'x' })]],
      handle: (job) => (job === 'x1' ? new Promise((resolve) => clock.schedule(40_000, resolve)) : undefined),
      script: (operation) => {
        if (operation === 'ChangeMessageVisibilityBatch') throw new AwsFault('ServiceUnavailable', 503);
        return undefined;
      },
    });
    await start();
    await clock.advance(60_000);
    expect(handled).toEqual(['x1']);
    expect(of('handled')).toEqual([]);
  });

  it.each(['lease', 'transactional'] as const)(
    'remembers a message from the end of its handler on in mode %s, however long that took',
    async (idempotency) => {
      const store = createMemoryStore();
      const { start, clock, of } = setup({
        receives: [[sdkMessage()]],
        handle: () => new Promise((resolve) => void clock.schedule(59_000, resolve)),
        options: { idempotency, store, rememberSeconds: 100, handlerTimeoutSeconds: 60 },
      });
      await start();
      await clock.advance(59_100);
      expect(of('handled')).toHaveLength(1);
      const [record] = store.stored.values();
      expect(record?.expiresAt).toBeGreaterThanOrEqual(Math.floor(clock.now() / 1_000) + 100);
    },
  );

  it('trap 38: an idle queue costs one poll per twenty seconds', async () => {
    const { start, clock, callsOf } = setup({
      script: (operation) =>
        operation === 'ReceiveMessage'
          ? new Promise((resolve) => clock.schedule(20_000, () => resolve({ Messages: [] })))
          : undefined,
    });
    await start();
    await clock.advance(200_000);
    expect(callsOf('ReceiveMessage').length).toBeLessThanOrEqual(11);
  });

  it('trap 8: deletes a message that came a second time with the handle of that time', async () => {
    const { start, clock, callsOf } = setup({
      receives: [[sdkMessage({ handle: 'h-1' })], [sdkMessage({ handle: 'h-2', receiveCount: 2 })]],
    });
    await start();
    await clock.advance(1_000);
    const handles = callsOf('DeleteMessageBatch').flatMap(({ input }) => entriesOf(input));
    expect(handles.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(['h-1', 'h-2']);
  });

  it('trap 17: deletes what one FIFO receive brought in one call', async () => {
    const messages = Array.from({ length: 10 }, (_, index) =>
      sdkMessage({ id: `a${index}`, group: `g${index}` }),
    );
    const { start, clock, callsOf } = setup({ binding: { fifo: true }, receives: [messages] });
    await start();
    await clock.advance(1_000);
    expect(callsOf('DeleteMessageBatch').map(({ input }) => entriesOf(input).length)).toEqual([10]);
  });

  it('trap 19: asks for no more than it has slots before it knows how long handlers take', async () => {
    const { start, callsOf } = setup({ options: { concurrency: 3 } });
    await start();
    expect(callsOf('ReceiveMessage').map(({ input }) => input['MaxNumberOfMessages'])).toEqual([3]);
  });

  it('trap 35: brings a failed FIFO message back by its visibility, never by sending it again', async () => {
    const { start, clock, calls } = setup({
      binding: { fifo: true },
      receives: [[sdkMessage({ group: 'g' })]],
      handle: () => Promise.reject(new Error('no')),
    });
    await start();
    await clock.advance(60_000);
    const made = new Set(calls.map(({ operation }) => operation));
    expect([...made].sort()).toEqual(['ChangeMessageVisibilityBatch', 'ReceiveMessage']);
  });

  it('trap 37: a stop cuts polls, never the deletes', async () => {
    let answer: () => void = () => undefined;
    const { start, worker, clock, callsOf, of } = setup({
      receives: [[sdkMessage()]],
      script: (operation, _input, signal) =>
        operation === 'DeleteMessageBatch'
          ? new Promise((resolve, reject) => {
              answer = () => resolve({ Successful: [{ Id: '0' }] });
              signal?.addEventListener('abort', () => reject(new Error('cut')));
            })
          : undefined,
    });
    await start();
    const stopping = worker.stop();
    await clock.advance(5_000);
    answer();
    await clock.advance(10);
    await stopping;
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
    expect(of('lost')).toEqual([]);
  });
});

describe('handlers that never end, and event loops that stand still', () => {
  it('frees the slot of a handler that ignores its end, and leaves its message invisible', async () => {
    const { start, clock, callsOf, of, worker } = setup({
      receives: [[sdkMessage()]],
      binding: { handlerTimeoutSeconds: 5 },
      handle: never,
      options: { concurrency: 1, abortGraceSeconds: 1 },
    });
    await start();
    await clock.advance(6_100);
    expect([of('aborted').length, of('abandoned').length, worker.stats().handling]).toEqual([1, 1, 0]);
    expect(callsOf('ReceiveMessage')).toHaveLength(2);
    expect([callsOf('ChangeMessageVisibilityBatch'), callsOf('DeleteMessageBatch')]).toEqual([[], []]);
  });

  it('says that the event loop was blocked, and does not delete what expired meanwhile', async () => {
    const ticking = createFakeClock();
    const blocked = { ms: 0 };
    const clock = { ...ticking, monotonic: () => ticking.monotonic() + blocked.ms };
    let finish: () => void = () => undefined;
    const { start, worker, of, callsOf } = setup({
      receives: [[sdkMessage()]],
      handle: () => new Promise((resolve) => (finish = resolve)),
      options: { clock, abortGraceSeconds: 0 },
    });
    await start();
    await ticking.advance(1);
    blocked.ms = 12_000; // nothing ran for so long
    await ticking.advance(21_000);
    expect(of('stalled').map(({ lateMs }) => Math.round(lateMs / 1_000))).toEqual([12]);
    expect(of('lost').map(({ cause }) => cause)).toEqual(['expired']);
    finish();
    await ticking.advance(1_000);
    expect(callsOf('DeleteMessageBatch')).toEqual([]);
    const stopping = worker.stop();
    await ticking.advance(5_000);
    await stopping;
  });

  it('tells a poll that does not come back from an idle queue', async () => {
    const { start, clock, worker } = setup(); // its polls stay open for ever
    await start();
    await clock.advance(49_000);
    expect(worker.health()).toEqual({ status: 'working' });
    await clock.advance(2_000);
    expect(worker.health()).toMatchObject({ status: 'stuck', cause: 'poll' });
  });
});

describe('the health of a queue worker', () => {
  it('goes from idle over working and draining to stopped', async () => {
    const { start, worker, clock } = setup();
    const seen = [worker.health().status];
    await start();
    seen.push(worker.health().status);
    const stopping = worker.stop();
    seen.push(worker.health().status);
    await clock.advance(5_000);
    await stopping;
    seen.push(worker.health().status);
    expect(seen).toEqual(['idle', 'working', 'draining', 'stopped']);
  });
});

describe('starting a queue worker', () => {
  it('fails after bounded tries when the endpoint does not answer', async () => {
    const { worker, clock, of } = setup({
      script: () => {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      },
    });
    const running = worker.run();
    const outcome = running.then(
      () => 'ran',
      (error: unknown) => error,
    );
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    expect(of('receiveFailed')).toHaveLength(5);
    expect(clock.pending).toBe(0);
  });

  it('fails at once when the queue does not exist', async () => {
    const { worker, clock } = setup({
      script: () => {
        throw new AwsFault('QueueDoesNotExist');
      },
    });
    const outcome = worker.run().catch((error: unknown) => error);
    await clock.advance(2_000);
    expect(await outcome).toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
  });

  it('rejects a run after a stop, and takes a stop before a run', async () => {
    const { worker } = setup();
    await worker.stop();
    await worker.stop();
    await expect(worker.run()).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('stopping a queue worker', () => {
  it('lets handlers end, deletes what they did and returns what was not started', async () => {
    let finish: () => void = () => undefined;
    const { start, worker, clock, callsOf, of, handled } = setup({
      receives: [
        [
          sdkMessage({ id: 'a', group: 'g' }),
          sdkMessage({ id: 'b', group: 'g' }),
          sdkMessage({ id: 'c', group: 'g' }),
        ],
      ],
      binding: { fifo: true },
      handle: () => new Promise((resolve) => (finish = resolve)),
    });
    await start();
    const stopping = worker.stop();
    await clock.advance(10);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input))).toEqual([
      [
        { Id: '0', ReceiptHandle: 'h-b', VisibilityTimeout: 0 },
        { Id: '1', ReceiptHandle: 'h-c', VisibilityTimeout: 0 },
      ],
    ]);
    finish();
    await clock.advance(3_000);
    await stopping;
    expect(handled).toEqual(['a']);
    expect(callsOf('DeleteMessageBatch')).toHaveLength(1);
    expect(of('drained')).toEqual([{ kind: 'drained', abandoned: 0 }]);
    expect(clock.pending).toBe(0);
  });

  it('trap 36: returns what an open poll still brings', async () => {
    let answer: (messages: unknown) => void = () => undefined;
    const { start, worker, clock, callsOf, handled } = setup({
      script: (operation) =>
        operation === 'ReceiveMessage' ? new Promise((resolve) => (answer = resolve)) : undefined,
    });
    await start();
    const stopping = worker.stop();
    await clock.advance(500);
    answer({ Messages: [sdkMessage()] });
    await clock.advance(3_000);
    await stopping;
    expect(handled).toEqual([]);
    expect(entriesOf(callsOf('ChangeMessageVisibilityBatch')[0]!.input)).toEqual([
      { Id: '0', ReceiptHandle: 'h-a1', VisibilityTimeout: 0 },
    ]);
  });

  it('asks handlers to end after the drain time and says which were left behind', async () => {
    const { worker, clock, of } = setup({
      receives: [[sdkMessage()]],
      handle: never,
      options: { drainTimeoutSeconds: 5, abortGraceSeconds: 2 },
    });
    const outcome = worker.run().catch((error: unknown) => error);
    await clock.advance(10);
    const stopping = worker.stop();
    await clock.advance(10_000);
    await stopping;
    expect(of('aborted')).toEqual([expect.objectContaining({ cause: 'stop' })]);
    expect(of('abandoned')).toHaveLength(1);
    expect(await outcome).toMatchObject({ code: 'DRAIN_TIMEOUT' });
  });
});

describe('a queue worker on a FIFO queue', () => {
  it('runs groups in parallel and messages of one group in order', async () => {
    const running: string[] = [];
    const finishers = new Map<string, () => void>();
    const { start, clock } = setup({
      binding: { fifo: true },
      receives: [
        [
          sdkMessage({ id: 'x1', group: 'x' }),
          sdkMessage({ id: 'x2', group: 'x' }),
          sdkMessage({ id: 'y1', group: 'y' }),
        ],
      ],
      handle: (job) => {
        running.push(job);
        return new Promise((resolve) => finishers.set(job, resolve));
      },
    });
    await start();
    expect(running).toEqual(['x1', 'y1']);
    finishers.get('x1')?.();
    await clock.advance(1);
    expect(running).toEqual(['x1', 'y1', 'x2']);
    finishers.get('y1')?.();
    finishers.get('x2')?.();
  });

  it('trap 14 and trap 15: stops a group at its failure and gives the followers the same deadline in one call', async () => {
    const { start, clock, callsOf, handled } = setup({
      binding: { fifo: true },
      receives: [
        [
          sdkMessage({ id: 'x1', group: 'x' }),
          sdkMessage({ id: 'x2', group: 'x' }),
          sdkMessage({ id: 'x3', group: 'x' }),
          sdkMessage({ id: 'y1', group: 'y' }),
        ],
      ],
      handle: (job) => (job === 'x1' ? Promise.reject(new Error('no')) : undefined),
    });
    await start();
    await clock.advance(10);
    expect(handled).toEqual(['y1']);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input))).toEqual([
      ['h-x1', 'h-x2', 'h-x3'].map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 1,
      })),
    ]);
  });

  it('trap 38: waits before it polls again when its client ends polls by itself', async () => {
    let polls = 0;
    const { start, clock, of } = setup({
      script: (operation) => {
        if (operation !== 'ReceiveMessage') return undefined;
        polls += 1;
        if (polls === 1) return { Messages: [] };
        throw Object.assign(new Error('cut by a middleware'), { name: 'AbortError' });
      },
    });
    await start();
    await clock.advance(1_000);
    expect([polls, of('receiveFailed').length]).toEqual([3, 2]);
  });

  it('trap 16: repeats a poll whose answer was lost under the same attempt id', async () => {
    let polls = 0;
    const { start, clock, callsOf } = setup({
      binding: { fifo: true },
      script: (operation) => {
        if (operation !== 'ReceiveMessage') return undefined;
        polls += 1;
        if (polls === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
        return undefined;
      },
    });
    await start();
    await clock.advance(2_000);
    const ids = callsOf('ReceiveMessage').map(({ input }) => input['ReceiveRequestAttemptId']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });
});

describe('worker options', () => {
  it('rejects every violation at once, with the nearest right name', () => {
    const create = (): unknown =>
      setup({
        options: {
          concurency: 3,
          concurrency: 0,
          idempotency: 'leese',
          handlers: [],
          transport: 'leen',
        } as never,
      });
    expect(create).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          expect.stringContaining("'concurency' is no option: did you mean 'concurrency'?"),
          expect.stringContaining('handlers must list'),
          expect.stringContaining("did you mean 'lease'?"),
          expect.stringContaining('concurrency must be a whole number from 1 to 1000'),
          expect.stringContaining("did you mean 'lean'?"),
        ],
      }) as Error,
    );
  });

  it('rejects overload options that contradict each other or lie out of bounds', () => {
    const create = (): unknown =>
      createQueueWorker({
        queue: queueBinding(),
        idempotency: 'none',
        handlers: [on(JobQueued, () => undefined)],
        concurrency: { min: 9, max: 3 },
        circuitBreaker: { failureShare: 2, pauseSeconds: 90, longestPauseSeconds: 60 },
        prefetch: { messages: -1, ...{ perTenant: 3 } },
      });
    expect(create).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          'concurrency.min (9) is more than concurrency.max (3): swap them',
          'circuitBreaker.failureShare must be a number from 0.05 to 1 (share of handlers), got 2',
          'circuitBreaker.pauseSeconds (90) is more than longestPauseSeconds (60): raise the latter',
          expect.stringContaining("'prefetch.perTenant' is no option"),
          'prefetch.messages must be a whole number from 0 to 1000 (messages), got -1',
        ],
      }) as Error,
    );
  });

  it('rejects handlers that do not fit what the queue carries, naming both lists', () => {
    const create = (): unknown =>
      setup({
        binding: { messages: [{ name: 'job.dropped', version: 1 }], idempotency: undefined as never },
        options: { idempotency: 'lease' },
      });
    expect(create).toThrow(
      expect.objectContaining({
        code: 'BINDING_MISMATCH',
        violations: [
          expect.stringMatching(/no handler for job\.dropped.*handlers: job\.queued; queue: job\.dropped/),
          expect.stringContaining('job.queued never arrives here'),
          expect.stringContaining("idempotency 'lease' needs a table"),
        ],
      }) as Error,
    );
  });

  it('rejects a queue whose binding is not in the environment', () => {
    expect(() => setup({ options: { queue: 'Builds', environment: {} } })).toThrow(
      expect.objectContaining({ code: 'BINDING_MISSING' }) as Error,
    );
  });

  it('reads its binding from the environment', async () => {
    const { start, callsOf } = setup({
      options: { queue: 'Jobs', environment: { MILLRACE_QUEUE_JOBS: JSON.stringify(queueBinding()) } },
    });
    await start();
    await turns();
    expect(callsOf('ReceiveMessage')).toHaveLength(1);
  });
});

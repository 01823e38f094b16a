import { isMillraceError } from '../../../lib/core/errors.js';
import type { QueueBinding } from '../../../lib/contract/index.js';
import {
  createLambdaHandler,
  on,
  type LambdaHandlerOptions,
  type MessageContext,
  type SqsEvent,
} from '../../../lib/runtime/index.js';
import { eventOf } from '../support/event-source-mapping.js';
import { createFakeClock } from '../support/fake-clock.js';
import { AwsFault, scriptedAws, type Script } from '../support/scripted-aws.js';
import { acceptAll, entriesOf, eventLog, JobQueued, queueBinding, sdkMessage } from '../sqs/fixtures.js';

interface Setup {
  readonly handle?: (job: string, ctx: MessageContext) => Promise<void> | void;
  readonly script?: Script;
  readonly binding?: Partial<QueueBinding>;
  readonly options?: Partial<LambdaHandlerOptions>;
}

function setup(given: Setup = {}) {
  const clock = createFakeClock();
  const aws = scriptedAws(
    async (operation, input) => (await given.script?.(operation, input)) ?? acceptAll(input),
  );
  const binding = queueBinding(given.binding);
  const started: string[] = [];
  const log = eventLog();
  const handler = createLambdaHandler({
    queue: binding,
    idempotency: 'none',
    handlers: [
      on(JobQueued, ({ job }, ctx) => {
        started.push(job);
        return given.handle?.(job, ctx);
      }),
    ],
    clock,
    random: { next: () => 0.5 },
    clients: { sqs: aws.sqs, dynamodb: aws.dynamodb },
    onEvent: log.onEvent,
    ...given.options,
  });
  return {
    ...log,
    clock,
    binding,
    handler,
    started,
    callsOf: (operation: string) => aws.calls.filter((call) => call.operation === operation),
    /** Invokes with ten seconds to run unless told otherwise; answers the reported ids, and after how long. */
    invoke: async (messages: readonly Record<string, unknown>[], remainingMs = 10_000) => {
      const startedAt = clock.monotonic();
      const event = eventOf(messages, binding.arn);
      const answer = handler(event, { getRemainingTimeInMillis: () => remainingMs }).then(
        ({ batchItemFailures }) => ({
          failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
          afterMs: clock.monotonic() - startedAt,
        }),
      );
      answer.catch(() => undefined);
      for (let step = 0; step < remainingMs; step += 100) await clock.advance(100);
      return answer;
    },
  };
}

const never = (): Promise<void> => new Promise(() => undefined);
const untilSignal = ({ signal }: MessageContext): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
const batch = (...ids: string[]) => ids.map((id) => sdkMessage({ id, group: id.slice(0, 1) }));
const failUnless = (isFine: (job: string) => boolean) => (job: string) => {
  if (!isFine(job)) throw new Error('no');
};

describe('a Lambda handler', () => {
  it('reports nothing when all went well, and makes no call of its own', async () => {
    const { invoke, callsOf, started } = setup();
    expect((await invoke(batch('a', 'b', 'c'))).failed).toEqual([]);
    expect(started).toEqual(['a', 'b', 'c']);
    expect(callsOf('DeleteMessageBatch')).toEqual([]);
    expect(callsOf('ChangeMessageVisibilityBatch')).toEqual([]);
  });

  it('reports what failed, after setting all of its visibility by the backoff curve in one call', async () => {
    const { invoke, callsOf } = setup({
      handle: failUnless((job) => job === 'b'),
      options: { retry: { baseSeconds: 40, factor: 2 } },
    });
    const again = { ...sdkMessage({ id: 'c', receiveCount: 2 }) };
    expect((await invoke([...batch('a', 'b'), again])).failed).toEqual(['m-a', 'm-c']);
    expect(callsOf('ChangeMessageVisibilityBatch').map(({ input }) => entriesOf(input))).toEqual([
      [
        { Id: '0', ReceiptHandle: 'h-a', VisibilityTimeout: 20 },
        { Id: '1', ReceiptHandle: 'h-c', VisibilityTimeout: 40 },
      ],
    ]);
  });

  it('reports failures also when their visibility can not be set', async () => {
    const { invoke } = setup({
      handle: failUnless(() => false),
      script: () => {
        throw new AwsFault('AccessDenied', 403);
      },
    });
    expect((await invoke(batch('a'))).failed).toEqual(['m-a']);
  });

  it('runs no more messages at once than it was given', async () => {
    const { invoke, clock } = setup({
      handle: async () => {
        live += 1;
        most = Math.max(most, live);
        await new Promise<void>((resolve) => clock.schedule(500, resolve));
        live -= 1;
      },
      options: { concurrency: 2 },
    });
    let [live, most] = [0, 0];
    const { failed, afterMs } = await invoke(batch('a', 'b', 'c', 'd', 'e'));
    expect([failed, most, afterMs]).toEqual([[], 2, 1_500]);
  });

  it('reports the rest of a FIFO group without running it, to be seen when the failed one is', async () => {
    const { invoke, started, callsOf } = setup({
      binding: { fifo: true },
      handle: failUnless((job) => job !== 'a2'),
      options: { retry: { baseSeconds: 8 } },
    });
    expect((await invoke(batch('a1', 'a2', 'b1', 'a3', 'b2', 'a4'))).failed).toEqual([
      'm-a2',
      'm-a3',
      'm-a4',
    ]);
    expect(started.sort()).toEqual(['a1', 'a2', 'b1', 'b2']);
    const [release] = callsOf('ChangeMessageVisibilityBatch');
    expect(entriesOf(release!.input).map(({ VisibilityTimeout }) => VisibilityTimeout)).toEqual([4, 4, 4]);
  });

  it('keeps bytes of attributes on their way to the dead-letter queue', async () => {
    const { invoke, callsOf } = setup();
    const attributes = { raw: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) } };
    const poison = { ...sdkMessage({ id: 'a' }), MessageAttributes: attributes };
    expect((await invoke([poison])).failed).toEqual([]);
    const [entry] = entriesOf(callsOf('SendMessageBatch')[0]!.input);
    expect(entry).toMatchObject({ MessageAttributes: { raw: { DataType: 'Binary', BinaryValue: 'AP8=' } } });
  });

  it('reports poison that the dead-letter queue did not take', async () => {
    const { invoke, of } = setup({
      script: (operation) => {
        if (operation === 'SendMessageBatch') throw new AwsFault('AccessDenied', 403);
      },
    });
    expect((await invoke([sdkMessage({ id: 'a', body: 'no json' })])).failed).toEqual(['m-a']);
    expect(of('deadLetterFailed')).toHaveLength(1);
  });
});

describe('the end of an invocation', () => {
  it('aborts handlers the grace before it and reports them with a backoff', async () => {
    const { invoke, of, callsOf } = setup({
      handle: (job, ctx) => (job === 'slow' ? untilSignal(ctx) : undefined),
    });
    expect(await invoke(batch('slow', 'fine'))).toEqual({ failed: ['m-slow'], afterMs: 7_000 });
    expect(of('aborted').map(({ cause, id }) => [cause, id])).toEqual([['deadline', 'slow']]);
    const [failure] = of('failed');
    expect(isMillraceError(failure?.error, 'HANDLER_TIMEOUT')).toBe(true);
    expect(callsOf('ChangeMessageVisibilityBatch')).toHaveLength(1);
  });

  it('gives up a handler that ignores its signal and leaves its message invisible', async () => {
    const { invoke, of, callsOf } = setup({ handle: (job) => (job === 'deaf' ? never() : undefined) });
    expect(await invoke(batch('deaf', 'fine'))).toEqual({ failed: ['m-deaf'], afterMs: 9_000 });
    expect(of('abandoned').map(({ id }) => id)).toEqual(['deaf']);
    expect(callsOf('ChangeMessageVisibilityBatch')).toEqual([]);
  });

  it('starts nothing within the grace and gives the unstarted back at once', async () => {
    const { invoke, started, callsOf } = setup({
      handle: (_job, ctx) => untilSignal(ctx),
      options: { concurrency: 1, retry: { baseSeconds: 20 } },
    });
    expect((await invoke(batch('a', 'b'))).failed).toEqual(['m-a', 'm-b']);
    expect(started).toEqual(['a']);
    const [release] = callsOf('ChangeMessageVisibilityBatch');
    expect(entriesOf(release!.input).map(({ VisibilityTimeout }) => VisibilityTimeout)).toEqual([10, 0]);
  });

  it('leaves handlers half of a short invocation', async () => {
    const { invoke, clock } = setup({
      handle: () => new Promise((resolve) => void clock.schedule(400, resolve)),
    });
    expect((await invoke(batch('a'), 1_000)).failed).toEqual([]);
  });

  it('lets no handler outlive its own time', async () => {
    const { invoke, of } = setup({
      handle: (_job, ctx) => untilSignal(ctx),
      options: { handlerTimeoutSeconds: 2 },
    });
    expect(await invoke(batch('a'))).toEqual({ failed: ['m-a'], afterMs: 2_000 });
    expect(of('aborted').map(({ cause }) => cause)).toEqual(['timeout']);
  });

  it('takes no write from a handler that was given up', async () => {
    let late: unknown;
    const { invoke, clock, callsOf } = setup({
      handle: async (_job, ctx) => {
        await new Promise<void>((resolve) => clock.schedule(9_500, resolve));
        try {
          ctx.write({ Delete: { TableName: 'effects', Key: { pk: { S: 'a' } } } });
        } catch (error) {
          late = error;
        }
      },
      options: { idempotency: 'transactional' },
    });
    expect((await invoke(batch('a'))).failed).toEqual(['m-a']);
    expect(isMillraceError(late, 'OWNERSHIP_LOST')).toBe(true);
    expect(callsOf('TransactWriteItems')).toEqual([]);
  });
});

describe('an event that is not for this handler', () => {
  const context = { getRemainingTimeInMillis: () => 10_000 };

  it.each([
    ['nothing', undefined],
    ['no records', {}],
    ['an empty batch', { Records: [] }],
    ['records of another source', { Records: [{ Sns: { Message: '{}' } }] }],
  ])('rejects %s', async (_what, event) => {
    await expect(setup().handler(event as unknown as SqsEvent, context)).rejects.toMatchObject({
      code: 'EVENT_INVALID',
    });
  });

  it('rejects the batch of another queue, naming both', async () => {
    const { handler, started } = setup();
    const event = eventOf([sdkMessage()], 'arn:aws:sqs:eu-west-1:000000000000:Other');
    await expect(handler(event, context)).rejects.toMatchObject({
      code: 'BINDING_MISMATCH',
      message: expect.stringMatching(/:Other'.*:Jobs'/) as string,
    });
    expect(started).toEqual([]);
  });

  it('rejects options that only a poller has', () => {
    expect(() => setup({ options: { drainTimeoutSeconds: 1 } as never })).toThrow(
      /createLambdaHandler can't use these options: .*drainTimeoutSeconds/,
    );
  });
});

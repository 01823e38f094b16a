import { createMemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { whenError } from '../../../lib/runtime/index.js';
import { isMillraceError } from '../../../lib/core/errors.js';
import { entriesOf } from '../sqs/fixtures.js';
import { batch, never, setup, untilSignal } from './setup.js';

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

  it('trap 4: gives back with the longest wait that SQS takes, the time Lambda may have waited counted', async () => {
    const { invoke, callsOf } = setup({
      handle: () => Promise.reject(new Error('no')),
      options: { errors: [whenError(Error, { then: 'snooze', seconds: 43_200 })] },
    });
    expect((await invoke(batch('a'))).failed).toEqual(['m-a']);
    const [release] = callsOf('ChangeMessageVisibilityBatch');
    expect(entriesOf(release!.input)).toMatchObject([{ VisibilityTimeout: 43_200 - 300 - 60 }]);
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

  it('takes no write and no result from a handler that was given up', async () => {
    let late: unknown;
    const { invoke, clock, callsOf, events } = setup({
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
    expect(events.at(-1)?.kind).toBe('abandoned');
  });

  /** Three messages of group a and one of b, and a store whose marks take so long. */
  const marked = (delayMs: number) => {
    const { marks, ...rest } = createMemoryStore();
    const advanced: string[] = [];
    const { invoke, clock, started } = setup({
      binding: { fifo: true },
      options: {
        idempotency: 'sequence',
        store: {
          ...rest,
          marks: {
            ...marks,
            advance: async (advance) => {
              advanced.push(`${advance.groupKey.split('#').at(-1)} ${Number(advance.sequence)}`);
              await new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
              return marks.advance(advance);
            },
          },
        },
      },
    });
    const messages = batch('a1', 'a2', 'b1', 'a3').map((each, position) => ({
      ...each,
      Attributes: { ...(each['Attributes'] as object), SequenceNumber: String(position + 1) },
    }));
    return { advanced, started, invoked: invoke(messages) };
  };

  it('answers after the marks of its FIFO groups were moved, each with one write', async () => {
    const { advanced, started, invoked } = marked(300);
    expect(await invoked).toEqual({ failed: [], afterMs: 300 });
    expect(advanced).toEqual(['a 4', 'b 3']);
    expect(started).toHaveLength(4);
  });

  it('answers in time also when the marks are not moved in time', async () => {
    const { failed, afterMs } = await marked(60_000).invoked;
    expect(failed).toEqual([]);
    expect(afterMs).toBeLessThan(10_000);
  });
});

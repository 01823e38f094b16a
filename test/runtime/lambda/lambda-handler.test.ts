import fc from 'fast-check';
import type { SqsEvent } from '../../../lib/runtime/index.js';
import { entriesOf, sdkMessage } from '../sqs/fixtures.js';
import { eventOf } from '../support/event-source-mapping.js';
import { AwsFault } from '../support/scripted-aws.js';
import { batch, failUnless, setup } from './setup.js';

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

  it('trap 22: reports the rest of a FIFO group without running it, to be seen when the failed one is', async () => {
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

  it('keeps every FIFO group in order and reports exactly what was not handled, whatever fails', async () => {
    const job = fc.record({ group: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean(), ms: fc.nat(300) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 4 }),
        async (jobs, concurrency) => {
          const ids = jobs.map(({ group }, index) => `${group}${index}`);
          const handled: string[] = [];
          const { invoke, clock } = setup({
            binding: { fifo: true },
            options: { concurrency },
            handle: async (id) => {
              const { ms, fails } = jobs[ids.indexOf(id)]!;
              await new Promise<void>((resolve) => clock.schedule(ms, resolve));
              if (fails) throw new Error('no');
              handled.push(id);
            },
          });
          const { failed } = await invoke(batch(...ids));
          for (const name of ['a', 'b', 'c']) {
            const inGroup = ids.filter((id) => id.startsWith(name));
            const stop = inGroup.findIndex((id) => jobs[ids.indexOf(id)]!.fails);
            const fine = stop === -1 ? inGroup : inGroup.slice(0, stop);
            expect(handled.filter((id) => id.startsWith(name))).toEqual(fine);
            expect(failed.filter((id) => id.startsWith(`m-${name}`))).toEqual(
              inGroup.slice(fine.length).map((id) => `m-${id}`),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
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

import { whenError, type ErrorRule, type MessageContext } from '../../../lib/runtime/index.js';
import { eventually } from '../support/local-queue.js';
import { lambda, poller, setup, type Host } from './setup.js';
import { openWebhook } from './webhook-host.js';

/** What all three hosts have in common: messages come in, are handled, tried again, or end in a dead-letter queue. */
interface CommonHost {
  readonly publishAll: (jobs: readonly string[]) => Promise<unknown>;
  readonly sendText: (text: string) => Promise<unknown>;
  readonly events: readonly { readonly kind: string }[];
  readonly letters: () => Promise<number>;
}

type Open = (
  handle: (job: string, context: MessageContext) => Promise<void> | void,
  errors?: readonly ErrorRule[],
) => Promise<CommonHost>;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const onQueue =
  (host: Host): Open =>
  async (handle, errors = []) => {
    const { local, work, publishAll, sendText } = await setup(host);
    const { events } = work(handle, { errors });
    let letters = 0;
    return {
      publishAll,
      sendText,
      events,
      letters: async () => (letters += (await local.deadLetters()).length),
    };
  };

const webhook: Open = (handle, errors = []) =>
  openWebhook(handle, errors, (close) => void closers.push(close));

describe.each([
  { name: 'the poller', open: onQueue(poller) },
  { name: 'the Lambda host', open: onQueue(lambda) },
  { name: 'the webhook', open: webhook },
])('what $name has in common with the other hosts', ({ open }) => {
  it('handles each message once', async () => {
    const handled: string[] = [];
    const { publishAll, events } = await open((job) => void handled.push(job));
    const jobs = Array.from({ length: 12 }, (_, index) => `a${index}`);
    await publishAll(jobs);
    await eventually('all are handled', () => events.filter(({ kind }) => kind === 'handled').length === 12);
    expect(handled.sort()).toEqual(jobs.sort());
  });

  it('tries a failed message again, and says so', async () => {
    const tries: string[] = [];
    const { publishAll, events } = await open((job) => {
      if (tries.push(job) === 1) throw new Error('not yet');
    });
    await publishAll(['a1']);
    await eventually('it is handled', () => events.some(({ kind }) => kind === 'handled'));
    expect(tries).toEqual(['a1', 'a1']);
    expect(events.filter(({ kind }) => kind === 'failed')).toEqual([
      expect.objectContaining({ type: 'job.queued', id: 'a1', error: new Error('not yet') }),
    ]);
  });

  it('gives the handler the business id, the envelope and the number of the try', async () => {
    const contexts: MessageContext[] = [];
    const { publishAll, events } = await open((_job, context) => {
      if (contexts.push(context) === 1) throw new Error('not yet');
    });
    await publishAll(['a1']);
    await eventually('it is handled', () => events.some(({ kind }) => kind === 'handled'));
    expect(contexts.map(({ id, receiveCount }) => [id, receiveCount])).toEqual([
      ['a1', 1],
      ['a1', 2],
    ]);
    expect(contexts[0]?.envelope).toMatchObject({ type: 'job.queued', id: 'a1', schemaVersion: 1 });
    expect(contexts[0]?.signal.aborted).toBe(false);
  });

  it('runs handlers side by side', async () => {
    let running = 0;
    let together: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (together = resolve));
    const { publishAll, events } = await open(async () => {
      running += 1;
      if (running === 2) together();
      await both;
    });
    await publishAll(['a1', 'b1']);
    await eventually('both are handled', () => events.filter(({ kind }) => kind === 'handled').length === 2);
    expect(running).toBe(2);
  });

  it('lets what always fails end in the dead-letter queue, and tells every try', async () => {
    let tries = 0;
    const { publishAll, events, letters } = await open(() => {
      tries += 1;
      throw new Error('never');
    });
    await publishAll(['a1']);
    await eventually('it is in the dead-letter queue', async () => (await letters()) === 1, 30_000);
    expect(tries).toBeGreaterThan(1);
    expect(events.filter(({ kind }) => kind === 'failed')).toHaveLength(tries);
    expect(events.filter(({ kind }) => kind === 'handled')).toEqual([]);
  }, 60_000);

  it('does with an error what its rule says', async () => {
    const { publishAll, events, letters } = await open(
      (job) => {
        throw Object.assign(new Error('gone'), { name: job === 'drop' ? 'Dull' : 'Hopeless' });
      },
      [whenError('Dull', { then: 'drop' }), whenError('Hopeless', { then: 'dead-letter' })],
    );
    await publishAll(['drop', 'letter']);
    await eventually('one is in the dead-letter queue', async () => (await letters()) === 1);
    await eventually('one is dropped', () => events.some(({ kind }) => kind === 'dropped'));
    expect(events.filter(({ kind }) => kind === 'dropped')).toEqual([
      expect.objectContaining({ id: 'drop' }),
    ]);
    expect(events.filter(({ kind }) => kind === 'failed')).toEqual([]);
  });

  it('moves poison to the dead-letter queue at once and lets the rest through', async () => {
    const handled: string[] = [];
    const { publishAll, sendText, events, letters } = await open((job) => void handled.push(job));
    await sendText('no json');
    await publishAll(['a1']);
    await eventually('poison is in the dead-letter queue', async () => (await letters()) === 1);
    await eventually('the rest is handled', () => handled.length === 1);
    // The queue has it before the worker has the queue's answer.
    const told = (): typeof events => events.filter((event) => 'reason' in event);
    await eventually('it is told', () => told().length > 0);
    expect(told()).toEqual([expect.objectContaining({ reason: 'missing-envelope' })]);
  });
});

import { whenError, type ErrorRule } from '../../../lib/runtime/index.js';
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
  handle: (job: string) => Promise<void> | void,
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
    expect(events.filter((event) => 'reason' in event)).toEqual([
      expect.objectContaining({ reason: 'missing-envelope' }),
    ]);
  });
});

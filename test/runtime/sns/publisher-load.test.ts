import * as fc from 'fast-check';
import { z } from 'zod';
import { defineMessage } from '../../../lib/contract/index.js';
import { entriesOf, JobQueued } from '../sqs/fixtures.js';
import { AwsFault, type Call } from '../support/scripted-aws.js';
import { jobs, setup } from './scripted-publisher.js';

const Labelled = defineMessage('job.labelled', {
  schema: z.object({ job: z.string(), label: z.string() }),
  id: ({ job }) => job,
  attributes: ({ label }) => ({ label, lengths: [String(label.length), 'ü'] }),
});
const messages = [
  { name: 'job.labelled', version: 1 },
  { name: 'job.queued', version: 1 },
];

interface Entry {
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<
    Record<string, { readonly DataType: string; readonly StringValue: string }>
  >;
}

/** By the words of the limit: UTF-8 bytes of the body and of names, types and values of the attributes. */
function weigh(calls: readonly Call[]): number {
  const [entry] = entriesOf(calls[0]!.input) as unknown as readonly [Entry];
  const texts = Object.entries(entry.MessageAttributes).flatMap(([name, { DataType, StringValue }]) => [
    name,
    DataType,
    StringValue,
  ]);
  return new TextEncoder().encode([entry.MessageBody, ...texts].join('')).byteLength;
}

describe('the weight of a message', () => {
  it('is the UTF-8 bytes of its body, and of names, types and values of its attributes', async () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(texts, texts, async (job, label) => {
        fc.pre(!/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(label));
        const payload = { job: `j${job}`, label };
        const open = setup({ binding: { messages } });
        const sent = open.publisher.publish(Labelled, payload);
        await open.clock.advance(0);
        await sent;
        const maxMessageBytes = weigh(open.calls);
        const exact = setup({ binding: { messages, maxMessageBytes } });
        const fitting = exact.publisher.publish(Labelled, payload);
        await exact.clock.advance(0);
        await expect(fitting).resolves.toBeDefined();
        const tight = setup({ binding: { messages, maxMessageBytes: maxMessageBytes - 1 } });
        await expect(tight.publisher.publish(Labelled, payload)).rejects.toMatchObject({
          code: 'MESSAGE_TOO_LARGE',
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each([262_144, 1_048_576])(
    'may be %i bytes where the binding says so, and no byte more',
    async (limit) => {
      const probe = setup();
      void probe.publisher.publish(JobQueued, { job: 'x' });
      await probe.clock.advance(0);
      const { publisher, clock, calls } = setup({
        binding: { maxMessageBytes: limit },
        options: { random: { next: () => 0.5 } },
      });
      // The business id is the job, so the envelope grows with it: two bytes for one more letter.
      const room = Math.floor((limit - weigh(probe.calls)) / 2);
      const largest = publisher.publish(JobQueued, { job: 'x'.repeat(room + 1) });
      await clock.advance(0);
      await expect(largest).resolves.toBeDefined();
      expect(limit - weigh(calls)).toBeLessThan(2);
      await expect(publisher.publish(JobQueued, { job: 'x'.repeat(room + 2) })).rejects.toMatchObject({
        code: 'MESSAGE_TOO_LARGE',
      });
    },
  );

  it('lets a message that alone is above maxPendingBytes through, when nothing else is under way', async () => {
    const answers: (() => void)[] = [];
    const { publisher, clock, sent } = setup({
      options: { maxPendingBytes: 1_024 },
      script: () => new Promise<undefined>((resolve) => answers.push(() => resolve(undefined))),
    });
    const giant = 'g'.repeat(20_000);
    const all = Promise.all(['a', giant, 'b'].map((job) => publisher.publish(JobQueued, { job })));
    await clock.advance(50);
    expect(sent()).toEqual([['a']]);
    answers.shift()?.();
    await clock.advance(50);
    expect(sent().map((batch) => batch.map((job) => job.length))).toEqual([[1], [20_000]]);
    answers.shift()?.();
    await clock.advance(50);
    answers.shift()?.();
    await clock.advance(50);
    await all;
    expect(sent().flat()).toEqual(['a', giant, 'b']);
    expect(publisher.stats()).toMatchObject({ pendingBytes: 0, published: 3 });
  });

  it.each([
    ['half of a surrogate pair', 'a\ud800'],
    ['a control character', 'a\u0001'],
    ['U+FFFF', 'a\uffff'],
  ])('rejects %s in an attribute, alone, before it would take a batch along', async (_what, label) => {
    const { publisher, clock, sent } = setup({ binding: { messages } });
    const settled = Promise.allSettled([
      publisher.publish(Labelled, { job: 'good', label: 'tab\tand emoji 🎉' }),
      publisher.publish(Labelled, { job: 'bad', label }),
    ]);
    await clock.advance(0);
    expect(await settled).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'INVALID_PAYLOAD' } },
    ]);
    expect(sent()).toEqual([['good']]);
  });
});

describe('flush of a publisher', () => {
  it('resolves when what was accepted before it has its answer, however much comes after', async () => {
    let schedule: (answer: () => void) => unknown = () => undefined;
    const { publisher, clock } = setup({
      script: () => new Promise<undefined>((resolve) => schedule(() => resolve(undefined))),
    });
    schedule = (answer) => clock.schedule(5, answer);
    let isFlushed = false;
    let isOver = false;
    const forEver = async (): Promise<void> => {
      while (!isOver) await publisher.publish(JobQueued, { job: 'again' });
    };
    const stream = Promise.all([forEver(), forEver(), forEver()]);
    await clock.advance(5);
    const flushing = publisher.flush().then(() => (isFlushed = true));
    for (let step = 0; step < 20; step += 1) await clock.advance(10);
    expect(isFlushed).toBe(true);
    isOver = true;
    await clock.advance(100);
    await Promise.all([stream, flushing]);
  });

  it('sends what waits for a full batch or for room without waiting for its age', async () => {
    let open: (() => void) | undefined;
    const { publisher, clock, sent } = setup({
      options: { maxAgeMs: 60_000, maxPendingBytes: 1_024 },
      script: async () => {
        if (open === undefined) await new Promise<void>((resolve) => (open = resolve));
        return undefined;
      },
    });
    const all = Promise.all(jobs(20, 'y'.repeat(50)).map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(10);
    const flushing = publisher.flush();
    open?.();
    for (let step = 0; step < 10; step += 1) await clock.advance(1);
    await Promise.all([all, flushing]);
    expect(sent().flat()).toHaveLength(20);
    expect(sent().length).toBeLessThan(15);
    expect(clock.pending).toBe(0);
  });

  it('resolves though messages fail, each of which rejects by itself', async () => {
    const { publisher, clock, calls } = setup({
      options: { maxAttempts: 2 },
      script: () => {
        throw new AwsFault('ServiceUnavailable', 503);
      },
    });
    const settled = Promise.allSettled(jobs(3).map((job) => publisher.publish(JobQueued, job)));
    const flushing = publisher.flush();
    await clock.advance(10_000);
    await expect(flushing).resolves.toBeUndefined();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toHaveLength(2);
    expect(publisher.stats()).toMatchObject({ failed: 3, pending: 0, pendingBytes: 0 });
  });

  it('resolves at once when nothing is under way', async () => {
    await expect(setup().publisher.flush()).resolves.toBeUndefined();
  });
});

import { z } from 'zod';
import { defineMessage } from '../../../lib/contract/index.js';
import { createPublisher } from '../../../lib/runtime/index.js';
import { turns } from '../support/fake-clock.js';
import { AwsFault } from '../support/scripted-aws.js';
import { entriesOf, JobQueued } from '../sqs/fixtures.js';
import { jobs, setup } from './scripted-publisher.js';

describe('a publisher', () => {
  it('sends a lone message at once, with its envelope and group', async () => {
    const { publisher, clock, calls } = setup();
    const publishing = publisher.publish(JobQueued, { job: 'a1' });
    await clock.advance(0);
    await expect(publishing).resolves.toEqual({ messageId: 'sent-0' });
    const [entry] = entriesOf(calls[0]!.input);
    expect(entry).toMatchObject({
      Id: '0',
      MessageBody: '{"job":"a1"}',
      MessageGroupId: 'a',
      MessageAttributes: { 'millrace-type': { DataType: 'String', StringValue: 'job.queued' } },
    });
    expect(entry).not.toHaveProperty('MessageDeduplicationId');
  });

  it('sends what is published in one turn in one batch', async () => {
    const { publisher, clock, sent } = setup();
    void Promise.all(jobs(10).map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(0);
    expect(sent().map((batch) => batch.length)).toEqual([10]);
  });

  it('fills the next batch while a call is out, but no longer than its age', async () => {
    let answer: () => void = () => undefined;
    let calls = 0;
    const { publisher, clock, sent } = setup({
      script: async () => {
        calls += 1;
        if (calls === 1) await new Promise<void>((resolve) => (answer = resolve));
        return undefined;
      },
    });
    void publisher.publish(JobQueued, { job: 'first' });
    await clock.advance(1);
    void publisher.publish(JobQueued, { job: 'second' });
    await clock.advance(10);
    void publisher.publish(JobQueued, { job: 'third' });
    await clock.advance(9);
    expect(sent()).toEqual([['first']]);
    await clock.advance(1);
    expect(sent()).toEqual([['first'], ['second', 'third']]);
    answer();
    await publisher.stop();
  });

  it('trap 27: packs batches by their bytes with attributes, not by their count', async () => {
    const { publisher, clock, sent } = setup();
    void Promise.all(
      jobs(3, 'x'.repeat(200_000)).map((job) => publisher.publish(JobQueued, job).catch(() => undefined)),
    );
    await clock.advance(0);
    await turns(40);
    await clock.advance(30);
    expect(sent().map((batch) => batch.length)).toEqual([2, 1]);
  });

  it('trap 11: retries only the entries that failed, and not those at fault', async () => {
    let calls = 0;
    const { publisher, clock, sent } = setup({
      script: () => {
        calls += 1;
        if (calls > 1) return undefined;
        return {
          Successful: [{ Id: '0', MessageId: 'm-0', MD5OfMessageBody: '' }],
          Failed: [
            { Id: '1', Code: 'InternalError', SenderFault: false },
            { Id: '2', Code: 'InvalidMessageContents', SenderFault: true },
          ],
        };
      },
    });
    const results = Promise.allSettled(jobs(3).map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(1_000);
    expect(sent()).toEqual([['a0', 'a1', 'a2'], ['a1']]);
    expect(
      (await results).map((result) => (result.status === 'rejected' ? (result.reason as unknown) : 'ok')),
    ).toEqual([
      'ok',
      'ok',
      expect.objectContaining({
        code: 'PUBLISH_FAILED',
        message: expect.stringContaining('InvalidMessageContents') as string,
      }),
    ]);
  });

  it('keeps the order inside a FIFO group through a retry, and lets other groups go on', async () => {
    let calls = 0;
    const { publisher, clock, sent } = setup({
      binding: { fifo: true },
      script: () => {
        calls += 1;
        if (calls === 1) throw new AwsFault('ServiceUnavailable', 503);
        return undefined;
      },
    });
    const publish = (job: string): void => void publisher.publish(JobQueued, { job });
    publish('a1');
    await clock.advance(0);
    publish('a2');
    publish('b1');
    await clock.advance(0);
    expect(sent()).toEqual([['a1'], ['b1']]);
    await clock.advance(1_000);
    expect(sent()).toEqual([['a1'], ['b1'], ['a1', 'a2']]);
  });

  it('trap 18: rejects an entry whose retry would fall behind a later one of its group', async () => {
    const { publisher, clock, sent } = setup({
      binding: { fifo: true },
      script: () => ({
        Successful: [{ Id: '1', MessageId: 'm-1', MD5OfMessageBody: '' }],
        Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }],
      }),
    });
    const results = Promise.allSettled(jobs(2).map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(1_000);
    expect((await results)[0]).toMatchObject({ status: 'rejected', reason: { code: 'PUBLISH_FAILED' } });
    expect(sent()).toHaveLength(1);
  });

  it('trap 34: names FIFO copies by type and business id, hashed when that does not fit', async () => {
    const { publisher, clock, calls } = setup({ binding: { fifo: true } });
    const long = `a${'ü'.repeat(200)}`;
    void publisher.publish(JobQueued, { job: 'a1' });
    void publisher.publish(JobQueued, { job: long });
    await clock.advance(0);
    expect(entriesOf(calls[0]!.input).map(({ MessageDeduplicationId }) => MessageDeduplicationId)).toEqual([
      'job.queued/a1',
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });

  it('waits while too many bytes are under way', async () => {
    let answer: () => void = () => undefined;
    const { publisher, clock, sent } = setup({
      options: { maxPendingBytes: 1_024, maxCallsOut: 1 },
      script: async () => {
        await new Promise<void>((resolve) => (answer = resolve));
        return undefined;
      },
    });
    void Promise.all(jobs(20, 'y'.repeat(100)).map((job) => publisher.publish(JobQueued, job)));
    await clock.advance(0);
    expect(publisher.stats().pendingBytes).toBeLessThanOrEqual(1_024);
    for (let round = 0; round < 20; round += 1) {
      answer();
      await clock.advance(20);
    }
    expect(sent().flat()).toHaveLength(20);
    expect(publisher.stats()).toMatchObject({ published: 20, pending: 0, pendingBytes: 0 });
  });

  it('keeps the order of calls through schemas that take their time', async () => {
    const Slow = defineMessage('job.slow', {
      schema: z.object({ job: z.string() }).refine(async ({ job }) => {
        await turns(job === 'a0' ? 5 : 0);
        return true;
      }),
      id: ({ job }) => job,
    });
    const { publisher, clock, sent } = setup({ binding: { messages: [{ name: 'job.slow', version: 1 }] } });
    void Promise.all(jobs(3).map((job) => publisher.publish(Slow, job)));
    await turns(20);
    await clock.advance(0);
    expect(sent().flat()).toEqual(['a0', 'a1', 'a2']);
  });

  it('rejects a payload that does not fit, naming the issues and not the payload', async () => {
    const { publisher, calls } = setup();
    const error: unknown = await publisher
      .publish(JobQueued, { job: 7, secret: 'hunter2' } as never)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_PAYLOAD', violations: [expect.stringContaining('job:')] });
    expect((error as Error).message).not.toContain('hunter2');
    expect(calls).toHaveLength(0);
  });

  it('rejects what is too large before it is sent', async () => {
    const { publisher } = setup({ binding: { maxMessageBytes: 1_024 } });
    await expect(publisher.publish(JobQueued, { job: 'x'.repeat(1_000) })).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/weighs \d{4} bytes .* takes 1024/) as string,
    });
  });

  it('rejects what the destination does not carry', async () => {
    const { publisher } = setup({ binding: { messages: [{ name: 'job.dropped', version: 1 }] } });
    await expect(publisher.publish(JobQueued, { job: 'a' })).rejects.toMatchObject({
      code: 'BINDING_MISMATCH',
    });
  });

  it('trap 29: escapes characters that SQS refuses, in the body and in the envelope', async () => {
    const { publisher, clock, calls } = setup();
    void publisher.publish(JobQueued, { job: 'a\u0000\ud800' });
    await clock.advance(0);
    const [entry] = entriesOf(calls[0]!.input);
    const { MessageBody, MessageAttributes } = entry as {
      MessageBody: string;
      MessageAttributes: Record<string, { StringValue: string }>;
    };
    expect(MessageBody).toBe('{"job":"a\\u0000\\ud800"}');
    const texts = Object.values(MessageAttributes).map(({ StringValue }) => StringValue);
    expect(texts.filter((text) => text.includes('\u0000') || text.includes('\ud800'))).toEqual([]);
  });

  it('trap 31: needs two attributes, so that raw delivery through a topic keeps room for eight', async () => {
    const { publisher, clock, calls } = setup();
    void publisher.publish(JobQueued, { job: 'a1' });
    await clock.advance(0);
    const [entry] = entriesOf(calls[0]!.input);
    expect(Object.keys(entry?.['MessageAttributes'] as object)).toHaveLength(2);
  });

  it('trap 43: rejects a delay on a FIFO queue', async () => {
    const { publisher } = setup({ binding: { fifo: true } });
    await expect(publisher.publish(JobQueued, { job: 'a' }, { delaySeconds: 5 })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
  });

  it('says that the endpoint does not answer after bounded tries', async () => {
    const { publisher, clock, calls } = setup({
      script: () => {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      },
    });
    const outcome = publisher.publish(JobQueued, { job: 'a' }).catch((error: unknown) => error);
    await clock.advance(20_000);
    expect(await outcome).toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    expect(calls).toHaveLength(5);
  });

  it('answers everything accepted before a stop, then takes no more', async () => {
    const { publisher, clock } = setup();
    const publishing = publisher.publish(JobQueued, { job: 'a' });
    const stopping = publisher.stop();
    await clock.advance(0);
    await stopping;
    await publisher.stop();
    await expect(publishing).resolves.toBeDefined();
    await expect(publisher.publish(JobQueued, { job: 'b' })).rejects.toMatchObject({ code: 'STOPPED' });
    expect(clock.pending).toBe(0);
  });
});

describe('publisher options', () => {
  it('rejects every violation at once', () => {
    expect(() => createPublisher({ maxAgeMS: 1, maxCallsOut: 0 } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          expect.stringContaining("did you mean 'maxAgeMs'?"),
          expect.stringContaining('exactly one of topic and queue'),
          expect.stringContaining('maxCallsOut'),
        ],
      }) as Error,
    );
  });

  it('rejects a transport that does not exist', () => {
    expect(() => createPublisher({ queue: 'Jobs', transport: 'leen' as never })).toThrow(
      "did you mean 'lean'?",
    );
  });

  it('rejects messages the destination was not deployed with', () => {
    expect(() => setup({ options: { messages: [JobQueued] }, binding: { messages: [] } })).toThrow(
      expect.objectContaining({ code: 'BINDING_MISMATCH' }) as Error,
    );
  });
});

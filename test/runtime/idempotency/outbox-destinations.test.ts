import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Message } from '@aws-sdk/client-sqs';
import { decodeEnvelope, type QueueBinding } from '../../../lib/contract/index.js';
import {
  createPublisher,
  createQueueWorker,
  on,
  openTelemetry,
  type MessageContext,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import { eventLog, JobQueued } from '../sqs/fixtures.js';
import { collectSpans, parentOf } from '../observability/spans.js';
import { eventually, openLocalQueue } from '../support/local-queue.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A worker that takes `job` and publishes something else to `out`, which is the dead-letter queue. */
async function setup(
  handle: (job: string, ctx: MessageContext) => Promise<void>,
  over: (out: QueueBinding) => Partial<QueueWorkerOptions> = () => ({}),
) {
  const local = await openLocalQueue({ visibilityTimeoutSeconds: 3 });
  closers.push(() => local.close());
  const { binding } = local;
  const out: QueueBinding = { ...binding, ...binding.deadLetterQueue, name: 'Out' };
  const publisher = createPublisher({ queue: binding });
  closers.push(() => publisher.stop());
  const log = eventLog();
  const worker = createQueueWorker({
    queue: binding,
    idempotency: 'transactional',
    outbox: { out: { queue: out } },
    handlers: [on(JobQueued, ({ job }, ctx) => handle(job, ctx))],
    retry: { baseSeconds: 0, maxSeconds: 0 },
    signals: false,
    onEvent: log.onEvent,
    ...over(out),
  });
  const send = async (...jobs: string[]) => {
    for (const job of jobs) await publisher.publish(JobQueued, { job });
    worker.run().catch(() => undefined);
    closers.push(() => worker.stop());
  };
  return { local, log, out, send, worker };
}

const envelopeOf = (message: Message | undefined) => {
  const decoded = decodeEnvelope((name) => message?.MessageAttributes?.[name]?.StringValue);
  if (decoded.kind === 'invalid') throw new Error(decoded.reason);
  return decoded.envelope;
};

describe('the destinations of an outbox', () => {
  it('hold up only the messages whose outbox they do not take', async () => {
    const { local, log, send, worker } = await setup(
      (job, ctx) => ctx.publish(job.startsWith('bad') ? 'gone' : 'out', JobQueued, { job: `after-${job}` }),
      (out) => ({
        outbox: {
          out: { queue: out },
          gone: { queue: { ...out, url: `${out.url}-that-is-not-there` }, maxAttempts: 1 },
        },
      }),
    );
    await send('bad1', 'good1', 'bad2', 'good2');
    await eventually('the good ones are handled', () => worker.stats().handled >= 2);
    expect((await local.deadLetters()).map(({ Body }) => Body).sort()).toEqual([
      '{"job":"after-good1"}',
      '{"job":"after-good2"}',
    ]);
    expect(new Set(log.of('failed').map(({ id }) => id))).toEqual(new Set(['bad1', 'bad2']));
  });

  it('are given large payloads through S3, as by a publisher', async () => {
    const { local, send, worker } = await setup(
      (job, ctx) => ctx.publish('out', JobQueued, { job: `after-${job}${'x'.repeat(50_000)}` }),
      (out) => ({
        outbox: {
          out: {
            queue: { ...out, claimCheck: { bucket: 'payloads', prefix: 'Out/', thresholdBytes: 10_000 } },
          },
        },
      }),
    );
    const s3 = new S3Client({ ...local.aws.clientConfig, forcePathStyle: true });
    closers.push(() => Promise.resolve().then(() => s3.destroy()));
    await s3.send(new CreateBucketCommand({ Bucket: 'payloads' }));
    await send('one');
    await eventually('it is handled', () => worker.stats().handled === 1);
    const [published] = await local.deadLetters();
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'payloads' }));
    expect(Contents).toHaveLength(1);
    expect(published?.Body).toContain(Contents[0]?.Key);
    expect(published?.MessageAttributes?.['ExtendedPayloadSize']?.StringValue).toBe(
      String(Contents[0]?.Size),
    );
  });

  it('commit nothing of a message whose payload S3 does not take', async () => {
    const { local, log, send, worker } = await setup(
      (job, ctx) => ctx.publish('out', JobQueued, { job: `after-${job}${'x'.repeat(50_000)}` }),
      (out) => ({
        outbox: {
          out: {
            queue: { ...out, claimCheck: { bucket: 'no-bucket', prefix: 'Out/', thresholdBytes: 10_000 } },
          },
        },
      }),
    );
    await send('one');
    await eventually('it failed', () => worker.stats().failed > 0);
    await worker.stop();
    expect(log.of('failed')[0]?.error).toMatchObject({ code: 'PUBLISH_FAILED' });
    expect(await local.deadLetters()).toEqual([]);
  });

  it('are sent the trace of the handler that published', async () => {
    const spans = collectSpans();
    closers.push(() => spans.close());
    const telemetry = openTelemetry({ tracerProvider: spans.tracerProvider, metrics: false });
    const { local, send, worker } = await setup(
      (job, ctx) => ctx.publish('out', JobQueued, { job: `after-${job}` }),
      (out) => ({ telemetry, outbox: { out: { queue: out } } }),
    );
    await send('one');
    await eventually('it is handled', () => worker.stats().handled === 1);
    const [published] = await local.deadLetters();
    await worker.stop();
    const [process] = spans.named('process Jobs');
    const [sent] = spans.named('send Out');
    expect(parentOf(sent)).toBe(process!.spanContext().spanId);
    const { traceId, spanId } = sent!.spanContext();
    expect(envelopeOf(published).trace?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
  });
});

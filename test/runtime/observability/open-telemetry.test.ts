import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { TopicBinding, TraceContext } from '../../../lib/contract/index.js';
import {
  createPublisher,
  createQueueWorker,
  on,
  openTelemetry,
  type OpenTelemetryOptions,
} from '../../../lib/runtime/index.js';
import { JobQueued } from '../sqs/fixtures.js';
import { eventually, openLocalQueue, type LocalQueue } from '../support/local-queue.js';
import { collectSpans, insideRequest, linkedTo, parentOf, type Spans } from './spans.js';

let local: LocalQueue;
let spans: Spans;
beforeAll(async () => {
  local = await openLocalQueue();
  spans = collectSpans();
});
afterAll(async () => {
  await spans.close();
  await local.close();
});
beforeEach(() => spans.clear());

interface Seen {
  readonly activeSpan: string | undefined;
  readonly baggage: string | undefined;
  readonly trace: TraceContext | undefined;
}

interface Journey {
  readonly queue?: LocalQueue;
  readonly topic?: TopicBinding;
  readonly delivery?: 'raw' | 'sns-envelope';
  readonly telemetry?: OpenTelemetryOptions;
  readonly fail?: Error;
}

/** Publishes one job inside a request, and gives what its handler saw. */
async function journey({ queue = local, topic, delivery = 'raw', ...given }: Journey = {}): Promise<Seen> {
  const telemetry = openTelemetry({
    tracerProvider: spans.tracerProvider,
    metrics: false,
    ...given.telemetry,
  });
  const destination = topic === undefined ? { queue: queue.binding } : { topic };
  const publisher = createPublisher({ ...destination, telemetry });
  const seen: Seen[] = [];
  const worker = createQueueWorker({
    queue: { ...queue.binding, delivery },
    idempotency: 'none',
    telemetry,
    signals: false,
    handlers: [
      on(JobQueued, (_job, { envelope }) => {
        seen.push({
          activeSpan: trace.getActiveSpan()?.spanContext().spanId,
          baggage: propagation.getActiveBaggage()?.getEntry('tenant')?.value,
          trace: envelope.trace,
        });
        if (given.fail !== undefined) throw given.fail;
      }),
    ],
  });
  const running = worker.run();
  try {
    await insideRequest(spans, () => publisher.publish(JobQueued, { job: 'a1' }));
    await eventually('the job is processed', () => worker.stats().handled + worker.stats().failed > 0);
  } finally {
    await publisher.stop();
    await worker.stop();
    await running;
  }
  return seen[0]!;
}

/** Lets a test have a queue of its own. */
async function withQueue(test: (queue: LocalQueue) => Promise<unknown>): Promise<void> {
  const queue = await openLocalQueue();
  await test(queue).finally(() => queue.close());
}

describe('OpenTelemetry spans', () => {
  it('lead from the request through the queue into the handler', async () => {
    const { activeSpan } = await journey();
    const [request] = spans.named('request');
    const [send] = spans.named('send Jobs');
    const [receive] = spans.named('receive Jobs');
    const [process] = spans.named('process Jobs');
    expect([send?.kind, receive?.kind, process?.kind]).toEqual([
      SpanKind.PRODUCER,
      SpanKind.CLIENT,
      SpanKind.CONSUMER,
    ]);
    expect(parentOf(send)).toBe(request?.spanContext().spanId);
    expect(linkedTo(receive)).toEqual([send?.spanContext().spanId]);
    expect(parentOf(receive)).toBeUndefined();
    expect(parentOf(process)).toBe(receive?.spanContext().spanId);
    expect(linkedTo(process)).toEqual([send?.spanContext().spanId]);
    expect(activeSpan).toBe(process?.spanContext().spanId);
  });

  it('carry the attributes of the conventions for messaging', async () => {
    await journey();
    const [process] = spans.named('process Jobs');
    expect(process?.attributes).toMatchObject({
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'Jobs',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.message.id': expect.stringMatching(/./) as string,
      'millrace.message.business_id': 'a1',
      'millrace.message.type': 'job.queued',
      'millrace.message.receive_count': 1,
      'millrace.outcome': 'handled',
    });
    expect(spans.named('receive Jobs')[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 1 });
  });

  it.each(['raw', 'sns-envelope'] as const)('lead through a topic with delivery %s', async (delivery) => {
    await withQueue(async (queue) => {
      const topic = await queue.addTopic(delivery === 'raw');
      await journey({ queue, topic, delivery });
    });
    const [send] = spans.named('send Events');
    expect(send?.attributes).toMatchObject({ 'messaging.system': 'aws.sns' });
    expect(linkedTo(spans.named('receive Jobs')[0])).toEqual([send?.spanContext().spanId]);
    expect(linkedTo(spans.named('process Jobs')[0])).toEqual([send?.spanContext().spanId]);
  });

  it('tell a failure by its class', async () => {
    await withQueue((queue) => journey({ queue, fail: new RangeError('out of range') }));
    const [process] = spans.named('process Jobs');
    expect(process?.status.code).toBe(SpanStatusCode.ERROR);
    expect(process?.attributes).toMatchObject({ 'error.type': 'RangeError', 'millrace.outcome': 'failed' });
    expect(process?.events.map(({ name }) => name)).toEqual(['exception']);
  });

  it('give the handler the baggage of the request only where both sides want it', async () => {
    expect((await journey()).baggage).toBeUndefined();
    expect((await journey({ telemetry: { baggage: true } })).baggage).toBe('acme');
  });

  it('are not made where traces are off, and nothing travels', async () => {
    const { trace: travelled } = await journey({ telemetry: { traces: false } });
    expect(travelled).toBeUndefined();
    expect(spans.all().map(({ name }) => name)).toEqual(['request']);
  });

  it('do not become children of the handler whose end let the next poll go', async () => {
    const telemetry = openTelemetry({ tracerProvider: spans.tracerProvider, metrics: false });
    const publisher = createPublisher({ queue: local.binding });
    const worker = createQueueWorker({
      queue: local.binding,
      idempotency: 'none',
      concurrency: 1,
      telemetry,
      signals: false,
      handlers: [on(JobQueued, () => undefined)],
    });
    const running = worker.run();
    try {
      for (const job of ['b1', 'b2', 'b3']) {
        await publisher.publish(JobQueued, { job });
        await eventually(`${job} is handled`, () => worker.stats().handled === Number(job.slice(1)));
      }
    } finally {
      await worker.stop();
      await publisher.stop();
      await running;
    }
    expect(spans.named('receive Jobs').map(parentOf)).toEqual([undefined, undefined, undefined]);
  });
});

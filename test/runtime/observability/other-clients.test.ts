import { SpanStatusCode, trace } from '@opentelemetry/api';
import {
  createLambdaHandler,
  createWebhookReceiver,
  on,
  openTelemetry,
  type WebhookReceiverOptions,
} from '../../../lib/runtime/index.js';
import { encodeRecord } from '../../../lib/contract/index.js';
import { createFleet } from '../kinesis/support/fleet.js';
import { eventOf } from '../support/event-source-mapping.js';
import { createFakeClock } from '../support/fake-clock.js';
import { scriptedAws } from '../support/scripted-aws.js';
import { acceptAll, JobQueued, queueBinding, sdkMessage } from '../sqs/fixtures.js';
import { certificate, notification, NOW, post, signed, TOPIC } from '../webhook/support/signed-posts.js';
import { recordTelemetry } from './recording.js';
import { collectSpans, insideRequest, linkedTo, parentOf, type Spans } from './spans.js';

let spans: Spans;
beforeEach(() => (spans = collectSpans()));
afterEach(() => spans.close());

const tracing = () => openTelemetry({ tracerProvider: spans.tracerProvider, metrics: false });

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const X_RAY = 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1';
const PUBLISHER_SPAN = '00f067aa0ba902b7';

describe('spans of a Lambda handler', () => {
  const invoke = async (message: Record<string, unknown>): Promise<string | undefined> => {
    let active: string | undefined;
    const handler = createLambdaHandler({
      queue: queueBinding(),
      idempotency: 'none',
      handlers: [on(JobQueued, () => void (active = trace.getActiveSpan()?.spanContext().spanId))],
      clients: { sqs: scriptedAws((_operation, input) => acceptAll(input)).sqs },
      telemetry: tracing(),
    });
    await insideRequest(spans, () =>
      handler(eventOf([message], queueBinding().arn), { getRemainingTimeInMillis: () => 10_000 }),
    );
    return active;
  };

  it('are inside the invocation, linked to the publisher', async () => {
    const message = sdkMessage();
    const meta = { v: 1, id: 'a1', sv: 1, at: 1, tp: TRACEPARENT };
    const attributes = {
      'millrace-type': { DataType: 'String', StringValue: 'job.queued' },
      'millrace-meta': { DataType: 'String', StringValue: JSON.stringify(meta) },
    };
    const active = await invoke({ ...message, MessageAttributes: attributes });
    const [process] = spans.named('process Jobs');
    expect(active).toBe(process?.spanContext().spanId);
    expect(parentOf(process)).toBe(spans.named('request')[0]?.spanContext().spanId);
    expect(linkedTo(process)).toEqual([PUBLISHER_SPAN]);
  });

  it('are linked by the header of X-Ray where the publisher left no trace in the envelope', async () => {
    const message = sdkMessage();
    const system = message['Attributes'] as Record<string, string>;
    await invoke({ ...message, Attributes: { ...system, AWSTraceHeader: X_RAY } });
    expect(linkedTo(spans.named('process Jobs')[0])).toEqual([PUBLISHER_SPAN]);
  });

  it('are linked by the message attribute of another publisher', async () => {
    const message = sdkMessage();
    const attributes = message['MessageAttributes'] as Record<string, unknown>;
    const traceparent = { DataType: 'String', StringValue: TRACEPARENT };
    await invoke({ ...message, MessageAttributes: { ...attributes, traceparent } });
    expect(linkedTo(spans.named('process Jobs')[0])).toEqual([PUBLISHER_SPAN]);
  });

  it('say why a message is poison', async () => {
    await invoke(sdkMessage({ body: 'no json' }));
    const [process] = spans.named('process Jobs');
    expect(process?.status.code).toBe(SpanStatusCode.ERROR);
    expect(process?.attributes).toMatchObject({ 'millrace.outcome': 'poison', 'error.type': 'invalid-json' });
  });
});

describe('a webhook receiver', () => {
  const setup = (options: Partial<WebhookReceiverOptions>, handle: () => void = () => undefined) =>
    createWebhookReceiver({
      topicArns: [TOPIC],
      handlers: [on(JobQueued, handle)],
      fetchCertificate: () => Promise.resolve(certificate()),
      clock: createFakeClock(NOW),
      ...options,
    });

  it('handles inside a span that is linked to the publisher', async () => {
    const meta = JSON.stringify({ v: 1, id: 'a1', sv: 1, at: NOW, tp: TRACEPARENT });
    const MessageAttributes = {
      'millrace-type': { Type: 'String', Value: 'job.queued' },
      'millrace-meta': { Type: 'String', Value: meta },
    };
    const receiver = setup({ telemetry: tracing() });
    await insideRequest(spans, () => receiver.handle(post(signed(notification({ MessageAttributes })))));
    const [process] = spans.named('process');
    expect(parentOf(process)).toBe(spans.named('request')[0]?.spanContext().spanId);
    expect(linkedTo(process)).toEqual([PUBLISHER_SPAN]);
    expect(process?.attributes).toMatchObject({
      'messaging.system': 'aws.sns',
      'millrace.outcome': 'handled',
    });
  });

  it('counts what it handled, what failed and what it refused', async () => {
    const telemetry = recordTelemetry();
    let failures = 1;
    const receiver = setup({ telemetry }, () => {
      if ((failures -= 1) >= 0) throw new RangeError('not yet');
    });
    const message = signed(notification());
    const statuses = [];
    for (const posted of [message, message, message, { ...message, Message: 'changed' }])
      statuses.push((await receiver.handle(post(posted))).status);
    await receiver.stop();
    expect(statuses).toEqual([500, 200, 200, 403]);
    expect(telemetry.of('messaging.client.consumed.messages')).toEqual([1, 1, 1]);
    expect(telemetry.of('millrace.message.failures')).toEqual([[1, { 'error.type': 'RangeError' }]]);
    expect(telemetry.of('millrace.message.duplicates')).toEqual([1]);
    expect(telemetry.of('millrace.webhook.refusals')).toEqual([[1, { reason: 'signature' }]]);
    expect(telemetry.calls).toEqual(['close']);
  });
});

describe('a stream reader', () => {
  it('measures its lag, its records and the changes of its leases', async () => {
    const telemetry = recordTelemetry();
    const fleet = createFleet({ shards: 1 });
    const envelope = { type: 'flight.landed', schemaVersion: 1, producedAt: 0 };
    for (let n = 0; n < 3; n += 1)
      fleet.stream.putRaw('A', Buffer.from(encodeRecord(envelope, { origin: 'A', n })));
    const worker = fleet.startWorker({ telemetry });
    await fleet.until(() => telemetry.look()['millrace.stream.records'] === 3);
    expect(telemetry.look()).toEqual({
      'millrace.stream.records': 3,
      'millrace.stream.shards': 1,
      'millrace.stream.lag': 0,
    });
    expect(telemetry.of('millrace.stream.lease_changes')).toEqual([[1, { change: 'taken' }]]);
    const stopping = worker.reader.stop();
    await fleet.clock.advance(40_000);
    await stopping;
    await worker.running;
    expect(telemetry.of('millrace.stream.lease_changes')).toEqual([
      [1, { change: 'taken' }],
      [1, { change: 'released' }],
    ]);
    expect(telemetry.calls).toEqual(['close']);
  });
});

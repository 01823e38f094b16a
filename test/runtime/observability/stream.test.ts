import { SpanStatusCode, trace } from '@opentelemetry/api';
import { decodeRecord, encodeRecord } from '../../../lib/contract/index.js';
import { emf, openTelemetry, type StreamReaderOptions } from '../../../lib/runtime/index.js';
import { createFleet, type Fleet, type FlightData } from '../kinesis/support/fleet.js';
import { recordTelemetry } from './recording.js';
import { collectSpans, insideRequest, linkedTo, parentOf, type Spans } from './spans.js';

let spans: Spans;
beforeEach(() => (spans = collectSpans()));
afterEach(() => spans.close());

const tracing = () => openTelemetry({ tracerProvider: spans.tracerProvider, metrics: false });
const flights = (count: number): FlightData[] =>
  Array.from({ length: count }, (_, n) => ({ origin: 'BER', n }));

/** Reads everything and stops. */
async function readAll(
  fleet: Fleet,
  count: number,
  options: Partial<StreamReaderOptions<FlightData>>,
): Promise<void> {
  const worker = fleet.startWorker(options);
  await fleet.until(() => worker.reader.stats().records >= count);
  const stopping = worker.reader.stop();
  await fleet.clock.advance(40_000);
  await stopping;
  await worker.running;
}

async function putAll(fleet: Fleet, options: Parameters<Fleet['createProducer']>[0], records: FlightData[]) {
  const producer = fleet.createProducer(options);
  const putting = Promise.all(records.map((record) => producer.put(record)));
  await fleet.clock.advance(1_000);
  const positions = await putting;
  const stopping = producer.stop();
  await fleet.clock.advance(100);
  await stopping;
  return { positions, stats: producer.stats() };
}

describe('spans of a stream', () => {
  it('link a batch to the put of every record in it, and the handler runs inside', async () => {
    const fleet = createFleet();
    await insideRequest(spans, () => putAll(fleet, { telemetry: tracing() }, flights(3)));
    const active: (string | undefined)[] = [];
    await readAll(fleet, 3, {
      telemetry: tracing(),
      handler: () => Promise.resolve(void active.push(trace.getActiveSpan()?.spanContext().spanId)),
    });
    const sends = spans.named('send Flights');
    expect(sends.map(parentOf)).toEqual(Array(3).fill(spans.named('request')[0]?.spanContext().spanId));
    const [batch] = spans.named('process Flights');
    expect(linkedTo(batch).toSorted()).toEqual(sends.map((span) => span.spanContext().spanId).toSorted());
    expect(active).toEqual([batch?.spanContext().spanId]);
    expect(parentOf(batch)).toBeUndefined();
    expect(batch?.attributes).toMatchObject({
      'messaging.system': 'aws.kinesis',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'Flights',
      'messaging.consumer.group.name': 'Flights/delays',
      'messaging.batch.message_count': 3,
      'messaging.destination.partition.id': expect.stringMatching(/^shardId-\d{12}$/) as unknown,
      'millrace.stream.attempt': 1,
      'millrace.outcome': 'handled',
    });
  });

  it('tell a batch that failed, and link its next attempt too', async () => {
    const fleet = createFleet();
    await putAll(fleet, { telemetry: tracing() }, flights(1));
    let failures = 1;
    await readAll(fleet, 1, {
      telemetry: tracing(),
      handler: () => ((failures -= 1) < 0 ? Promise.resolve() : Promise.reject(new RangeError('not yet'))),
    });
    const [first, second] = spans.named('process Flights');
    expect(first?.status.code).toBe(SpanStatusCode.ERROR);
    expect(first?.attributes).toMatchObject({ 'millrace.outcome': 'failed', 'error.type': 'RangeError' });
    expect(second?.attributes).toMatchObject({ 'millrace.outcome': 'handled', 'millrace.stream.attempt': 2 });
    expect(linkedTo(second)).toEqual(linkedTo(first));
    expect(linkedTo(first)).toHaveLength(1);
  });

  it('link a batch to each span once, and to 128 of them at most', async () => {
    const fleet = createFleet();
    await insideRequest(spans, () => putAll(fleet, { telemetry: tracing() }, flights(200)));
    await readAll(fleet, 200, { telemetry: tracing(), batchSize: 500, handler: () => Promise.resolve() });
    const [batch] = spans.named('process Flights');
    expect(batch?.attributes['messaging.batch.message_count']).toBe(200);
    expect(new Set(linkedTo(batch)).size).toBe(128);
    expect(linkedTo(batch)).toHaveLength(128);
  });

  it('keep the order of the puts, those before the telemetry is open included', async () => {
    const fleet = createFleet();
    const { positions } = await putAll(fleet, { telemetry: tracing() }, flights(50));
    const places = positions.map(({ sequenceNumber, subSequence }) => [sequenceNumber, subSequence]);
    expect(places).toEqual(
      places.toSorted(([a, x], [b, y]) => (a === b ? Number(x) - Number(y) : a! < b! ? -1 : 1)),
    );
    await readAll(fleet, 50, { batchSize: 500 });
    expect(fleet.deliveries.map(({ n }) => n)).toEqual(flights(50).map(({ n }) => n));
  });

  it('rejects a put, and sends nothing, where the telemetry can not be opened', async () => {
    const fleet = createFleet();
    const producer = fleet.createProducer({
      telemetry: { open: () => Promise.reject(new Error('not installed')) },
    });
    const putting = Promise.allSettled(flights(1).map((record) => producer.put(record)));
    await fleet.clock.advance(1_000);
    expect(await putting).toEqual([{ status: 'rejected', reason: new Error('not installed') }]);
    const stopping = producer.stop();
    await fleet.clock.advance(1_000);
    await stopping;
    expect(producer.stats()).toMatchObject({ records: 0, requests: 0, bufferedBytes: 0 });
  });
});

describe('the trace in a record', () => {
  it('travels beside the data, and is nothing to who does not know it', () => {
    const trace = { traceparent: '00-a-b-01', tracestate: 'x=1', baggage: 'tenant=acme' };
    const envelope = { type: 'flight.landed', schemaVersion: 1, producedAt: 1, trace };
    const text = encodeRecord(envelope, { n: 1 });
    expect(JSON.parse(text)).toEqual({
      ...{ mr: 1, t: 'flight.landed', sv: 1, at: 1, d: { n: 1 } },
      ...{ tp: '00-a-b-01', ts: 'x=1', bg: 'tenant=acme' },
    });
    expect(decodeRecord(text)).toEqual({ kind: 'record', envelope, data: { n: 1 } });
  });

  it('is left out where there is none', () => {
    const envelope = { type: 'flight.landed', schemaVersion: 1, producedAt: 1 };
    expect(decodeRecord(encodeRecord(envelope, 1))).toEqual({ kind: 'record', envelope, data: 1 });
  });
});

describe('metrics of a stream', () => {
  it('say how full the calls and aggregates of a producer are, and how long records waited', async () => {
    const fleet = createFleet();
    const telemetry = recordTelemetry();
    await putAll(fleet, { telemetry, lingerMs: 20 }, flights(100));
    expect(telemetry.subjects).toMatchObject([
      { client: 'stream-producer', system: 'aws.kinesis', destination: 'Flights' },
    ]);
    expect(telemetry.of('messaging.client.sent.messages')).toEqual(Array(100).fill(1));
    expect(telemetry.of('messaging.client.operation.duration')).toHaveLength(100);
    expect(telemetry.of('millrace.put.records')).toEqual([100]);
    expect(telemetry.of('millrace.put.aggregate')).toEqual([100]);
    const [wait] = telemetry.of('millrace.put.wait');
    expect(wait).toBeGreaterThanOrEqual(0.02);
    expect(wait).toBeLessThan(0.5);
    expect(telemetry.of('millrace.put.retries')).toEqual([]);
    expect(telemetry.look()).toEqual({ 'millrace.put.buffered': 0 });
    expect(telemetry.calls).toEqual(['close']);
  });

  it('count what was throttled and what failed, and measure the wait of the first request alone', async () => {
    const fleet = createFleet();
    const telemetry = recordTelemetry();
    const outcomes = [{ kind: 'throttled' }, { kind: 'failed', code: 'InternalFailure' }] as const;
    let calls = 0;
    const { api } = fleet.stream;
    const putRecords: typeof api.putRecords = (entries, signal) => {
      const outcome = outcomes[calls];
      calls += 1;
      return outcome === undefined
        ? api.putRecords(entries, signal)
        : Promise.resolve(entries.map(() => outcome));
    };
    const { stats } = await putAll(fleet, { telemetry, api: { ...api, putRecords } }, flights(5));
    expect(telemetry.of('millrace.put.retries')).toEqual([
      [1, { reason: 'throttled' }],
      [1, { reason: 'failed' }],
    ]);
    expect(stats).toMatchObject({ retries: 2, throttles: 1, records: 5 });
    expect(telemetry.of('millrace.put.records')).toEqual([5, 5, 5]);
    expect(telemetry.of('millrace.put.wait')).toHaveLength(1);
  });

  it('say how large batches are, how long they took and how old their first record was', async () => {
    const fleet = createFleet();
    const telemetry = recordTelemetry();
    await putAll(fleet, {}, flights(12));
    await fleet.clock.advance(5_000);
    let failures = 1;
    await readAll(fleet, 12, {
      telemetry,
      handler: () => ((failures -= 1) < 0 ? Promise.resolve() : Promise.reject(new RangeError('not yet'))),
    });
    expect(telemetry.of('millrace.stream.batch')).toEqual([10, 10, 2]);
    expect(telemetry.of('messaging.process.duration')).toEqual([[0, { 'error.type': 'RangeError' }], 0, 0]);
    const dwell = telemetry.of('millrace.message.dwell');
    expect(dwell).toHaveLength(2);
    expect(Math.min(...dwell.map(Number))).toBeGreaterThanOrEqual(5);
  });

  it('are written as CloudWatch reads them', async () => {
    const fleet = createFleet();
    const lines: string[] = [];
    const telemetry = emf({ namespace: 'Flights', write: (line) => void lines.push(line) });
    await putAll(fleet, { telemetry }, flights(3));
    const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(written).toContainEqual(
      expect.objectContaining({
        Client: 'stream-producer',
        Destination: 'Flights',
        PutRecords: 3,
        PutAggregate: 3,
        PutBuffered: 0,
      }),
    );
    expect(lines.join('\n')).toContain('"Unit":"Bytes"');
  });
});

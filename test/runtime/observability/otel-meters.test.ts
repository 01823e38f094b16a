import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { openTelemetry, type TelemetrySubject } from '../../../lib/runtime/index.js';
import { createFakeClock } from '../support/fake-clock.js';

const SUBJECT: TelemetrySubject = {
  client: 'queue-worker',
  system: 'aws_sqs',
  destination: 'Jobs',
  consumer: 'billing',
  clock: createFakeClock(),
};

async function setup() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const observer = await openTelemetry({ meterProvider, traces: false }).open(SUBJECT);
  return {
    observer,
    close: () => meterProvider.shutdown(),
    collect: async () => {
      exporter.reset();
      await meterProvider.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics[0]?.metrics ?? []);
      return new Map(
        metrics.map(({ descriptor, dataPoints }) => [descriptor.name, { descriptor, dataPoints }]),
      );
    },
  };
}

describe('OpenTelemetry instruments', () => {
  it('have name, unit and words of the metric, and the attributes of the client', async () => {
    const { observer, collect, close } = await setup();
    observer.measure({ metric: 'messaging.client.consumed.messages', value: 3 });
    observer.measure({ metric: 'messaging.client.consumed.messages', value: 4 });
    observer.measure({ metric: 'millrace.message.failures', value: 1, attributes: { 'error.type': 'E' } });
    const metrics = await collect();
    const client = {
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'Jobs',
      'messaging.consumer.group.name': 'billing',
    };
    const consumed = metrics.get('messaging.client.consumed.messages');
    expect(consumed?.descriptor).toMatchObject({
      unit: '{message}',
      description: 'messages that were received',
    });
    expect(consumed?.dataPoints).toMatchObject([{ value: 7, attributes: client }]);
    expect(metrics.get('millrace.message.failures')?.dataPoints).toMatchObject([
      { value: 1, attributes: { ...client, 'error.type': 'E' } },
    ]);
    await close();
  });

  it('sort durations into buckets of seconds', async () => {
    const { observer, collect, close } = await setup();
    observer.measure({ metric: 'messaging.process.duration', value: 0.003 });
    observer.measure({ metric: 'messaging.process.duration', value: 120 });
    const [point] = (await collect()).get('messaging.process.duration')?.dataPoints ?? [];
    expect(point?.value).toMatchObject({ count: 2, min: 0.003, max: 120 });
    const { boundaries } = (point?.value as { readonly buckets: { readonly boundaries: readonly number[] } })
      .buckets;
    expect([boundaries[0], boundaries.at(-1)]).toEqual([0.005, 900]);
    await close();
  });

  it('look at gauges and totals when values are collected, until they are closed', async () => {
    const { observer, collect, close } = await setup();
    const now = { handling: 1, calls: 5 };
    observer.watch(() => [
      { metric: 'millrace.handlers.active', value: now.handling },
      { metric: 'millrace.api.calls', value: now.calls, attributes: { operation: 'receive' } },
      { metric: 'millrace.api.calls', value: 1, attributes: { operation: 'delete' } },
    ]);
    now.handling = 4;
    now.calls = 9;
    const metrics = await collect();
    expect(metrics.get('millrace.handlers.active')?.dataPoints).toMatchObject([{ value: 4 }]);
    expect(metrics.get('millrace.api.calls')?.dataPoints).toMatchObject([
      { value: 9, attributes: { operation: 'receive' } },
      { value: 1, attributes: { operation: 'delete' } },
    ]);
    observer.close();
    now.handling = 7;
    const later = await collect();
    expect(later.get('millrace.handlers.active')?.dataPoints ?? []).not.toContainEqual(
      expect.objectContaining({ value: 7 }),
    );
    await close();
  });
});

import type { Clock } from '../../core/clock.js';
import { errorTypeOf, openTelemetryOption, type Observer } from '../observability/telemetry.js';
import type { StreamReaderStats } from './reader-counters.js';
import type { StreamReaderEvent } from './reader-events.js';
import { measurementsOf, measurementsOfStats } from './reader-measurements.js';
import type { CompiledStreamReader } from './reader-options.js';
import type { ObserveBatch, ObservedBatch } from './unit-runner.js';
import { createSystemClock } from '../system/clock.js';

/** Where a reader's events go. */
export interface ReaderObservation {
  readonly onEvent: (event: StreamReaderEvent) => void;
  readonly observeBatch: ObserveBatch;
  /** Hands over the rest. */
  close(): void;
}

/** Opens a reader's telemetry beside the user's `onEvent`. @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed */
export async function openReaderObservation<T>(
  { binding, given, telemetry, onEvent }: CompiledStreamReader<T>,
  stats: () => StreamReaderStats,
): Promise<ReaderObservation> {
  const clock = given.clock ?? createSystemClock();
  const observer = await openTelemetryOption(telemetry, {
    client: 'stream-reader',
    system: 'aws.kinesis',
    destination: binding.stream.name,
    consumer: binding.name,
    clock,
  });
  if (observer === undefined)
    return { onEvent, observeBatch: (_batch, run) => run(), close: () => undefined };
  observer.watch(() => measurementsOfStats(stats()));
  return {
    onEvent: (event) => {
      for (const measurement of measurementsOf(event)) observer.measure(measurement);
      onEvent(event);
    },
    observeBatch: (batch, run) => observed({ observer, clock }, batch, run),
    close: () => observer.close(),
  };
}

/** Inside a span that is linked to the records' producers, and measured. */
async function observed(
  { observer, clock }: { readonly observer: Observer; readonly clock: Clock },
  { shardId, attempt, records }: ObservedBatch,
  run: () => Promise<void>,
): Promise<void> {
  const startedAt = clock.monotonic();
  const dwellMs = clock.now() - (records[0]?.arrivedAt ?? clock.now());
  observer.measure({ metric: 'millrace.stream.batch', value: records.length });
  if (attempt === 1)
    observer.measure({ metric: 'millrace.message.dwell', value: Math.max(0, dwellMs) / 1_000 });
  const ended = (attributes: Readonly<Record<string, string>>): void => {
    const value = (clock.monotonic() - startedAt) / 1_000;
    observer.measure({ metric: 'messaging.process.duration', value, attributes });
  };
  const traces = records.flatMap(({ envelope }) => envelope.trace ?? []);
  const span = { shardId, attempt, records: records.length, traces };
  try {
    await (observer.tracing?.batch(span, run) ?? run());
    ended({});
  } catch (error) {
    ended({ 'error.type': errorTypeOf(error) });
    throw error;
  }
}

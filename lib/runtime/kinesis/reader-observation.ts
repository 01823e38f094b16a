import { openTelemetryOption } from '../observability/telemetry.js';
import type { StreamReaderStats } from './reader-counters.js';
import type { StreamReaderEvent } from './reader-events.js';
import { measurementsOf, measurementsOfStats } from './reader-measurements.js';
import type { CompiledStreamReader } from './reader-options.js';
import { createSystemClock } from '../system/clock.js';

/** Where a reader's events go. */
export interface ReaderObservation {
  readonly onEvent: (event: StreamReaderEvent) => void;
  /** Hands over the rest. */
  close(): void;
}

/** Opens a reader's telemetry beside the user's `onEvent`. @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed */
export async function openReaderObservation<T>(
  { binding, given, telemetry, onEvent }: CompiledStreamReader<T>,
  stats: () => StreamReaderStats,
): Promise<ReaderObservation> {
  const observer = await openTelemetryOption(telemetry, {
    client: 'stream-reader',
    system: 'aws.kinesis',
    destination: binding.stream.name,
    consumer: binding.name,
    clock: given.clock ?? createSystemClock(),
  });
  if (observer === undefined) return { onEvent, close: () => undefined };
  observer.watch(() => measurementsOfStats(stats()));
  return {
    onEvent: (event) => {
      for (const measurement of measurementsOf(event)) observer.measure(measurement);
      onEvent(event);
    },
    close: () => observer.close(),
  };
}

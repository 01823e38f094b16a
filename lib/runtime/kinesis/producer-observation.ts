import type { Clock } from '../../core/clock.js';
import type { LaneRecord, Parcel } from '../../core/stream/lane.js';
import type { Measurement } from '../observability/metrics.js';
import { SendObservation, type TraceToCome } from '../observability/send-observation.js';
import type { CompiledStreamProducer, StreamProducerEvent } from './producer-options.js';

/** Watches a producer for its telemetry. */
export interface ProducerObservation {
  /** Runs a put in its span; it is called at once, the trace may follow. */
  put<Result>(run: (trace: TraceToCome) => Promise<Result>): Promise<Result>;
  /** A request leaves with these. */
  sent(parcels: readonly Parcel<LaneRecord>[]): void;
  told(event: StreamProducerEvent): void;
  /** Hands over the rest. */
  close(): void;
}

/** Opens a producer's telemetry; undefined when there is none, so that nothing is done for nobody. */
export function observeProducer<Input, Output>(
  { binding, given, telemetry }: CompiledStreamProducer<Input, Output>,
  { clock, bufferedBytes }: { readonly clock: Clock; readonly bufferedBytes: () => number },
): ProducerObservation | undefined {
  if (telemetry.length === 0) return undefined;
  const { name } = given.record;
  const observation = new SendObservation(telemetry, {
    client: 'stream-producer',
    system: 'aws.kinesis',
    destination: binding.name,
    clock,
  });
  observation.watch(() => [{ metric: 'millrace.put.buffered', value: bufferedBytes() }]);
  return {
    put: (run) => observation.observe(name, run),
    sent: (parcels) => {
      for (const measurement of measurementsOfRequest(parcels, clock.monotonic()))
        observation.measure(measurement);
    },
    told: (event) => {
      for (const measurement of measurementsOfEvent(event)) observation.measure(measurement);
    },
    close: () => observation.close(),
  };
}

function measurementsOfRequest(parcels: readonly Parcel<LaneRecord>[], now: number): readonly Measurement[] {
  const records = parcels.reduce((sum, parcel) => sum + parcel.records.length, 0);
  return [
    { metric: 'millrace.put.records', value: records },
    // What goes again is as full as it was, and has waited for the service.
    ...parcels
      .filter(({ attempts }) => attempts === 0)
      .flatMap((parcel) => measurementsOfParcel(parcel, now)),
  ];
}

function measurementsOfParcel({ records }: Parcel<LaneRecord>, now: number): readonly Measurement[] {
  const acceptedAt = records[0]?.acceptedAt ?? now;
  return [
    { metric: 'millrace.put.aggregate', value: records.length },
    { metric: 'millrace.put.wait', value: (now - acceptedAt) / 1_000 },
  ];
}

function measurementsOfEvent({ kind }: StreamProducerEvent): readonly Measurement[] {
  switch (kind) {
    case 'throttled':
      return [{ metric: 'millrace.put.retries', value: 1, attributes: { reason: 'throttled' } }];
    case 'put-failed':
      return [{ metric: 'millrace.put.retries', value: 1, attributes: { reason: 'failed' } }];
    case 'shards-listed':
    case 'listing-failed':
      return [];
  }
}

import type { Measurement } from '../observability/metrics.js';
import type { StreamReaderStats } from './reader-counters.js';
import type { StreamReaderEvent } from './reader-events.js';

/** What an event of a stream reader adds to the metrics. */
export function measurementsOf(event: StreamReaderEvent): readonly Measurement[] {
  switch (event.kind) {
    case 'lease-taken':
    case 'lease-released':
    case 'lease-lost': {
      const change = event.kind.slice('lease-'.length);
      return [{ metric: 'millrace.stream.lease_changes', value: 1, attributes: { change } }];
    }
    case 'shard-ended':
      return [];
    default:
      return [{ metric: 'millrace.stream.failures', value: 1, attributes: { reason: event.kind } }];
  }
}

/** What a reader's stats say of right now, and of its records since the start. */
export function measurementsOfStats({ records, shards }: StreamReaderStats): readonly Measurement[] {
  const behind = Object.values(shards).map(({ millisBehind }) => millisBehind);
  return [
    { metric: 'millrace.stream.records', value: records },
    { metric: 'millrace.stream.shards', value: behind.length },
    { metric: 'millrace.stream.lag', value: Math.max(0, ...behind) / 1_000 },
  ];
}

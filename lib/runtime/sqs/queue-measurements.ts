import type { Measurement, MetricName } from '../observability/metrics.js';
import { errorTypeOf } from '../observability/telemetry.js';
import type { WorkerEvent, WorkerStats } from './worker-events.js';

/** What an event of a worker or Lambda handler adds to the metrics. */
export function measurementsOf(event: WorkerEvent, maxReceiveCount: number): readonly Measurement[] {
  switch (event.kind) {
    case 'received':
      return [
        { metric: 'messaging.client.consumed.messages', value: event.count },
        { metric: 'millrace.receive.messages', value: event.count },
      ];
    case 'receiveFailed':
      return [one('millrace.receive.failures', { 'error.type': errorTypeOf(event.error) })];
    case 'failed':
      return [
        one('millrace.message.failures', { 'error.type': errorTypeOf(event.error) }),
        {
          metric: 'millrace.message.receives_left',
          value: Math.max(0, maxReceiveCount - event.receiveCount),
        },
      ];
    case 'extended':
      return [one('millrace.message.extensions')];
    case 'duplicate':
      return [one('millrace.message.duplicates')];
    case 'deadLettered':
      return [one('millrace.message.dead_lettered', { reason: event.reason })];
    case 'dropped':
      return [one('millrace.message.dropped')];
    case 'lost':
      return [one('millrace.message.lost', { reason: event.cause })];
    case 'abandoned':
      return [one('millrace.message.abandoned')];
    case 'receivingPaused':
      return [one('millrace.receive.pauses')];
    case 'stalled':
      return [{ metric: 'millrace.loop.stalls', value: event.lateMs / 1_000 }];
    default:
      return []; // told for logs; nothing that a chart would show
  }
}

/** What a worker's stats say of right now, and of its calls since the start. */
export function measurementsOfStats(stats: WorkerStats): readonly Measurement[] {
  return [
    { metric: 'millrace.handlers.active', value: stats.handling },
    { metric: 'millrace.handlers.limit', value: stats.slots },
    { metric: 'millrace.messages.buffered', value: stats.buffered },
    { metric: 'millrace.messages.parked', value: stats.parked },
    { metric: 'millrace.messages.undeleted', value: stats.undeleted },
    ...Object.entries(stats.calls).map(([operation, value]): Measurement => ({
      metric: 'millrace.api.calls',
      value,
      attributes: { operation },
    })),
  ];
}

function one(metric: MetricName, attributes?: Readonly<Record<string, string>>): Measurement {
  return { metric, value: 1, ...(attributes && { attributes }) };
}

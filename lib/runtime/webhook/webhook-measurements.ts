import type { Measurement, MetricName } from '../observability/metrics.js';
import { errorTypeOf } from '../observability/telemetry.js';
import type { WebhookEvent } from './webhook-events.js';

/** What an event of a webhook receiver adds to the metrics. */
export function measurementsOf(event: WebhookEvent): readonly Measurement[] {
  switch (event.kind) {
    case 'handled':
      return [one('messaging.client.consumed.messages')];
    case 'duplicate':
      return [one('messaging.client.consumed.messages'), one('millrace.message.duplicates')];
    case 'failed':
    case 'timedOut':
      return [
        one('messaging.client.consumed.messages'),
        one('millrace.message.failures', { 'error.type': errorTypeOf(event.error) }),
      ];
    case 'poison':
      return [
        one('messaging.client.consumed.messages'),
        one('millrace.message.dead_lettered', { reason: event.reason }),
      ];
    case 'dropped':
      return [one('messaging.client.consumed.messages'), one('millrace.message.dropped')];
    case 'refused':
      return [one('millrace.webhook.refusals', { reason: event.reason })];
    case 'certificateUnavailable':
      return [one('millrace.webhook.refusals', { reason: 'certificate-unavailable' })];
    case 'confirmationFailed':
      return [one('millrace.webhook.refusals', { reason: 'confirmation-failed' })];
    case 'insecure':
    case 'confirmed':
    case 'unsubscribed':
      return [];
  }
}

function one(metric: MetricName, attributes?: Readonly<Record<string, string>>): Measurement {
  return { metric, value: 1, ...(attributes && { attributes }) };
}

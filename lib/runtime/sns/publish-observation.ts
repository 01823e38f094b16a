import { SendObservation } from '../observability/send-observation.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** Watches what is published to one destination; undefined where nobody wants to know. */
export function observePublishing({
  binding,
  telemetry,
  clock,
}: CompiledPublisherOptions): SendObservation | undefined {
  if (telemetry.length === 0) return undefined;
  const system = binding.kind === 'topic' ? 'aws.sns' : 'aws_sqs';
  return new SendObservation(telemetry, { client: 'publisher', system, destination: binding.name, clock });
}

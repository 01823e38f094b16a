import type { Attributes, MeterProvider, TracerProvider } from '@opentelemetry/api';
import { refuseAll } from '../../core/errors.js';
import { flagViolations, unknownNames } from '../../core/options.js';
import { loadPeer } from '../aws/load-sdk.js';
import { OtelMeters } from './otel-meters.js';
import { OtelTracing } from './otel-tracing.js';
import type { Observer, Telemetry, TelemetrySubject } from './telemetry.js';

/** What {@link openTelemetry} can be told. */
export interface OpenTelemetryOptions {
  /** Whether spans are made. @default true */
  readonly traces?: boolean;
  /** Whether measurements are recorded. @default true */
  readonly metrics?: boolean;
  /**
   * Whether baggage travels with messages and is given to handlers. Everybody who reads the queue sees it, and it counts
   * against the size of the message.
   * @default false
   */
  readonly baggage?: boolean;
  /** @default - the one that is registered globally */
  readonly tracerProvider?: TracerProvider;
  /** @default - the one that is registered globally */
  readonly meterProvider?: MeterProvider;
}

/** What {@link openTelemetry} does when nothing else is said. */
export const OPEN_TELEMETRY_DEFAULTS = Object.freeze({ traces: true, metrics: true, baggage: false });

/** Under which spans and instruments are found. */
const SCOPE = 'millrace';

/**
 * Sends spans and metrics to OpenTelemetry, through its API alone: which SDK, sampler and exporter receive them is yours
 * to register. Needs the optional peer `@opentelemetry/api`, which is loaded when a client starts.
 *
 * Spans follow the conventions for messaging: `send` of a publisher, `receive` of a poll that brought messages, `process`
 * of each message inside it and linked to its publisher. The handler runs inside its `process` span. The publisher's trace
 * travels in the envelope, through topics and queues.
 * @example
 * const worker = createQueueWorker({ queue: 'Builds', telemetry: openTelemetry(), … });
 * @throws {INVALID_OPTIONS} naming every option that can't be used
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  refuseAll("openTelemetry can't use these options", violationsOf(options));
  const {
    traces = OPEN_TELEMETRY_DEFAULTS.traces,
    metrics = OPEN_TELEMETRY_DEFAULTS.metrics,
    baggage = OPEN_TELEMETRY_DEFAULTS.baggage,
  } = options;
  return Object.freeze({
    open: async (subject: TelemetrySubject): Promise<Observer> => {
      const api = await loadPeer('@opentelemetry/api', () => import('@opentelemetry/api'));
      const attributes = attributesOf(subject);
      const tracer = (options.tracerProvider ?? api.trace).getTracer(SCOPE);
      const meter = (options.meterProvider ?? api.metrics).getMeter(SCOPE);
      const meters = metrics ? new OtelMeters(meter, attributes) : undefined;
      const tracing = traces ? new OtelTracing({ api, tracer, subject, attributes, baggage }) : undefined;
      return {
        measure: (measurement) => meters?.measure(measurement),
        watch: (read) => meters?.watch(read),
        ...(tracing && { tracing }),
        flush: () => undefined, // when values are exported is the SDK's business
        close: () => meters?.close(),
      };
    },
  });
}

function violationsOf(options: OpenTelemetryOptions): string[] {
  const { tracerProvider, meterProvider } = options;
  return [
    ...unknownNames(options, ['traces', 'metrics', 'baggage', 'tracerProvider', 'meterProvider']),
    ...flagViolations('traces', options.traces),
    ...flagViolations('metrics', options.metrics),
    ...flagViolations('baggage', options.baggage),
    ...(tracerProvider === undefined || 'getTracer' in tracerProvider
      ? []
      : ['tracerProvider must be a TracerProvider of OpenTelemetry']),
    ...(meterProvider === undefined || 'getMeter' in meterProvider
      ? []
      : ['meterProvider must be a MeterProvider of OpenTelemetry']),
  ];
}

function attributesOf({ system, destination, consumer }: TelemetrySubject): Attributes {
  return {
    'messaging.system': system,
    ...(destination !== undefined && { 'messaging.destination.name': destination }),
    ...(consumer !== undefined && { 'messaging.consumer.group.name': consumer }),
  };
}

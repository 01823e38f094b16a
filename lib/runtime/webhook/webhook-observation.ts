import type { Clock } from '../../core/clock.js';
import { observeProcess } from '../observability/observed-process.js';
import {
  openTelemetryOption,
  type Observer,
  type ProcessSpan,
  type SpanEnd,
} from '../observability/telemetry.js';
import type { WebhookEvent } from './webhook-events.js';
import { measurementsOf } from './webhook-measurements.js';
import type { CompiledWebhookOptions } from './webhook-options.js';

/** Watches one receiver for its telemetry. Opened at once; what happens before it is open waits for it. */
export class WebhookObservation {
  readonly #opening: Promise<Observer | undefined>;
  readonly #clock: Clock;

  constructor({ telemetry, clock }: CompiledWebhookOptions) {
    this.#clock = clock;
    this.#opening = openTelemetryOption(telemetry, {
      client: 'webhook',
      system: 'aws.sns',
      destination: undefined,
      clock,
    });
    this.#opening.catch(() => undefined); // every notification tells it
  }

  /** Takes up what an event says. */
  tell(event: WebhookEvent): void {
    this.#withObserver((observer) => {
      for (const measurement of measurementsOf(event)) observer.measure(measurement);
    });
  }

  /** Runs the handling of a notification in its span. @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed */
  async process<Result>(
    span: ProcessSpan,
    run: () => Promise<Result>,
    endOf: (result: Result) => SpanEnd,
  ): Promise<Result> {
    const observer = await this.#opening;
    return observer === undefined
      ? run()
      : observeProcess({ observer, clock: this.#clock, span, run, endOf });
  }

  /** Hands over the rest. */
  close(): void {
    this.#withObserver((observer) => observer.close());
  }

  #withObserver(act: (observer: Observer) => void): void {
    this.#opening.then((observer) => observer && act(observer)).catch(() => undefined);
  }
}

/** The options with their events watched; as they are where there is no telemetry. */
export function observed(
  options: CompiledWebhookOptions,
  observation: WebhookObservation | undefined,
): CompiledWebhookOptions {
  if (observation === undefined) return options;
  const onEvent = (event: WebhookEvent): void => {
    observation.tell(event);
    options.onEvent(event);
  };
  return { ...options, onEvent };
}

import type { TraceContext } from '../../contract/envelope.js';
import type { Clock } from '../../core/clock.js';
import type { Measurement } from './metrics.js';
import {
  errorTypeOf,
  openTelemetryOption,
  type Observer,
  type Telemetry,
  type TelemetrySubject,
} from './telemetry.js';

/** The trace of a send; of one that began before the telemetry was open, it is still to come. */
export type TraceToCome = TraceContext | undefined | Promise<TraceContext | undefined>;

/** Watches one publisher or producer for its telemetry. */
export class SendObservation {
  readonly #opening: Promise<Observer | undefined>;
  readonly #clock: Clock;
  #observer: Observer | undefined;

  constructor(telemetry: readonly Telemetry[], subject: TelemetrySubject) {
    this.#clock = subject.clock;
    this.#opening = openTelemetryOption(telemetry, subject).then((observer) => (this.#observer = observer));
    this.#opening.catch(() => undefined); // every send tells it
  }

  /**
   * Runs a send in its span. `send` is called at once, so that messages join the queue in the order of the calls; the
   * trace may follow.
   * @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed; nothing was sent
   */
  observe<Result>(type: string, send: (trace: TraceToCome) => Promise<Result>): Promise<Result> {
    return this.#observer === undefined
      ? this.#observeLater(type, send)
      : this.#measured(this.#observer, type, send);
  }

  async #observeLater<Result>(type: string, send: (trace: TraceToCome) => Promise<Result>): Promise<Result> {
    let give: (trace: TraceContext | undefined) => void = () => undefined;
    let refuse: (error: unknown) => void = () => undefined;
    const trace = new Promise<TraceContext | undefined>((resolve, reject) => {
      give = resolve;
      refuse = reject;
    });
    const sending = send(trace);
    const observer = await this.#opening.catch((error: unknown) => refuse(error));
    const run = (context: TraceContext | undefined): Promise<Result> => {
      give(context);
      return sending;
    };
    return observer ? this.#measured(observer, type, run) : run(undefined);
  }

  /**
   * Makes what is sent later, in a span of the trace at hand, which it then carries.
   * @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed
   */
  async compose<Result>(type: string, run: (trace?: TraceContext) => Promise<Result>): Promise<Result> {
    const tracing = (await this.#opening)?.tracing;
    return tracing?.send({ type }, run) ?? run();
  }

  /** Measures the sending of what was made before. */
  sent<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#observer === undefined ? run() : this.#timed(this.#observer, run);
  }

  /** Notes something of the sending. */
  measure(measurement: Measurement): void {
    this.#observer?.measure(measurement);
  }

  /** Has gauges looked at, from when the telemetry is open. */
  watch(read: () => readonly Measurement[]): void {
    this.#opening.then(
      (observer) => observer?.watch(read),
      () => undefined,
    );
  }

  /** Hands over the rest. */
  close(): void {
    this.#observer?.close();
  }

  #measured<Result>(
    observer: Observer,
    type: string,
    run: (trace: TraceContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    return this.#timed(observer, () => observer.tracing?.send({ type }, run) ?? run(undefined));
  }

  async #timed<Result>(observer: Observer, run: () => Promise<Result>): Promise<Result> {
    const startedAt = this.#clock.monotonic();
    const measure = (attributes: Readonly<Record<string, string>>): void => {
      const value = (this.#clock.monotonic() - startedAt) / 1_000;
      observer.measure({ metric: 'messaging.client.sent.messages', value: 1, attributes });
      observer.measure({ metric: 'messaging.client.operation.duration', value, attributes });
    };
    try {
      const result = await run();
      measure({});
      return result;
    } catch (error) {
      measure({ 'error.type': errorTypeOf(error) });
      throw error;
    }
  }
}

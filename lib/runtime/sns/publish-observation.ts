import type { TraceContext } from '../../contract/envelope.js';
import type { Clock } from '../../core/clock.js';
import { errorTypeOf, openTelemetryOption, type Observer } from '../observability/telemetry.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** What a publish of its own trace may need to wait for. */
type TraceToCome = Promise<TraceContext | undefined>;

/** Watches one publisher for its telemetry. */
export class PublishObservation {
  readonly #opening: Promise<Observer | undefined>;
  readonly #clock: Clock;
  #observer: Observer | undefined;

  constructor(options: CompiledPublisherOptions) {
    const { binding, telemetry, clock } = options;
    this.#clock = clock;
    this.#opening = openTelemetryOption(telemetry, {
      client: 'publisher',
      system: binding.kind === 'topic' ? 'aws.sns' : 'aws_sqs',
      destination: binding.name,
      clock,
    }).then((observer) => (this.#observer = observer));
    this.#opening.catch(() => undefined); // every publish tells it
  }

  /**
   * Runs a publish in its span. `publish` is called at once, so that messages join the queue in the order of the calls;
   * the trace follows.
   * @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed; nothing was published
   */
  async observe<Result>(type: string, publish: (trace: TraceToCome) => Promise<Result>): Promise<Result> {
    let give: (trace: TraceContext | undefined) => void = () => undefined;
    let refuse: (error: unknown) => void = () => undefined;
    const trace = new Promise<TraceContext | undefined>((resolve, reject) => {
      give = resolve;
      refuse = reject;
    });
    const publishing = publish(trace);
    const observer = await this.#opening.catch((error: unknown) => refuse(error));
    const run = (context?: TraceContext): Promise<Result> => {
      give(context);
      return publishing;
    };
    return observer ? this.#measured(observer, type, run) : run();
  }

  /** Notes a call and how many messages it took. */
  called(messages: number): void {
    this.#observer?.measure({ metric: 'millrace.send.messages', value: messages });
  }

  /** Hands over the rest. */
  close(): void {
    this.#observer?.close();
  }

  /**
   * Makes a message that is sent later, in a span of the trace at hand, which the message then carries.
   * @throws {DEPENDENCY_MISSING} the OpenTelemetry API is not installed
   */
  async compose<Result>(type: string, run: (trace?: TraceContext) => Promise<Result>): Promise<Result> {
    const tracing = (await this.#opening)?.tracing;
    return tracing?.send({ type }, run) ?? run();
  }

  /** Measures the sending of a message that was made before. */
  sent<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#observer === undefined ? run() : this.#timed(this.#observer, run);
  }

  #measured<Result>(
    observer: Observer,
    type: string,
    run: (trace?: TraceContext) => Promise<Result>,
  ): Promise<Result> {
    return this.#timed(observer, () => observer.tracing?.send({ type }, run) ?? run());
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

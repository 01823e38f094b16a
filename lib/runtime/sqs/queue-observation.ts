import type { Clock } from '../../core/clock.js';
import type { QueueBinding } from '../../contract/binding.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import { observeProcess } from '../observability/observed-process.js';
import {
  openTelemetryOption,
  type Observer,
  type ProcessTracing,
  type SpanEnd,
  type TelemetrySubject,
} from '../observability/telemetry.js';
import type { Holding } from './holding.js';
import { peekTrace, traceOf } from './message-trace.js';
import { measurementsOf, measurementsOfStats } from './queue-measurements.js';
import type { WorkerEvent, WorkerStats } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** Watches one queue's consumer for its telemetry: a worker or a Lambda handler. */
export class QueueObservation {
  readonly #observer: Observer;
  readonly #binding: QueueBinding;
  readonly #clock: Clock;

  constructor(observer: Observer, { binding, clock }: CompiledWorkerOptions) {
    this.#observer = observer;
    this.#binding = binding;
    this.#clock = clock;
  }

  /** Takes up what an event says. */
  tell(event: WorkerEvent): void {
    for (const measurement of measurementsOf(event, this.#binding.maxReceiveCount))
      this.#observer.measure(measurement);
  }

  /** Gives gauges and totals whenever they are due. */
  watch(stats: () => WorkerStats): void {
    this.#observer.watch(() => measurementsOfStats(stats()));
  }

  /** Tells of a receive, and gives what its messages are processed in. */
  received(messages: readonly ReceivedMessage[], requestedAt: number): ProcessTracing | undefined {
    const { tracing } = this.#observer;
    if (tracing === undefined || messages.length === 0) return undefined;
    return tracing.receive({
      messages: messages.length,
      startedAt: this.#clock.now() - (this.#clock.monotonic() - requestedAt),
      traces: messages.flatMap((message) => peekTrace(message, this.#binding.delivery) ?? []),
    });
  }

  /** Runs the handling of a message: in a span, with its dwell time and duration measured. */
  process<Result>(
    holding: Holding,
    run: () => Promise<Result>,
    endOf: (result: Result) => SpanEnd,
  ): Promise<Result> {
    const { message, envelope, tracing } = holding;
    if (message.sentAt > 0) {
      const value = Math.max(0, this.#clock.now() - message.sentAt) / 1_000;
      this.#observer.measure({ metric: 'millrace.message.dwell', value });
    }
    const { messageId, receiveCount, group } = message;
    const trace = traceOf(message, envelope);
    return observeProcess({
      observer: this.#observer,
      clock: this.#clock,
      span: { messageId, receiveCount, group, type: envelope?.type, id: envelope?.id, trace },
      inside: tracing,
      run,
      endOf,
    });
  }

  /** Hands over what is collected. */
  flush(): void {
    this.#observer.flush();
  }

  /** Hands over the rest. */
  close(): void {
    this.#observer.close();
  }
}

/** Opens the telemetry of a queue's consumer; undefined where none is wanted. @throws {DEPENDENCY_MISSING} */
export async function openQueueObservation(
  options: CompiledWorkerOptions,
  client: TelemetrySubject['client'],
): Promise<QueueObservation | undefined> {
  const { binding, consumer, clock, telemetry } = options;
  const observer = await openTelemetryOption(telemetry, {
    client,
    system: 'aws_sqs',
    destination: binding.name,
    consumer,
    clock,
  });
  return observer && new QueueObservation(observer, options);
}

import type { Clock } from '../../core/clock.js';
import type { Observer, ProcessSpan, ProcessTracing, SpanEnd } from './telemetry.js';

/** A handling that is to be observed. */
export interface ObservedProcess<Result> {
  readonly observer: Observer;
  readonly clock: Clock;
  readonly span: ProcessSpan;
  /** The span of the receive that brought the message. @default - whatever is active */
  readonly inside?: ProcessTracing | undefined;
  readonly run: () => Promise<Result>;
  readonly endOf: (result: Result) => SpanEnd;
}

/** Runs the handling of one message in its span, and measures how long it takes. */
export async function observeProcess<Result>(process: ObservedProcess<Result>): Promise<Result> {
  const { observer, clock, span, run, endOf } = process;
  const tracing = process.inside ?? observer.tracing;
  const startedAt = clock.monotonic();
  const result = await (tracing === undefined ? run() : tracing.process(span, run, endOf));
  const { errorType } = endOf(result);
  observer.measure({
    metric: 'messaging.process.duration',
    value: (clock.monotonic() - startedAt) / 1_000,
    ...(errorType !== undefined && { attributes: { 'error.type': errorType } }),
  });
  return result;
}

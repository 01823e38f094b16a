import { context, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';

/** A tracer whose spans are kept, with the context manager that an SDK would register. */
export interface Spans {
  readonly tracerProvider: TracerProvider;
  /** Ended spans of a name, in the order in which they ended. */
  named(name: string): readonly ReadableSpan[];
  /** Every ended span. */
  all(): readonly ReadableSpan[];
  clear(): void;
  close(): Promise<void>;
}

export function collectSpans(): Spans {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    tracerProvider: provider,
    named: (name) => exporter.getFinishedSpans().filter((span) => span.name === name),
    all: () => exporter.getFinishedSpans(),
    clear: () => exporter.reset(),
    close: async () => {
      context.disable();
      await provider.shutdown();
    },
  };
}

/** Runs work inside a span of somebody else, with baggage. */
export function insideRequest<Result>(
  { tracerProvider }: Spans,
  work: () => Promise<Result>,
): Promise<Result> {
  const span = tracerProvider.getTracer('test').startSpan('request');
  const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
  const inside = propagation.setBaggage(trace.setSpan(context.active(), span), baggage);
  return context.with(inside, () => work().finally(() => span.end()));
}

/** Whose span a span is linked to. */
export const linkedTo = (span: ReadableSpan | undefined): readonly string[] =>
  (span?.links ?? []).map((link) => link.context.spanId);

/** The parent of a span. */
export const parentOf = (span: ReadableSpan | undefined): string | undefined =>
  span?.parentSpanContext?.spanId;

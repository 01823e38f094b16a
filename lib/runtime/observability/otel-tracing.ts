import type * as Api from '@opentelemetry/api';
import type { Attributes, Context, Link, Span, Tracer } from '@opentelemetry/api';
import type { TraceContext } from '../../contract/envelope.js';
import { readBaggage, writeBaggage } from '../../core/trace/baggage.js';
import { readTraceparent, writeTraceparent } from '../../core/trace/trace-context.js';
import {
  errorTypeOf,
  type BatchSpan,
  type ProcessSpan,
  type ProcessTracing,
  type ReceiveSpan,
  type SendSpan,
  type SpanEnd,
  type TelemetrySubject,
  type Tracing,
} from './telemetry.js';

/** The limit of the SDKs: of more, any might be dropped. */
const MAX_LINKS = 128;

/** What the spans of one client are made with. */
export interface OtelTracingParts {
  readonly api: typeof Api;
  readonly tracer: Tracer;
  readonly subject: TelemetrySubject;
  readonly attributes: Attributes;
  /** Whether baggage travels. */
  readonly baggage: boolean;
}

/** Spans by OpenTelemetry's conventions for messaging. The W3C headers are read and written here, whatever propagator is registered. */
export class OtelTracing implements Tracing {
  readonly #parts: OtelTracingParts;

  constructor(parts: OtelTracingParts) {
    this.#parts = parts;
  }

  async send<Result>(
    { type }: SendSpan,
    run: (trace: TraceContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    const { api, tracer } = this.#parts;
    const span = tracer.startSpan(this.#name('send'), {
      kind: api.SpanKind.PRODUCER,
      attributes: { ...this.#attributes('send'), 'millrace.message.type': type },
    });
    const context = api.trace.setSpan(api.context.active(), span);
    try {
      return await api.context.with(context, () => run(this.#carrierOf(span, context)));
    } catch (error) {
      this.#fail(span, errorTypeOf(error), error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Made when the messages are there, since only then is known whom it is linked to; empty polls make none. */
  receive({ messages, startedAt, traces }: ReceiveSpan): ProcessTracing {
    const { api, tracer } = this.#parts;
    // What is active here is whatever let the poll go: the end of another message's handler, for one.
    const span = tracer.startSpan(
      this.#name('receive'),
      {
        kind: api.SpanKind.CLIENT,
        startTime: startedAt,
        attributes: { ...this.#attributes('receive'), 'messaging.batch.message_count': messages },
        links: traces.flatMap((trace) => this.#linksTo(trace)),
      },
      api.ROOT_CONTEXT,
    );
    span.end();
    const inside = api.trace.setSpan(api.ROOT_CONTEXT, span);
    return { process: (message, run, endOf) => this.#process(message, { run, endOf, parent: inside }) };
  }

  process<Result>(
    message: ProcessSpan,
    run: () => Promise<Result>,
    endOf: (result: Result) => SpanEnd,
  ): Promise<Result> {
    return this.#process(message, { run, endOf, parent: this.#parts.api.context.active() });
  }

  async #process<Result>(
    message: ProcessSpan,
    work: {
      readonly run: () => Promise<Result>;
      readonly endOf: (result: Result) => SpanEnd;
      readonly parent: Context;
    },
  ): Promise<Result> {
    const { api, tracer } = this.#parts;
    const { trace } = message;
    const span = tracer.startSpan(
      this.#name('process'),
      {
        kind: api.SpanKind.CONSUMER,
        attributes: { ...this.#attributes('process'), ...messageAttributes(message) },
        links: trace === undefined ? [] : this.#linksTo(trace),
      },
      work.parent,
    );
    const context = api.trace.setSpan(this.#withBaggage(work.parent, trace), span);
    try {
      const result = await api.context.with(context, work.run);
      const { outcome, errorType, error } = work.endOf(result);
      span.setAttribute('millrace.outcome', outcome);
      if (errorType !== undefined) this.#fail(span, errorType, error);
      return result;
    } finally {
      span.end();
    }
  }

  /** A trace of its own, like a receive: what is active in a reader is whatever started it. */
  async batch<Result>(
    { shardId, records, attempt, traces }: BatchSpan,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const { api, tracer } = this.#parts;
    const span = tracer.startSpan(
      this.#name('process'),
      {
        kind: api.SpanKind.CONSUMER,
        attributes: {
          ...this.#attributes('process'),
          'messaging.batch.message_count': records,
          'messaging.destination.partition.id': shardId,
          'millrace.stream.attempt': attempt,
        },
        links: distinct(traces).flatMap((trace) => this.#linksTo(trace)),
      },
      api.ROOT_CONTEXT,
    );
    try {
      const result = await api.context.with(api.trace.setSpan(api.ROOT_CONTEXT, span), run);
      span.setAttribute('millrace.outcome', 'handled');
      return result;
    } catch (error) {
      span.setAttribute('millrace.outcome', 'failed');
      this.#fail(span, errorTypeOf(error), error);
      throw error;
    } finally {
      span.end();
    }
  }

  #fail(span: Span, errorType: string, error: unknown): void {
    span.setAttribute('error.type', errorType);
    span.setStatus({ code: this.#parts.api.SpanStatusCode.ERROR });
    if (error instanceof Error) span.recordException(error);
  }

  #name(operation: string): string {
    const { destination } = this.#parts.subject;
    return destination === undefined ? operation : `${operation} ${destination}`;
  }

  #attributes(operation: 'send' | 'receive' | 'process'): Attributes {
    return {
      ...this.#parts.attributes,
      'messaging.operation.type': operation,
      'messaging.operation.name': operation,
    };
  }

  /** What travels: nothing while no SDK is registered, and then whoever is upstream stays the parent. */
  #carrierOf(span: Span, context: Context): TraceContext | undefined {
    const { api, baggage: isBaggageWanted } = this.#parts;
    const place = span.spanContext();
    if (!api.isSpanContextValid(place)) return undefined;
    const { traceId, spanId, traceFlags, traceState } = place;
    const tracestate = traceState?.serialize() ?? '';
    const entries = isBaggageWanted ? (api.propagation.getBaggage(context)?.getAllEntries() ?? []) : [];
    const baggage = writeBaggage(
      entries.map(([key, { value, metadata }]) => ({ key, value, metadata: metadata?.toString() ?? '' })),
    );
    return {
      traceparent: writeTraceparent({ traceId, spanId, flags: traceFlags }),
      ...(tracestate !== '' && { tracestate }),
      ...(baggage !== undefined && { baggage }),
    };
  }

  /** A list, because a trace that can't be read is linked to nothing. */
  #linksTo({ traceparent, tracestate }: TraceContext): Link[] {
    const place = readTraceparent(traceparent);
    if (place === undefined) return [];
    const { traceId, spanId, flags } = place;
    const traceState = tracestate === undefined ? undefined : this.#parts.api.createTraceState(tracestate);
    return [
      { context: { traceId, spanId, traceFlags: flags, isRemote: true, ...(traceState && { traceState }) } },
    ];
  }

  #withBaggage(parent: Context, trace: TraceContext | undefined): Context {
    const { api, baggage } = this.#parts;
    if (!baggage || trace?.baggage === undefined) return parent;
    const entries = readBaggage(trace.baggage).map(({ key, value, metadata }): [string, Api.BaggageEntry] => [
      key,
      { value, ...(metadata !== undefined && { metadata: api.baggageEntryMetadataFromString(metadata) }) },
    ]);
    return api.propagation.setBaggage(parent, api.propagation.createBaggage(Object.fromEntries(entries)));
  }
}

/** One link to each span, and not more than an SDK keeps of them by default. */
function distinct(traces: readonly TraceContext[]): readonly TraceContext[] {
  return [...new Map(traces.map((trace) => [trace.traceparent, trace])).values()].slice(0, MAX_LINKS);
}

function messageAttributes({ messageId, receiveCount, group, type, id }: ProcessSpan): Attributes {
  return {
    'messaging.message.id': messageId,
    'millrace.message.receive_count': receiveCount,
    ...(group !== undefined && { 'millrace.message.group': group }),
    ...(type !== undefined && { 'millrace.message.type': type }),
    ...(id !== undefined && { 'millrace.message.business_id': id }),
  };
}

/** W3C trace context as it travels. @see https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** W3C header: version, trace id, span id and flags. @see https://www.w3.org/TR/trace-context/ */
  readonly traceparent: string;
  /** W3C header of tracing systems' own fields. */
  readonly tracestate?: string;
  /** Only from publishers that were told to send it. @see https://www.w3.org/TR/baggage/ */
  readonly baggage?: string;
}

/** A trace context as the fields `tp`, `ts` and `bg` of an envelope. */
export function writeTraceFields(trace: TraceContext | undefined): Readonly<Record<string, string>> {
  if (trace === undefined) return {};
  return {
    tp: trace.traceparent,
    ...(trace.tracestate !== undefined && { ts: trace.tracestate }),
    ...(trace.baggage !== undefined && { bg: trace.baggage }),
  };
}

/** Reads them; undefined where there is no `tp`. Whether it is a trace that makes sense is for the tracer to say. */
export function readTraceFields({ tp, ts, bg }: Readonly<Record<string, unknown>>): TraceContext | undefined {
  if (typeof tp !== 'string') return undefined;
  return {
    traceparent: tp,
    ...(typeof ts === 'string' && { tracestate: ts }),
    ...(typeof bg === 'string' && { baggage: bg }),
  };
}

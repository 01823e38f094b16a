/** One span of a trace, as W3C names it. */
export interface SpanPlace {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly flags: number;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a `traceparent`; undefined for one that is none, which counts as no trace. Versions to come are read as far as
 * version 00 goes.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function readTraceparent(text: string): SpanPlace | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(text) ?? [];
  const isKnown = version !== undefined && version !== 'ff' && (version !== '00' || more === undefined);
  return isKnown && !isZero(traceId) && !isZero(spanId)
    ? { traceId, spanId, flags: Number.parseInt(flags, 16) }
    : undefined;
}

/** Writes a `traceparent` of version 00. */
export function writeTraceparent({ traceId, spanId, flags }: SpanPlace): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}

const X_RAY_ROOT = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const X_RAY_PARENT = /^[0-9a-f]{16}$/i;

/**
 * The `traceparent` that says the same as the system attribute `AWSTraceHeader`; undefined where the header names no
 * span. SNS and SQS carry that header for publishers that X-Ray instruments.
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function traceparentOfXRay(header: string): string | undefined {
  const fields = new Map(
    header.split(';').map((field): [string, string] => {
      const [name = '', value = ''] = field.trim().split('=');
      return [name.toLowerCase(), value];
    }),
  );
  const [, epoch, unique] = X_RAY_ROOT.exec(fields.get('root') ?? '') ?? [];
  const parent = fields.get('parent') ?? '';
  if (epoch === undefined || unique === undefined || !X_RAY_PARENT.test(parent)) return undefined;
  const place = {
    traceId: `${epoch}${unique}`.toLowerCase(),
    spanId: parent.toLowerCase(),
    flags: fields.get('sampled') === '1' ? 1 : 0,
  };
  return readTraceparent(writeTraceparent(place)) && writeTraceparent(place);
}

const isZero = (hex: string): boolean => /^0+$/.test(hex);

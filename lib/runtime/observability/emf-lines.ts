import { METRICS, type Measurement, type MetricName, type MetricUnit } from './metrics.js';

/** What every line of one client says. */
export interface EmfFrame {
  readonly namespace: string;
  /** Dimensions of all its metrics. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A metric member may be a list of this many values. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const MAX_VALUES = 100;
/** Metrics one line may define. */
export const EMF_MAX_METRICS = 100;
/** Dimensions one metric may have. */
export const EMF_MAX_DIMENSIONS = 30;
/** Characters of one dimension's value. */
const MAX_DIMENSION_LENGTH = 250;
/** Combinations of attributes one metric may have here: each is a metric of its own on the bill. */
const MAX_SERIES = 50;

const UNITS: Readonly<Record<MetricUnit, string>> = {
  s: 'Seconds',
  By: 'Bytes',
  '{message}': 'Count',
  '{record}': 'Count',
  '{receive}': 'Count',
  '{call}': 'Count',
  '{handler}': 'Count',
  '{shard}': 'Count',
  '{event}': 'Count',
};

interface Series {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Map<MetricName, number[]>;
}

/** Collects measurements until they are written, as few numbers as their kind allows. Pure: time is given. */
export class EmfBatch {
  readonly #frame: EmfFrame;
  readonly #series = new Map<string, Series>();
  readonly #known = new Map<MetricName, Set<string>>();
  /** Totals as they were written last. */
  readonly #totals = new Map<string, number>();
  #size = 0;

  constructor(frame: EmfFrame) {
    this.#frame = frame;
  }

  /** Numbers collected. */
  get size(): number {
    return this.#size;
  }

  add(measurement: Measurement): void {
    const { metric, attributes = {} } = measurement;
    const key = this.#keyOf(metric, attributes);
    const value =
      METRICS[metric].kind === 'total'
        ? this.#sinceWritten(`${metric} ${key}`, measurement.value)
        : measurement.value;
    if (METRICS[metric].kind === 'total' && value === 0) return;
    const { values } = this.#seriesOf(key, attributes);
    const before = values.get(metric);
    if (before !== undefined && METRICS[metric].kind === 'histogram') before.push(value);
    else if (METRICS[metric].kind === 'counter') values.set(metric, [(before?.[0] ?? 0) + value]);
    else values.set(metric, [value]);
    this.#size += 1;
  }

  /** Takes out what is collected, as lines of JSON. */
  take(epochMs: number): readonly string[] {
    const lines = [...this.#series.values()].flatMap((series) => this.#linesOf(series, epochMs));
    this.#series.clear();
    this.#size = 0;
    return lines;
  }

  /** Past {@link MAX_SERIES}, what is new counts under `other`, so that a careless error name can't become a bill. */
  #keyOf(metric: MetricName, attributes: Readonly<Record<string, string>>): string {
    const key = JSON.stringify(attributes);
    const known = this.#known.get(metric) ?? new Set<string>();
    this.#known.set(metric, known);
    if (!known.has(key) && known.size >= MAX_SERIES) return OTHER;
    known.add(key);
    return key;
  }

  #seriesOf(key: string, attributes: Readonly<Record<string, string>>): Series {
    const names = Object.keys(attributes);
    const id = key === OTHER ? `${OTHER} ${names.join()}` : key;
    const made = this.#series.get(id);
    if (made !== undefined) return made;
    const own = names.map((name): [string, string] => [
      dimensionName(name),
      key === OTHER ? OTHER : dimensionValue(attributes[name] ?? ''),
    ]);
    const series = {
      dimensions: { ...this.#frame.dimensions, ...Object.fromEntries(own) },
      values: new Map(),
    };
    this.#series.set(id, series);
    return series;
  }

  #sinceWritten(key: string, total: number): number {
    const before = this.#totals.get(key) ?? 0;
    this.#totals.set(key, total);
    return total - before;
  }

  #linesOf({ dimensions, values }: Series, epochMs: number): string[] {
    const longest = Math.max(...[...values.values()].map(({ length }) => length));
    const lines: string[] = [];
    for (let from = 0; from < longest; from += MAX_VALUES) {
      const some = [...values].filter(([, list]) => list.length > from).slice(0, EMF_MAX_METRICS);
      const directive = {
        Namespace: this.#frame.namespace,
        Dimensions: [Object.keys(dimensions)],
        Metrics: some.map(([metric]) => ({
          Name: METRICS[metric].cloudWatch,
          Unit: UNITS[METRICS[metric].unit],
        })),
      };
      const members = some.map(([metric, list]): [string, number | number[]] => {
        const part = list.slice(from, from + MAX_VALUES).map(rounded);
        return [METRICS[metric].cloudWatch, part.length === 1 ? (part[0] ?? 0) : part];
      });
      const aws = { Timestamp: epochMs, CloudWatchMetrics: [directive] };
      lines.push(JSON.stringify({ _aws: aws, ...dimensions, ...Object.fromEntries(members) }));
    }
    return lines;
  }
}

const OTHER = 'other';

/** `error.type` as `ErrorType`: dots would read as paths in Logs Insights. */
function dimensionName(attribute: string): string {
  return attribute.replace(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** CloudWatch takes printable ASCII that is not blank and does not begin with a colon. */
export function dimensionValue(text: string): string {
  const printable = text
    .replace(/[^ -~]/g, '?')
    .replace(/^:/, '?')
    .trim();
  return printable === '' ? 'none' : printable.slice(0, MAX_DIMENSION_LENGTH);
}

/** A microsecond is fine enough, and every digit is paid for. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

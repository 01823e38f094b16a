import type {
  Attributes,
  Counter,
  Histogram,
  Meter,
  Observable,
  ObservableCallback,
} from '@opentelemetry/api';
import { METRICS, type Measurement, type MetricName, type MetricUnit } from './metrics.js';

/** As the conventions for messaging want them, for anything between a cache hit and a long handler. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300, 900];
/** A batch has ten at most, a poison-prone queue some tens of receives. */
const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100];
/** A call of a producer takes 500 aggregates, each of hundreds. */
const RECORDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000];

type Recorder = Counter | Histogram;

/** The metrics of one client as instruments; made when they are first used. */
export class OtelMeters {
  readonly #meter: Meter;
  readonly #attributes: Attributes;
  readonly #recorders = new Map<MetricName, Recorder>();
  readonly #watched: { readonly observable: Observable; readonly callback: ObservableCallback }[] = [];

  constructor(meter: Meter, attributes: Attributes) {
    this.#meter = meter;
    this.#attributes = attributes;
  }

  measure({ metric, value, attributes }: Measurement): void {
    const all = attributes === undefined ? this.#attributes : { ...this.#attributes, ...attributes };
    const recorder = this.#recorder(metric);
    if ('add' in recorder) recorder.add(value, all);
    else recorder.record(value, all);
  }

  /** Metrics that are looked at: one callback for each, since OpenTelemetry asks instrument by instrument. */
  watch(read: () => readonly Measurement[]): void {
    for (const metric of new Set(read().map((measurement) => measurement.metric))) {
      const { kind, unit, words: description } = METRICS[metric];
      const options = { unit, description };
      const observable =
        kind === 'total'
          ? this.#meter.createObservableCounter(metric, options)
          : this.#meter.createObservableGauge(metric, options);
      const callback: ObservableCallback = (result) => {
        for (const measurement of read()) {
          if (measurement.metric !== metric) continue;
          result.observe(measurement.value, { ...this.#attributes, ...measurement.attributes });
        }
      };
      observable.addCallback(callback);
      this.#watched.push({ observable, callback });
    }
  }

  close(): void {
    for (const { observable, callback } of this.#watched.splice(0)) observable.removeCallback(callback);
  }

  #recorder(metric: MetricName): Recorder {
    const made = this.#recorders.get(metric);
    if (made !== undefined) return made;
    const { kind, unit, words: description } = METRICS[metric];
    const advice = { explicitBucketBoundaries: boundsOf(unit) };
    const recorder =
      kind === 'histogram'
        ? this.#meter.createHistogram(metric, { unit, description, advice })
        : this.#meter.createCounter(metric, { unit, description });
    this.#recorders.set(metric, recorder);
    return recorder;
  }
}

function boundsOf(unit: MetricUnit): number[] {
  if (unit === 's') return SECONDS;
  return unit === '{record}' ? RECORDS : COUNTS;
}

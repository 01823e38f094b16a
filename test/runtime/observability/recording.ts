import type { Measurement, MetricName, Telemetry, TelemetrySubject } from '../../../lib/runtime/index.js';

/** A telemetry that keeps what it is told. */
export interface Recording extends Telemetry {
  readonly subjects: TelemetrySubject[];
  readonly calls: string[];
  /** Values of a metric, each with its attributes where it has any. */
  of(metric: MetricName): readonly (number | [number, Readonly<Record<string, string>>])[];
  /** What gauges and totals say now. */
  look(): Partial<Record<MetricName, number>>;
}

export function recordTelemetry(): Recording {
  const subjects: TelemetrySubject[] = [];
  const calls: string[] = [];
  const measured: Measurement[] = [];
  const readers: (() => readonly Measurement[])[] = [];
  return {
    subjects,
    calls,
    of: (metric) =>
      measured
        .filter((measurement) => measurement.metric === metric)
        .map(({ value, attributes }) =>
          Object.keys(attributes ?? {}).length === 0 ? value : [value, attributes ?? {}],
        ),
    look: () =>
      Object.fromEntries(readers.flatMap((read) => read().map(({ metric, value }) => [metric, value]))),
    open: (subject) => {
      subjects.push(subject);
      return Promise.resolve({
        measure: (measurement) => void measured.push(measurement),
        watch: (read) => void readers.push(read),
        flush: () => void calls.push('flush'),
        close: () => void calls.push('close'),
      });
    },
  };
}

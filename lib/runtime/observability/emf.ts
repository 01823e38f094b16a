import type { Timer } from '../../core/clock.js';
import { refuseAll } from '../../core/errors.js';
import { callbackViolations, numberViolations, textViolations, unknownNames } from '../../core/options.js';
import { dimensionValue, EMF_MAX_DIMENSIONS, EmfBatch } from './emf-lines.js';
import type { Measurement } from './metrics.js';
import type { Observer, Telemetry, TelemetrySubject } from './telemetry.js';

/** What {@link emf} is told. */
export interface EmfOptions {
  /** Namespace of the metrics in CloudWatch: 1-255 characters of `A-Z a-z 0-9 . - _ / # :`, not beginning with `AWS/`. */
  readonly namespace: string;
  /** Dimensions of every metric, beside `Client` and `Destination`, at most 20: a service's name, a stage. @default - none */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** How long values are collected, 1-3600 seconds; a Lambda handler writes at the end of each invocation. @default 60 */
  readonly everySeconds?: number;
  /** Takes a line without its line break. @default - standard output, which Lambda and the log drivers take to CloudWatch Logs */
  readonly write?: (line: string) => void;
}

/** What {@link emf} does when nothing else is said. */
export const EMF_DEFAULTS = Object.freeze({ everySeconds: 60 });

/** Numbers collected before they are written early: about a megabyte of memory. */
const MAX_COLLECTED = 50_000;
/** Room for the metrics' own. */
const MAX_OWN_DIMENSIONS = EMF_MAX_DIMENSIONS - 10;

/**
 * Writes metrics as CloudWatch's embedded metric format: lines of JSON that CloudWatch Logs makes metrics of, without a
 * call to CloudWatch. Counters are summed and gauges looked at when a line is written; of histograms every value is kept,
 * 100 to a line, so that percentiles are exact.
 *
 * Every combination of dimensions is a metric of its own on the bill; error classes and the like are cut at 50 for each.
 * @example
 * const worker = createQueueWorker({ queue: 'Builds', telemetry: emf({ namespace: 'Builds' }), … });
 * @throws {INVALID_OPTIONS} naming every option that can't be used
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emf(options: EmfOptions): Telemetry {
  refuseAll("emf can't use these options", violationsOf(options));
  const given = { ...options, dimensions: { ...options.dimensions } };
  return Object.freeze({
    open: (subject: TelemetrySubject) => Promise.resolve(new EmfObserver(given, subject)),
  });
}

class EmfObserver implements Observer {
  readonly #subject: TelemetrySubject;
  readonly #batch: EmfBatch;
  readonly #write: (line: string) => void;
  readonly #everyMs: number;
  readonly #readers: (() => readonly Measurement[])[] = [];
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: EmfOptions, subject: TelemetrySubject) {
    const { client, destination } = subject;
    const { namespace, dimensions = {}, write } = options;
    this.#subject = subject;
    this.#everyMs = (options.everySeconds ?? EMF_DEFAULTS.everySeconds) * 1_000;
    this.#write = write ?? ((line) => void process.stdout.write(`${line}\n`));
    const all = {
      ...dimensions,
      Client: client,
      ...(destination !== undefined && { Destination: destination }),
    };
    const fitting = Object.entries(all).map(([name, value]): [string, string] => [
      name,
      dimensionValue(value),
    ]);
    this.#batch = new EmfBatch({ namespace, dimensions: Object.fromEntries(fitting) });
  }

  measure(measurement: Measurement): void {
    if (this.#isClosed) return;
    this.#batch.add(measurement);
    if (this.#batch.size >= MAX_COLLECTED) this.flush();
    this.#arm();
  }

  watch(read: () => readonly Measurement[]): void {
    this.#readers.push(read);
    this.#arm();
  }

  flush(): void {
    for (const read of this.#readers) for (const measurement of read()) this.#batch.add(measurement);
    for (const line of this.#batch.take(this.#subject.clock.now())) this.#hand(line);
  }

  /** A metric that can't be written must not stop the work, and must not stay unseen either. */
  #hand(line: string): void {
    try {
      this.#write(line);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Lambda freezes the environment between invocations, so there the end of each is the only good time. */
  #arm(): void {
    if (this.#timer !== undefined || this.#isClosed || this.#subject.client === 'lambda') return;
    this.#timer = this.#subject.clock.schedule(this.#everyMs, () => {
      this.#timer = undefined;
      this.flush();
      if (this.#readers.length > 0) this.#arm();
    });
  }
}

function violationsOf(options: EmfOptions): string[] {
  const { namespace, dimensions = {}, everySeconds } = options;
  const names = Object.keys(dimensions);
  const isNamespace = typeof namespace === 'string' && /^(?!AWS\/)[\w.\-/#:]{1,255}$/.test(namespace);
  return [
    ...unknownNames(options, ['namespace', 'dimensions', 'everySeconds', 'write']),
    ...(isNamespace
      ? []
      : ['namespace must be 1-255 characters of A-Z a-z 0-9 . - _ / # : and not begin with AWS/']),
    ...(names.length > MAX_OWN_DIMENSIONS
      ? [`dimensions may be ${MAX_OWN_DIMENSIONS} at most, got ${names.length}`]
      : []),
    ...names.flatMap((name) => [
      ...(/^[A-Za-z][\w-]{0,249}$/.test(name)
        ? []
        : [`dimensions: '${name}' must be letters, digits, _ and -`]),
      ...textViolations(`dimensions.${name}`, dimensions[name]),
    ]),
    ...(everySeconds === undefined
      ? []
      : numberViolations('everySeconds', everySeconds, { min: 1, max: 3_600, unit: 'seconds' })),
    ...callbackViolations('write', options.write),
  ];
}

import type { TraceContext } from '../../contract/envelope.js';
import type { Clock } from '../../core/clock.js';
import type { Measurement } from './metrics.js';

/** Which client is observed. */
export interface TelemetrySubject {
  /** Which kind of client is observed. */
  readonly client: 'queue-worker' | 'lambda' | 'webhook' | 'publisher' | 'stream-reader' | 'stream-producer';
  /** As OpenTelemetry names them. */
  readonly system: 'aws_sqs' | 'aws.sns' | 'aws.kinesis';
  /** Name of the queue, topic or stream, as the construct has it; undefined where a client serves several. */
  readonly destination: string | undefined;
  /** Who consumes, where the destination has several consumers. */
  readonly consumer?: string;
  /** The client's clock: spans and flushes go by it. */
  readonly clock: Clock;
}

/**
 * Where spans and measurements go. Made by `openTelemetry` and `emf`; implement it for anything else. One telemetry can
 * be given to any number of clients.
 */
export interface Telemetry {
  /** Begins to observe a client; called by the client when it starts. */
  open(subject: TelemetrySubject): Promise<Observer>;
}

/** Observes one client. None of its methods may throw. */
export interface Observer {
  /** Takes one value. Called often, on the way of messages: it must neither block nor throw. */
  measure(measurement: Measurement): void;
  /** Gives what is asked for gauges and totals whenever values are due, until {@link close}. */
  watch(read: () => readonly Measurement[]): void;
  /** Where spans go. @default - nowhere */
  readonly tracing?: Tracing;
  /** Hands over what is collected: at the end of an invocation, before the environment freezes. */
  flush(): void;
  /** Hands over the rest, and watches no more. Idempotent. */
  close(): void;
}

/** A message that is about to be sent. */
export interface SendSpan {
  /** Its type. */
  readonly type: string;
}

/** Messages one receive brought. */
export interface ReceiveSpan {
  /** How many the receive brought. */
  readonly messages: number;
  /** When the request left, epoch milliseconds. */
  readonly startedAt: number;
  /** The traces of those that have one. */
  readonly traces: readonly TraceContext[];
}

/** A message that is about to be handled. */
export interface ProcessSpan {
  /** SQS's or SNS's id of this copy. */
  readonly messageId: string;
  /** How often it was handed out, this time included. */
  readonly receiveCount: number;
  /** FIFO group or fair-queue tenant, where it has one. */
  readonly group?: string | undefined;
  /** Type and business id, where they could be read. */
  readonly type?: string | undefined;
  /** The business id, where it could be read. */
  readonly id?: string | undefined;
  /** Of its publisher. */
  readonly trace?: TraceContext | undefined;
}

/** Records of one shard that are about to be handled together. */
export interface BatchSpan {
  /** The shard they are of. */
  readonly shardId: string;
  /** How many there are. */
  readonly records: number;
  /** 1 for the first. */
  readonly attempt: number;
  /** Of their producers. */
  readonly traces: readonly TraceContext[];
}

/** How a span ends. */
export interface SpanEnd {
  /** What came of it, e.g. `handled`, `duplicate`. */
  readonly outcome: string;
  /** Class of the error, where it failed. */
  readonly errorType?: string;
  /** What was thrown, where it failed. */
  readonly error?: unknown;
}

/** Runs work inside spans, so that whatever it calls joins their trace. */
export interface ProcessTracing {
  /** Runs the handling of a message; its span is linked to the publisher's. */
  process<Result>(
    span: ProcessSpan,
    run: () => Promise<Result>,
    endOf: (result: Result) => SpanEnd,
  ): Promise<Result>;
}

/** Makes the spans of one client. */
export interface Tracing extends ProcessTracing {
  /** Runs a publish; `run` is given what shall travel with the message. */
  send<Result>(span: SendSpan, run: (trace: TraceContext | undefined) => Promise<Result>): Promise<Result>;
  /** Tells of a receive that brought messages; they are processed inside its span. */
  receive(span: ReceiveSpan): ProcessTracing;
  /** Runs the handling of a batch of records; its span is linked to the producers'. */
  batch<Result>(span: BatchSpan, run: () => Promise<Result>): Promise<Result>;
}

/** As it is given to a client. */
export type TelemetryOption = Telemetry | readonly Telemetry[];

/** Opens all that was given as one observer; undefined when there is none, so that nothing is done for nobody. */
export async function openTelemetryOption(
  telemetry: readonly Telemetry[],
  subject: TelemetrySubject,
): Promise<Observer | undefined> {
  const observers = await Promise.all(telemetry.map((each) => each.open(subject)));
  const [only] = observers;
  return observers.length > 1 ? together(observers) : only;
}

/** One for all; spans are made by the first that makes any, since a message can carry one trace only. */
function together(observers: readonly Observer[]): Observer {
  const tracing = observers.find((observer) => observer.tracing !== undefined)?.tracing;
  return {
    measure: (measurement) => {
      for (const observer of observers) observer.measure(measurement);
    },
    watch: (read) => {
      for (const observer of observers) observer.watch(read);
    },
    ...(tracing && { tracing }),
    flush: () => {
      for (const observer of observers) observer.flush();
    },
    close: () => {
      for (const observer of observers) observer.close();
    },
  };
}

/** As a list. */
export function compileTelemetry(telemetry: TelemetryOption | undefined): readonly Telemetry[] {
  if (telemetry === undefined) return [];
  return isList(telemetry) ? [...telemetry] : [telemetry];
}

/** What is wrong with the option `telemetry`. */
export function telemetryViolations(telemetry: TelemetryOption | undefined): string[] {
  const given = compileTelemetry(telemetry) as readonly (Partial<Telemetry> | undefined)[];
  return given.some((each) => typeof each?.open !== 'function')
    ? ['telemetry must be made with openTelemetry() or emf({ namespace }), or be a list of those']
    : [];
}

const isList = (telemetry: TelemetryOption): telemetry is readonly Telemetry[] => Array.isArray(telemetry);

/** The class of an error, as `error.type` has it: a name, never its words. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { readonly code?: unknown };
  return error.name === 'MillraceError' && typeof code === 'string' ? code : error.name;
}

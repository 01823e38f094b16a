import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { readBinding } from '../../contract/binding-reader.js';
import type { StreamBinding } from '../../contract/binding.js';
import { limitOf } from '../../contract/limits.js';
import type { RecordDefinition } from '../../contract/record.js';
import type { Clock, Random } from '../../core/clock.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import {
  callbackViolations,
  choiceViolations,
  numberViolations,
  textViolations,
  unknownNames,
  type NumberBounds,
} from '../../core/options.js';
import {
  compileTelemetry,
  telemetryViolations,
  type Telemetry,
  type TelemetryOption,
} from '../observability/telemetry.js';
import { unfailing } from '../system/unfailing.js';
import type { KinesisApi } from './kinesis-api.js';

/** What a producer promises about order. */
export type ProducerOrder =
  /** Records of one key stand in the stream in the order of their puts, through failures, splits and merges. */
  | 'per-key'
  /** No order: more requests at once, so more throughput while the service is slow to answer. */
  | 'none';

/** What {@link STREAM_PRODUCER_DEFAULTS} decides when nothing else is said. */
export const STREAM_PRODUCER_DEFAULTS = Object.freeze({
  /** Bytes of records that are sent without waiting for more, in one Kinesis record; KPL's default. 0: each alone. */
  aggregateBytes: 51_200,
  /** Bytes up to which a Kinesis record grows while earlier ones are under way; keeps a shard busy at any latency. */
  maxAggregateBytes: 262_144,
  /** Longest time a record waits for others to share its Kinesis record and request. */
  lingerMs: 20,
  /** Time after which a record that could not be written fails. */
  ttlMs: 30_000,
  /** Bytes taken and not written yet, after which `put` waits. */
  maxBufferedBytes: 16_777_216,
  /** Part of each shard's write limits this producer may use; lower it where several write to the stream. */
  shardShare: 1,
  /** Requests' worth of records under way per shard with `order: 'none'`. */
  maxInFlightPerShard: 8,
});

type NumericOption = keyof typeof STREAM_PRODUCER_DEFAULTS;

/** What a producer tells while it works. */
export type StreamProducerEvent =
  /** A shard took no more; its records go again, and the producer slows down there. */
  | { readonly kind: 'throttled'; readonly shardId: string; readonly records: number }
  /** Records could not be written and go again. */
  | {
      readonly kind: 'put-failed';
      readonly records: number;
      readonly retryInMs: number;
      readonly error: unknown;
    }
  /** The stream's open shards were listed, for the first time or because records landed elsewhere. */
  | { readonly kind: 'shards-listed'; readonly open: readonly string[] }
  | { readonly kind: 'listing-failed'; readonly retryInMs: number; readonly error: unknown };

/** What a stream producer is made with. */
export interface StreamProducerOptions<Input, Output> {
  /** Name of the stream's construct, whose binding is in `MILLRACE_STREAM_<NAME>`; or the binding itself. */
  readonly stream: string | StreamBinding;
  /** The record's declaration; must be the one the stream was deployed with. */
  readonly record: RecordDefinition<string, Input, Output>;
  /** What is promised about the order of records, at the price of throughput. @default 'per-key' */
  readonly order?: ProducerOrder;
  /**
   * Bytes of records that are sent without waiting for more, in one Kinesis record, 0-1048576; 0 sends each alone.
   * @default 51200, as KPL
   */
  readonly aggregateBytes?: number;
  /**
   * Bytes up to which a Kinesis record grows while earlier ones are under way, `aggregateBytes` to 1047552; keeps a shard
   * busy at any latency. @default 262144
   */
  readonly maxAggregateBytes?: number;
  /** How long a record waits at most for others to share its Kinesis record and request, 0-10000 ms. @default 20 */
  readonly lingerMs?: number;
  /** Time after which a record that could not be written fails, 100-3600000 ms. @default 30000 */
  readonly ttlMs?: number;
  /** Bytes taken and not written yet, after which `put` waits, 65536 to 16 GiB. @default 16777216, 16 MiB */
  readonly maxBufferedBytes?: number;
  /**
   * Part of each shard's write limits this producer may use, 0.01-1; lower it where several write to the stream.
   * @default 1
   */
  readonly shardShare?: number;
  /** Kinesis records under way per shard with `order: 'none'`, 1-100. @default 8 */
  readonly maxInFlightPerShard?: number;
  /** Told everything that happens; what it throws becomes a warning of the process. @default - nobody is told */
  readonly onEvent?: (event: StreamProducerEvent) => void;
  /** Where spans and metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The SDK client that writes; it stays open at the end. @default - made from the binding */
  readonly kinesis?: KinesisClient;
  /**
   * The calls to Kinesis, for tests on a virtual clock. @default - made of `kinesis`
   * @internal
   */
  readonly api?: KinesisApi;
  /** What tells the time and sets timers: a virtual one makes tests fast and repeatable. @default - the machine's clocks */
  readonly clock?: Clock;
  /** Where jitter and random names come from, in [0, 1): seeded, a run can be repeated. @default - Math.random */
  readonly random?: Random;
}

/** Checked and complete options. */
export interface CompiledStreamProducer<Input, Output> extends Readonly<Record<NumericOption, number>> {
  readonly binding: StreamBinding;
  readonly order: ProducerOrder;
  readonly given: StreamProducerOptions<Input, Output>;
  readonly onEvent: (event: StreamProducerEvent) => void;
  readonly telemetry: readonly Telemetry[];
}

const BOUNDS: Readonly<Record<NumericOption, NumberBounds>> = {
  aggregateBytes: { min: 0, max: limitOf('kinesis.record.defaultBytes'), whole: true, unit: 'bytes' },
  maxAggregateBytes: {
    min: 0,
    max: limitOf('kinesis.record.defaultBytes') - 1_024,
    whole: true,
    unit: 'bytes',
  },
  lingerMs: { min: 0, max: 10_000, unit: 'milliseconds' },
  ttlMs: { min: 100, max: 3_600_000, unit: 'milliseconds' },
  maxBufferedBytes: { min: 65_536, max: 2 ** 34, whole: true, unit: 'bytes' },
  shardShare: { min: 0.01, max: 1, unit: 'part of a shard' },
  maxInFlightPerShard: { min: 1, max: 100, whole: true, unit: 'Kinesis records' },
};

const NUMERIC = Object.keys(BOUNDS) as readonly NumericOption[];
const NAMES = [
  ...NUMERIC,
  ...[
    'stream',
    'record',
    'order',
    'onEvent',
    'telemetry',
    'environment',
    'kinesis',
    'api',
    'clock',
    'random',
  ],
];

/** Checks the options, finds the binding and fills in what was left out. Says everything that is wrong at once. */
export function compileStreamProducer<Input, Output>(
  given: StreamProducerOptions<Input, Output>,
): CompiledStreamProducer<Input, Output> {
  const order = given.order ?? 'per-key';
  const numbers: Readonly<Record<NumericOption, number>> = {
    ...STREAM_PRODUCER_DEFAULTS,
    ...definedNumbers(given),
  };
  const isRecord = (given.record as { readonly kind?: unknown } | undefined)?.kind === 'record';
  refuseAll("createStreamProducer can't be used", [
    ...unknownNames(given, NAMES),
    ...(typeof given.stream === 'object' ? [] : textViolations('stream', given.stream)),
    ...(isRecord ? [] : ['record must be made by defineRecord']),
    ...choiceViolations('order', order, ['per-key', 'none']),
    ...callbackViolations('onEvent', given.onEvent),
    ...telemetryViolations(given.telemetry),
    ...NUMERIC.flatMap((name) => numberViolations(name, numbers[name], BOUNDS[name])),
    ...(numbers.maxAggregateBytes < numbers.aggregateBytes
      ? [
          `maxAggregateBytes (${numbers.maxAggregateBytes}) must not be below aggregateBytes (${numbers.aggregateBytes})`,
        ]
      : []),
    ...(numbers.lingerMs >= numbers.ttlMs
      ? [`lingerMs (${numbers.lingerMs}) must be below ttlMs (${numbers.ttlMs})`]
      : []),
  ]);
  const binding = findBinding(given);
  refuseOtherRecord(binding, given.record);
  const onEvent = unfailing(given.onEvent ?? (() => undefined));
  const telemetry = compileTelemetry(given.telemetry);
  return Object.freeze({ ...numbers, binding, order, given, onEvent, telemetry });
}

function definedNumbers(given: Partial<Readonly<Record<NumericOption, number>>>): Record<string, number> {
  return Object.fromEntries(
    NUMERIC.flatMap((name) => {
      const value = given[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function findBinding<Input, Output>(given: StreamProducerOptions<Input, Output>): StreamBinding {
  if (typeof given.stream !== 'string') return given.stream;
  return readBinding('stream', given.stream, given.environment ?? process.env);
}

function refuseOtherRecord(binding: StreamBinding, record: RecordDefinition): void {
  const { name, version } = binding.record;
  if (name === record.name && version === record.version) return;
  throw new MillraceError(
    'BINDING_MISMATCH',
    `stream '${binding.name}' was deployed for record '${name}' version ${version}, but this producer is given '${record.name}' version ${record.version}: ` +
      `give it the same declaration, or deploy the stack with the new one`,
  );
}

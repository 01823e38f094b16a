import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { readBinding } from '../../contract/binding-reader.js';
import type { ReaderBinding } from '../../contract/binding.js';
import type { RecordDefinition } from '../../contract/record.js';
import type { Clock, Random } from '../../core/clock.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import {
  callbackViolations,
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
import type { LeaseStore } from '../stores/lease-store.js';
import { unfailing } from '../system/unfailing.js';
import type { KinesisApi } from './kinesis-api.js';
import type { StreamReaderEvent } from './reader-events.js';
import type { ResumeFrom } from './shard-consumer.js';
import type { BatchHandler, PoisonHandler } from './unit-runner.js';

/** What {@link STREAM_READER_DEFAULTS} decides when nothing else is said. */
export const STREAM_READER_DEFAULTS = Object.freeze({
  /** Records a handler gets at most. */
  batchSize: 1_000,
  /** Longest time a handled position waits to be stored; one write per shard and interval. */
  checkpointEveryMs: 5_000,
  /** Time without a heartbeat after which a worker's shards are taken over; KCL's default. */
  failoverMs: 10_000,
  /** How often a worker asks for news of the fleet; bounds the time of a clean hand-over. */
  leasePollMs: 1_000,
  /** How often the stream's shards are compared with the leases, beside the ends of shards. */
  shardSyncMs: 30_000,
  /** Milliseconds between reads of a shard at its tip; one of the five reads a second that all readers share. */
  idlePollMs: 1_000,
  /** Milliseconds between reads of a shard that is behind. */
  busyPollMs: 250,
  /** Bytes read ahead over all shards of the process; one page per shard may go over it. */
  prefetchBytes: 33_554_432,
  /** Longest time that `stop` waits for handlers. */
  drainTimeoutMs: 30_000,
  retryBaseMs: 200,
  retryMaxMs: 30_000,
  /** Keys per shard whose last put is remembered, to leave out second copies of ordered producers; 0 turns it off. */
  repeatKeys: 20_000,
});

type NumericOption = keyof typeof STREAM_READER_DEFAULTS;

/** What a stream reader is made with. */
export interface StreamReaderOptions<T> {
  /**
   * Name of the stream's construct, e.g. `Flights`.
   * @default - taken from the binding, which must be given as `reader` then
   */
  readonly stream?: string;
  /** Name of the reader, e.g. `delays`, whose binding is in `MILLRACE_READER_<STREAM>_<READER>`; or the binding itself. */
  readonly reader: string | ReaderBinding;
  /** The record's declaration; must be the one the stream was deployed with. */
  readonly record: RecordDefinition<string, unknown, T>;
  /**
   * Handles records of one shard, in order; batches of a shard come one after another, shards run side by side. When it
   * resolves the records count as handled; when it rejects they come again, and nothing after them before.
   */
  readonly handler: BatchHandler<T>;
  /**
   * Takes a record that can't be read; when it resolves the record counts as handled.
   * @default - the shard stands before the record and says so in an event, until a reader that can read it is deployed
   */
  readonly onPoison?: PoisonHandler;
  /**
   * Asks a store of one's own where the shard stands, once per lease; the later of its answer and the checkpoint counts.
   * @default - the checkpoint
   */
  readonly resumeFrom?: ResumeFrom;
  /** Records a handler gets at most, 1-100000. @default 1000 */
  readonly batchSize?: number;
  /**
   * How long a handled position waits at most to be stored, 0-300000 ms: after a crash, so much is handled again. One write
   * per shard and interval. @default 5000
   */
  readonly checkpointEveryMs?: number;
  /**
   * Time without a heartbeat after which a worker's shards are taken over, 500-600000 ms. Shorter finds a crash sooner and
   * takes shards from workers that are only slow. @default 10000, as KCL
   */
  readonly failoverMs?: number;
  /** How often a worker asks for news of the fleet, 10-60000 ms; bounds the time of a clean hand-over. @default 1000 */
  readonly leasePollMs?: number;
  /**
   * How often the stream's shards are compared with the leases, beside the ends of shards, 100-3600000 ms. @default 30000
   */
  readonly shardSyncMs?: number;
  /**
   * Wait between reads of a shard at its tip, 0-60000 ms. A shard gives five reads a second to all its readers together.
   * @default 1000
   */
  readonly idlePollMs?: number;
  /** Wait between reads of a shard that is behind, 0-60000 ms. @default 250 */
  readonly busyPollMs?: number;
  /**
   * Bytes read ahead over all shards of the process, 65536 to 16 GiB; one page per shard may go over it.
   * @default 33554432, 32 MiB
   */
  readonly prefetchBytes?: number;
  /** How long `stop` waits for handlers before their signals abort, 0-3600000 ms. @default 30000 */
  readonly drainTimeoutMs?: number;
  /** Upper bound of the wait after a first failure, 1-60000 ms; it doubles with each further one. @default 200 */
  readonly retryBaseMs?: number;
  /** What the wait after a failure never grows beyond, 1-3600000 ms. @default 30000 */
  readonly retryMaxMs?: number;
  /**
   * Keys per shard whose last put is remembered, to leave out second copies of ordered producers, 0-10000000; 0 turns it
   * off. @default 20000
   */
  readonly repeatKeys?: number;
  /** Where metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** Told everything that happens; what it throws becomes a warning of the process. @default - nobody is told */
  readonly onEvent?: (event: StreamReaderEvent) => void;
  /**
   * A name for this worker in the lease table; a random part is added, so that a restarted one is another worker.
   * @default 'reader'
   */
  readonly workerName?: string;
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The SDK client that reads; it stays open at the end. @default - made from the binding */
  readonly kinesis?: KinesisClient;
  /** The SDK client of the lease table; it stays open at the end. @default - made from the binding */
  readonly dynamodb?: DynamoDBClient;
  /**
   * The calls to Kinesis, for tests on a virtual clock. @default - made of `kinesis`
   * @internal
   */
  readonly api?: KinesisApi;
  /**
   * The leases, for tests on a virtual clock. @default - the binding's DynamoDB table
   * @internal
   */
  readonly store?: LeaseStore;
  /** What tells the time and sets timers: a virtual one makes tests fast and repeatable. @default - the machine's clocks */
  readonly clock?: Clock;
  /** Where jitter and random names come from, in [0, 1): seeded, a run can be repeated. @default - Math.random */
  readonly random?: Random;
}

/** Checked and complete options. */
export interface CompiledStreamReader<T> extends Readonly<Record<NumericOption, number>> {
  readonly binding: ReaderBinding;
  readonly given: StreamReaderOptions<T>;
  readonly workerName: string;
  readonly telemetry: readonly Telemetry[];
  readonly onEvent: (event: StreamReaderEvent) => void;
}

const BOUNDS: Readonly<Record<NumericOption, NumberBounds>> = {
  batchSize: { min: 1, max: 100_000, whole: true, unit: 'records' },
  checkpointEveryMs: { min: 0, max: 300_000, unit: 'milliseconds' },
  failoverMs: { min: 500, max: 600_000, unit: 'milliseconds' },
  leasePollMs: { min: 10, max: 60_000, unit: 'milliseconds' },
  shardSyncMs: { min: 100, max: 3_600_000, unit: 'milliseconds' },
  idlePollMs: { min: 0, max: 60_000, unit: 'milliseconds' },
  busyPollMs: { min: 0, max: 60_000, unit: 'milliseconds' },
  prefetchBytes: { min: 65_536, max: 2 ** 34, whole: true, unit: 'bytes' },
  drainTimeoutMs: { min: 0, max: 3_600_000, unit: 'milliseconds' },
  retryBaseMs: { min: 1, max: 60_000, unit: 'milliseconds' },
  retryMaxMs: { min: 1, max: 3_600_000, unit: 'milliseconds' },
  repeatKeys: { min: 0, max: 10_000_000, whole: true, unit: 'keys' },
};

const NUMERIC = Object.keys(BOUNDS) as readonly NumericOption[];
const NAMES = [
  ...NUMERIC,
  ...[
    'stream',
    'reader',
    'record',
    'handler',
    'onPoison',
    'resumeFrom',
    'telemetry',
    'onEvent',
    'workerName',
  ],
  ...['environment', 'kinesis', 'dynamodb', 'api', 'store', 'clock', 'random'],
];

/** Checks the options, finds the binding and fills in what was left out. Says everything that is wrong at once. */
export function compileStreamReader<T>(given: StreamReaderOptions<T>): CompiledStreamReader<T> {
  const numbers: Readonly<Record<NumericOption, number>> = {
    ...STREAM_READER_DEFAULTS,
    ...definedNumbers(given),
  };
  refuseAll("createStreamReader can't be used", [
    ...unknownNames(given, NAMES),
    ...namingViolations(given),
    ...callbackViolations('onPoison', given.onPoison),
    ...callbackViolations('resumeFrom', given.resumeFrom),
    ...telemetryViolations(given.telemetry),
    ...callbackViolations('onEvent', given.onEvent),
    ...(typeof given.handler === 'function' ? [] : ['handler must be a function (records, ctx) => Promise']),
    ...NUMERIC.flatMap((name) => numberViolations(name, numbers[name], BOUNDS[name])),
    ...(numbers.retryMaxMs < numbers.retryBaseMs
      ? [`retryMaxMs (${numbers.retryMaxMs}) must not be below retryBaseMs (${numbers.retryBaseMs})`]
      : []),
    ...(numbers.leasePollMs > numbers.failoverMs / 2
      ? [`leasePollMs (${numbers.leasePollMs}) must be at most half of failoverMs (${numbers.failoverMs})`]
      : []),
  ]);
  const binding = findBinding(given);
  refuseOtherRecord(binding, given.record);
  const onEvent = unfailing(given.onEvent ?? (() => undefined));
  const telemetry = compileTelemetry(given.telemetry);
  const workerName = given.workerName ?? 'reader';
  return Object.freeze({ ...numbers, binding, given, telemetry, onEvent, workerName });
}

function definedNumbers(given: Partial<Readonly<Record<NumericOption, number>>>): Record<string, number> {
  return Object.fromEntries(
    NUMERIC.flatMap((name) => {
      const value = given[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function namingViolations<T>({ stream, reader, record, workerName }: StreamReaderOptions<T>): string[] {
  const isRecord = (record as { readonly kind?: unknown } | undefined)?.kind === 'record';
  return [
    ...(typeof reader === 'string'
      ? [...textViolations('reader', reader), ...textViolations('stream', stream)]
      : []),
    ...(isRecord ? [] : ['record must be made by defineRecord']),
    ...(workerName === undefined ? [] : textViolations('workerName', workerName)),
  ];
}

function findBinding<T>({ stream, reader, environment }: StreamReaderOptions<T>): ReaderBinding {
  if (typeof reader !== 'string') return reader;
  return readBinding('reader', `${stream ?? ''}/${reader}`, environment ?? process.env);
}

function refuseOtherRecord(binding: ReaderBinding, record: RecordDefinition): void {
  const { name, version } = binding.record;
  if (name === record.name && version <= record.version) return;
  throw new MillraceError(
    'BINDING_MISMATCH',
    `stream '${binding.stream.name}' was deployed for record '${name}' version ${version}, but this reader is given '${record.name}' version ${record.version}: ` +
      `give it the same declaration, or deploy the stack with the new one`,
  );
}

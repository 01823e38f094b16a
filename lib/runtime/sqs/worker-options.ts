import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding } from '../../contract/binding.js';
import type { Clock, Random } from '../../core/clock.js';
import type { BackoffCurve } from '../../core/retry/backoff.js';
import type { ErrorRule } from '../../core/retry/error-policy.js';
import type { IdempotencyMode, StoreOutagePolicy } from '../idempotency/modes.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import type { CompiledPublisherOptions, PublisherOptions } from '../sns/publisher-options.js';
import type { Transport } from '../aws/transport.js';
import type { ClaimCheckReadOptions, CompiledClaimCheckReading } from '../claim-check/claim-check-options.js';
import type { Telemetry, TelemetryOption } from '../observability/telemetry.js';
import type { MessageHandler } from './handler.js';
import type { BreakerRules } from '../../core/delivery/circuit-breaker.js';
import type { ConcurrencyBounds } from '../../core/delivery/concurrency-limit.js';
import type { PrefetchBounds } from '../../core/delivery/receive-plan.js';
import type { CircuitBreakerOptions, PrefetchOptions } from './overload-options.js';
import type { WorkerEvent } from './worker-events.js';

/** SDK clients of a worker. */
export interface WorkerClients {
  readonly sqs?: SQSClient;
  readonly dynamodb?: DynamoDBClient;
  readonly s3?: S3Client;
}

/** What a queue worker is made of. */
export interface QueueWorkerOptions {
  /** The construct id of the queue, looked up in the environment, or its binding itself. */
  readonly queue: string | QueueBinding;
  /** One handler per message type, made with `on`. Together they must cover what the queue carries. */
  readonly handlers: readonly MessageHandler[];
  /** @see IdempotencyMode */
  readonly idempotency: IdempotencyMode;
  /**
   * Handlers that run at once, 1-1000: a fixed number, or bounds within which it follows their latency and errors, starting
   * at `min`. @default 10
   */
  readonly concurrency?: number | ConcurrencyBounds;
  /** When receiving stops because handlers fail; `false` for never. @default - see CIRCUIT_BREAKER_DEFAULTS */
  readonly circuitBreaker?: CircuitBreakerOptions | false;
  /** What may be received ahead of free slots. @default - see PREFETCH_DEFAULTS */
  readonly prefetch?: PrefetchOptions;
  /**
   * Where idempotency records live: `createPostgresStore`, `createRedisStore`, `createMemoryStore`.
   * @default - the DynamoDB table of the queue's construct
   */
  readonly store?: IdempotencyStore;
  /**
   * Destinations of `context.publish`, by the name it is given; for mode `transactional`.
   * @default - none
   */
  readonly outbox?: Readonly<Record<string, PublisherOptions>>;
  /** @see StoreOutagePolicy @default 'fail-closed' */
  readonly onStoreOutage?: StoreOutagePolicy;
  /**
   * Who does the work, as part of the idempotency key: copies are recognised among workers of one name. Change it to have
   * everything handled anew. @default - the queue's name
   */
  readonly consumer?: string;
  /**
   * How long a handled message is remembered, seconds, at least 60. @default - the queue's retention and 14 days in the
   * dead-letter queue together, so that even a late redrive is recognised
   */
  readonly rememberSeconds?: number;
  /**
   * Visibility timeout the worker asks for and renews while a handler runs, 2-43200 seconds: after a crash, messages come
   * back this late. @default - the queue's own
   */
  readonly visibilityTimeoutSeconds?: number;
  /** After it a handler's signal aborts, 1-43200 seconds. @default - the handler timeout of the construct */
  readonly handlerTimeoutSeconds?: number;
  /** How long handlers may run on after a stop before their signal aborts, 0-43200 seconds. @default 25, below the 30 of ECS and Kubernetes */
  readonly drainTimeoutSeconds?: number;
  /** How long a handler may take to end after its signal aborted, 0-600 seconds. @default 3 */
  readonly abortGraceSeconds?: number;
  /** The wait before a failed message comes back, with full jitter by receive count. @default base 1 s, factor 2, at most 300 s */
  readonly retry?: Partial<BackoffCurve>;
  /**
   * What is done with errors of certain classes, made with `whenError`; the first rule that matches decides.
   * @default - every error is tried again with `retry`
   */
  readonly errors?: readonly ErrorRule[];
  /** How payloads are taken out of S3 that were too large for their message. @default - from the construct's buckets */
  readonly claimCheck?: ClaimCheckReadOptions;
  /**
   * Whether it protects its ECS task while messages are in hand, so that neither scaling in nor a deployment stops it in the
   * middle of long work. Needs the rights that `taskProtection` of the Fargate construct grants. Does nothing outside ECS.
   * @default - what the construct's `taskProtection` says
   */
  readonly taskProtection?: boolean;
  /** Whether `run()` stops at SIGTERM and SIGINT. @default true */
  readonly signals?: boolean;
  /** Where spans and metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** Told everything that happens; what it throws becomes a warning of the process. @default - nobody is told */
  readonly onEvent?: (event: WorkerEvent) => void;
  /**
   * Who makes the requests to SQS: `lean` costs a fraction of the CPU and leaves the SDK client's middleware and request
   * handler out. @default 'sdk'
   */
  readonly transport?: Transport;
  /** SDK clients to use instead of the worker's own; they stay open at the end. @default - made from the binding */
  readonly clients?: WorkerClients;
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  /** @default - Math.random */
  readonly random?: Random;
}

const OPTION_HOSTS = {
  queue: 'every host',
  handlers: 'every host',
  idempotency: 'every host',
  concurrency: 'every host',
  circuitBreaker: 'own loop',
  prefetch: 'own loop',
  store: 'every host',
  outbox: 'every host',
  onStoreOutage: 'every host',
  consumer: 'every host',
  rememberSeconds: 'every host',
  visibilityTimeoutSeconds: 'own loop',
  handlerTimeoutSeconds: 'every host',
  drainTimeoutSeconds: 'own loop',
  abortGraceSeconds: 'every host',
  retry: 'every host',
  errors: 'every host',
  claimCheck: 'every host',
  taskProtection: 'own loop',
  signals: 'own loop',
  telemetry: 'every host',
  onEvent: 'every host',
  transport: 'every host',
  clients: 'every host',
  environment: 'every host',
  clock: 'every host',
  random: 'every host',
} as const satisfies Readonly<Record<keyof QueueWorkerOptions, 'every host' | 'own loop'>>;

/** Options of a host that receives by itself; what decides them elsewhere is the host. */
export type LoopOption = {
  [Name in keyof typeof OPTION_HOSTS]: (typeof OPTION_HOSTS)[Name] extends 'own loop' ? Name : never;
}[keyof typeof OPTION_HOSTS];

/** Names of all options of a worker. */
export const WORKER_OPTION_NAMES: readonly string[] = Object.keys(OPTION_HOSTS);

/** Names of those that make sense where the messages are brought by somebody else. */
export const HOSTED_OPTION_NAMES: readonly string[] = Object.entries(OPTION_HOSTS).flatMap(([name, host]) =>
  host === 'every host' ? [name] : [],
);

/** Defaults that need no binding, with their reasons in {@link QueueWorkerOptions}. */
export const QUEUE_WORKER_DEFAULTS = Object.freeze({
  onStoreOutage: 'fail-closed',
  concurrency: 10,
  drainTimeoutSeconds: 25,
  abortGraceSeconds: 3,
  retry: Object.freeze({ baseSeconds: 1, factor: 2, maxSeconds: 300 }),
  signals: true,
  transport: 'sdk',
} as const);

/** How a task is protected. */
export interface TaskProtectionSettings {
  /** Where the ECS agent answers. */
  readonly agentUri: string;
  /** How long one call protects it, 10-2880: twice the handler timeout, so that a renewal may come as late as a handler. */
  readonly minutes: number;
}

/** Options with every default filled in and every rule checked. */
export interface CompiledWorkerOptions {
  readonly binding: QueueBinding;
  readonly handlers: readonly MessageHandler[];
  readonly idempotency: IdempotencyMode;
  readonly concurrency: ConcurrencyBounds;
  readonly breaker: BreakerRules | undefined;
  readonly prefetch: PrefetchBounds;
  /** Undefined is the queue's own table. */
  readonly store: IdempotencyStore | undefined;
  readonly outbox: Readonly<Record<string, CompiledPublisherOptions>>;
  readonly onStoreOutage: StoreOutagePolicy;
  readonly consumer: string;
  readonly rememberSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly handlerTimeoutSeconds: number;
  readonly drainTimeoutSeconds: number;
  readonly abortGraceSeconds: number;
  readonly retry: BackoffCurve;
  readonly errors: readonly ErrorRule[];
  /** Undefined where the task is not to be protected, or there is none. */
  readonly taskProtection: TaskProtectionSettings | undefined;
  readonly signals: boolean;
  readonly telemetry: readonly Telemetry[];
  readonly onEvent: (event: WorkerEvent) => void;
  readonly transport: Transport;
  /** Undefined where no message may point into S3. */
  readonly claimCheck: CompiledClaimCheckReading | undefined;
  readonly clients: WorkerClients;
  readonly clock: Clock;
  readonly random: Random;
}

/** Fills in what a curve leaves out. */
export function compileRetry(retry: Partial<BackoffCurve>): BackoffCurve {
  const defaults = QUEUE_WORKER_DEFAULTS.retry;
  return {
    baseSeconds: retry.baseSeconds ?? defaults.baseSeconds,
    factor: retry.factor ?? defaults.factor,
    maxSeconds: retry.maxSeconds ?? defaults.maxSeconds,
  };
}

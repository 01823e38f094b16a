import type { QueueBinding } from '../../contract/binding.js';
import type { Clock, Random } from '../../core/clock.js';
import type { BackoffCurve } from '../../core/retry/backoff.js';
import type { ErrorRule } from '../../core/retry/error-policy.js';
import type { IdempotencyMode, StoreOutagePolicy } from '../idempotency/modes.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import type { CompiledPublisherOptions } from '../sns/publisher-options.js';
import type { Transport } from '../aws/transport.js';
import type { CompiledClaimCheckReading } from '../claim-check/claim-check-options.js';
import type { Telemetry } from '../observability/telemetry.js';
import type { MessageHandler } from './handler.js';
import type { HandlerHostOptions, WorkerClients } from './handler-host-options.js';
import type { BreakerRules } from '../../core/delivery/circuit-breaker.js';
import type { ConcurrencyBounds } from '../../core/delivery/concurrency-limit.js';
import type { PrefetchBounds } from '../../core/delivery/receive-plan.js';
import type { CircuitBreakerOptions, PrefetchOptions } from './overload-options.js';
import type { WorkerEvent } from './worker-events.js';

/** What a queue worker is made of. */
export interface QueueWorkerOptions extends HandlerHostOptions {
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
   * Visibility timeout the worker asks for and renews while a handler runs, 2-43200 seconds: after a crash, messages come
   * back this late. @default - the queue's own
   */
  readonly visibilityTimeoutSeconds?: number;
  /** How long handlers may run on after a stop before their signal aborts, 0-43200 seconds. @default 25, below the 30 of ECS and Kubernetes */
  readonly drainTimeoutSeconds?: number;
  /** How long a handler may take to end after its signal aborted, 0-600 seconds. @default 3 */
  readonly abortGraceSeconds?: number;
  /**
   * Whether it protects its ECS task while messages are in hand, so that neither scaling in nor a deployment stops it in the
   * middle of long work. Needs the rights that `taskProtection` of the Fargate construct grants. Does nothing outside ECS.
   * @default - what the construct's `taskProtection` says
   */
  readonly taskProtection?: boolean;
  /** Whether `run()` stops at SIGTERM and SIGINT. @default true */
  readonly signals?: boolean;
}

/** Names of the options that make sense in every host; each host bounds the last two in its own way. */
const HOSTED = {
  queue: true,
  handlers: true,
  idempotency: true,
  store: true,
  outbox: true,
  onStoreOutage: true,
  consumer: true,
  rememberSeconds: true,
  handlerTimeoutSeconds: true,
  retry: true,
  errors: true,
  claimCheck: true,
  telemetry: true,
  onEvent: true,
  transport: true,
  clients: true,
  environment: true,
  clock: true,
  random: true,
  concurrency: true,
  abortGraceSeconds: true,
} satisfies Readonly<Record<keyof HandlerHostOptions | 'concurrency' | 'abortGraceSeconds', true>>;

/** Names of those of a host that receives by itself; what decides them elsewhere is the host. */
const LOOP = {
  circuitBreaker: true,
  prefetch: true,
  visibilityTimeoutSeconds: true,
  drainTimeoutSeconds: true,
  taskProtection: true,
  signals: true,
} satisfies Readonly<Record<Exclude<keyof QueueWorkerOptions, keyof typeof HOSTED>, true>>;

/** Names of those that make sense where the messages are brought by somebody else. */
export const HOSTED_OPTION_NAMES: readonly string[] = Object.keys(HOSTED);

/** Names of all options of a worker. */
export const WORKER_OPTION_NAMES: readonly string[] = [...HOSTED_OPTION_NAMES, ...Object.keys(LOOP)];

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

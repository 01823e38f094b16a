import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding } from '../../contract/binding.js';
import { readBinding } from '../../contract/binding-reader.js';
import { limitOf } from '../../contract/limits.js';
import type { Clock, Random } from '../../core/clock.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import {
  callbackViolations,
  choiceViolations,
  numberViolations,
  textViolations,
  unknownNames,
} from '../../core/options.js';
import type { BackoffCurve } from '../../core/retry/backoff.js';
import { errorPolicyViolations, type ErrorRule } from '../../core/retry/error-policy.js';
import { createSystemClock } from '../system/clock.js';
import { createSystemRandom } from '../system/random.js';
import type { MessageHandler } from './handler.js';
import type { WorkerEvent } from './worker-events.js';

/**
 * How copies of a message are kept from having an effect twice.
 *
 * | mode            | DynamoDB writes per message        | guarantee                                                        |
 * |-----------------|------------------------------------|------------------------------------------------------------------|
 * | `transactional` | 1 transaction (2 x your writes)    | effects written with `ctx.write` happen exactly once             |
 * | `lease`         | 2 (acquire, complete)              | one live handler per business id; repeated only after a crash    |
 * | `record-after`  | 1, and 1 read                      | copies one after the other are recognised; concurrent ones run   |
 * | `sequence`      | 1 (FIFO only; 1 row per group)     | redeliveries have no second effect through `ctx.write`           |
 * | `none`          | 0                                  | at least once: the handler must be safe to repeat                |
 */
export type IdempotencyMode = 'transactional' | 'lease' | 'record-after' | 'sequence' | 'none';

/** What a queue worker is made of. */
export interface QueueWorkerOptions {
  /** The construct id of the queue, looked up in the environment, or its binding itself. */
  readonly queue: string | QueueBinding;
  /** One handler per message type, made with `on`. Together they must cover what the queue carries. */
  readonly handlers: readonly MessageHandler[];
  /** @see IdempotencyMode */
  readonly idempotency: IdempotencyMode;
  /** Handlers that run at once, 1-1000. @default 10 */
  readonly concurrency?: number;
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
  /** Whether `run()` stops at SIGTERM and SIGINT. @default true */
  readonly signals?: boolean;
  /** Told everything that happens; must not throw. @default - nobody is told */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** SDK clients to use instead of the worker's own; they stay open at the end. @default - made from the binding */
  readonly clients?: { readonly sqs?: SQSClient; readonly dynamodb?: DynamoDBClient };
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  /** @default - Math.random */
  readonly random?: Random;
}

/** Defaults that need no binding, with their reasons in {@link QueueWorkerOptions}. */
export const QUEUE_WORKER_DEFAULTS = Object.freeze({
  concurrency: 10,
  drainTimeoutSeconds: 25,
  abortGraceSeconds: 3,
  retry: Object.freeze({ baseSeconds: 1, factor: 2, maxSeconds: 300 }),
  signals: true,
});

/** A message may wait this long in a dead-letter queue and still be redriven. */
const DLQ_RETENTION_SECONDS = limitOf('sqs.retention.max');

/** Options with every default filled in and every rule checked. */
export interface CompiledWorkerOptions {
  readonly binding: QueueBinding;
  readonly handlers: readonly MessageHandler[];
  readonly idempotency: IdempotencyMode;
  readonly concurrency: number;
  readonly consumer: string;
  readonly rememberSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly handlerTimeoutSeconds: number;
  readonly drainTimeoutSeconds: number;
  readonly abortGraceSeconds: number;
  readonly retry: BackoffCurve;
  readonly errors: readonly ErrorRule[];
  readonly signals: boolean;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly clients: { readonly sqs?: SQSClient; readonly dynamodb?: DynamoDBClient };
  readonly clock: Clock;
  readonly random: Random;
}

const OPTION_NAMES = [
  'queue',
  'handlers',
  'idempotency',
  'concurrency',
  'consumer',
  'rememberSeconds',
  'visibilityTimeoutSeconds',
  'handlerTimeoutSeconds',
  'drainTimeoutSeconds',
  'abortGraceSeconds',
  'retry',
  'errors',
  'signals',
  'onEvent',
  'clients',
  'environment',
  'clock',
  'random',
] as const satisfies readonly (keyof QueueWorkerOptions)[];

const MODES: readonly IdempotencyMode[] = ['transactional', 'lease', 'record-after', 'sequence', 'none'];

/**
 * Fills in defaults and checks options against each other and against the binding.
 * @throws {INVALID_OPTIONS} options that break a rule, all of them at once
 * @throws {BINDING_MISSING} {BINDING_INVALID} no usable binding in the environment
 * @throws {BINDING_MISMATCH} the declaration does not fit what was deployed
 */
export function compileWorkerOptions(
  options: QueueWorkerOptions,
  environment: Readonly<Record<string, string | undefined>>,
): CompiledWorkerOptions {
  refuseAll("createQueueWorker can't use these options", optionViolations(options));
  const { queue } = options;
  const binding =
    typeof queue === 'string' ? readBinding('queue', queue, options.environment ?? environment) : queue;
  const compiled = withDefaults(options, binding);
  refuseAll(
    `this worker does not fit the queue '${binding.name}' as it is deployed`,
    bindingViolations(compiled),
    'BINDING_MISMATCH',
  );
  return Object.freeze(compiled);
}

function withDefaults(options: QueueWorkerOptions, binding: QueueBinding): CompiledWorkerOptions {
  const defaults = QUEUE_WORKER_DEFAULTS;
  return {
    binding,
    handlers: [...options.handlers],
    idempotency: options.idempotency,
    concurrency: options.concurrency ?? defaults.concurrency,
    consumer: options.consumer ?? binding.name,
    rememberSeconds: options.rememberSeconds ?? binding.retentionSeconds + DLQ_RETENTION_SECONDS,
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds ?? binding.visibilityTimeoutSeconds,
    handlerTimeoutSeconds: options.handlerTimeoutSeconds ?? binding.handlerTimeoutSeconds,
    drainTimeoutSeconds: options.drainTimeoutSeconds ?? defaults.drainTimeoutSeconds,
    abortGraceSeconds: options.abortGraceSeconds ?? defaults.abortGraceSeconds,
    retry: compileRetry(options.retry ?? {}),
    errors: [...(options.errors ?? [])],
    signals: options.signals ?? defaults.signals,
    onEvent: options.onEvent ?? (() => undefined),
    clients: options.clients ?? {},
    clock: options.clock ?? createSystemClock(),
    random: options.random ?? createSystemRandom(),
  };
}

function compileRetry(retry: Partial<BackoffCurve>): BackoffCurve {
  const defaults = QUEUE_WORKER_DEFAULTS.retry;
  return {
    baseSeconds: retry.baseSeconds ?? defaults.baseSeconds,
    factor: retry.factor ?? defaults.factor,
    maxSeconds: retry.maxSeconds ?? defaults.maxSeconds,
  };
}

function optionViolations(options: QueueWorkerOptions): string[] {
  const { queue, retry } = options;
  const maxSeconds = limitOf('sqs.visibilityTimeout.max');
  const seconds = (
    name:
      | 'visibilityTimeoutSeconds'
      | 'handlerTimeoutSeconds'
      | 'drainTimeoutSeconds'
      | 'abortGraceSeconds'
      | 'rememberSeconds',
    min: number,
    max = maxSeconds,
  ): string[] =>
    options[name] === undefined ? [] : numberViolations(name, options[name], { min, max, unit: 'seconds' });
  return [
    ...unknownNames(options, OPTION_NAMES),
    ...(typeof queue === 'object' ? [] : textViolations('queue', queue)),
    ...handlerViolations(options.handlers),
    ...choiceViolations('idempotency', options.idempotency, MODES),
    ...(options.concurrency === undefined
      ? []
      : numberViolations('concurrency', options.concurrency, {
          min: 1,
          max: 1_000,
          whole: true,
          unit: 'handlers',
        })),
    ...(options.consumer === undefined ? [] : textViolations('consumer', options.consumer)),
    ...seconds('visibilityTimeoutSeconds', 2),
    ...seconds('handlerTimeoutSeconds', 1),
    ...seconds('drainTimeoutSeconds', 0),
    ...seconds('abortGraceSeconds', 0, 600),
    ...seconds('rememberSeconds', 60, Number.MAX_SAFE_INTEGER),
    ...(retry === undefined ? [] : retryViolations(retry)),
    ...errorPolicyViolations(options.errors ?? []),
    ...(options.signals === undefined || typeof options.signals === 'boolean'
      ? []
      : [`signals must be true or false, got ${typeof options.signals}`]),
    ...callbackViolations('onEvent', options.onEvent),
    ...unknownNames(options.clients ?? {}, ['sqs', 'dynamodb'], 'clients.'),
  ];
}

function handlerViolations(handlers: unknown): string[] {
  if (!Array.isArray(handlers) || handlers.length === 0)
    return ['handlers must list at least one handler made with on(Message, handler)'];
  const names = handlers.map((handler: Partial<MessageHandler> | undefined) => handler?.message?.name);
  if (names.includes(undefined)) return ['every handler must be made with on(Message, handler)'];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => `'${String(name)}' has more than one handler: keep one`);
}

function retryViolations(retry: Partial<BackoffCurve>): string[] {
  const bounds = { min: 0, max: limitOf('sqs.visibilityTimeout.max'), unit: 'seconds' };
  const { baseSeconds, factor, maxSeconds } = compileRetry(retry);
  return [
    ...unknownNames(retry, ['baseSeconds', 'factor', 'maxSeconds'], 'retry.'),
    ...numberViolations('retry.baseSeconds', baseSeconds, bounds),
    ...numberViolations('retry.factor', factor, { min: 1, max: 100, unit: 'times' }),
    ...numberViolations('retry.maxSeconds', maxSeconds, bounds),
  ];
}

function bindingViolations(options: CompiledWorkerOptions): string[] {
  const { binding, idempotency, handlers } = options;
  const handled = handlers.map(({ message }) => message.name);
  const carried = binding.messages.map(({ name }) => name);
  const unhandled = carried.filter((name) => !handled.includes(name));
  const unknown = handled.filter((name) => !carried.includes(name));
  const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
  const lists = `handlers: ${list(handled)}; queue: ${list(carried)}`;
  return [
    ...(unhandled.length === 0
      ? []
      : [
          `no handler for ${unhandled.join(', ')}, which the queue carries (${lists}): add handlers, or change the subscription`,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          `${unknown.join(', ')} never arrives here (${lists}): add it to the construct's messages, or take the handler out`,
        ]),
    ...versionViolations(options),
    ...(idempotency !== 'none' && binding.idempotency === undefined
      ? [
          `idempotency '${idempotency}' needs a table, and the queue has none: set idempotency: true on the construct, or use 'none'`,
        ]
      : []),
    ...(idempotency === 'sequence' && !binding.fifo
      ? [
          "idempotency 'sequence' needs a FIFO queue, and this one is standard: use 'transactional' or 'lease'",
        ]
      : []),
    ...(options.handlerTimeoutSeconds > limitOf('sqs.visibilityTimeout.max')
      ? [
          `a handler timeout of ${options.handlerTimeoutSeconds} s is longer than the ${limitOf('sqs.visibilityTimeout.max')} s a message can be held: shorten it`,
        ]
      : []),
  ];
}

/** A worker that knows less than what is published would dead-letter it: better not to start. */
function versionViolations({ binding, handlers }: CompiledWorkerOptions): string[] {
  return handlers.flatMap(({ message }) => {
    const carried = binding.messages.find(({ name }) => name === message.name);
    return carried !== undefined && carried.version > message.version
      ? [
          `the queue carries '${message.name}' in version ${carried.version}, this worker knows ${message.version}: deploy the worker with the newer declaration`,
        ]
      : [];
  });
}

/** A violation of the worker's lifecycle. */
export function stoppedError(what: string): MillraceError {
  return new MillraceError('STOPPED', `${what} was stopped and can't be started again: make a new one`);
}

import { limitOf } from '../../contract/limits.js';
import {
  callbackViolations,
  choiceViolations,
  numberViolations,
  textViolations,
  unknownNames,
} from '../../core/options.js';
import { TRANSPORTS } from '../aws/transport.js';
import type { BackoffCurve } from '../../core/retry/backoff.js';
import { errorPolicyViolations } from '../../core/retry/error-policy.js';
import { claimCheckReadViolations } from '../claim-check/claim-check-options.js';
import { storeViolations } from '../idempotency/store-rules.js';
import type { IdempotencyMode } from '../idempotency/modes.js';
import { telemetryViolations } from '../observability/telemetry.js';
import type { MessageHandler } from './handler.js';
import { overloadViolations } from './overload-options.js';
import { compileRetry, type CompiledWorkerOptions, type QueueWorkerOptions } from './worker-options.js';

/** Which host's options are checked: the rules are the same, the set of options is not. */
export interface OptionHost {
  /** The function that takes them, for the words of an error. */
  readonly factory: string;
  readonly optionNames: readonly string[];
  readonly leastAbortGraceSeconds: number;
  /** Whether it receives by itself: only then can it adapt how much. */
  readonly hasLoop: boolean;
}

const MODES: readonly IdempotencyMode[] = ['transactional', 'lease', 'record-after', 'sequence', 'none'];

/** What is wrong with options by themselves, all of it. */
export function optionViolations(options: QueueWorkerOptions, host: OptionHost): string[] {
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
    ...unknownNames(options, host.optionNames),
    ...(typeof queue === 'object' ? [] : textViolations('queue', queue)),
    ...handlerViolations(options.handlers),
    ...choiceViolations('idempotency', options.idempotency, MODES),
    ...overloadViolations(options),
    ...(typeof options.concurrency === 'object' && !host.hasLoop
      ? ['concurrency must be one number here: how many batches run at once is up to Lambda']
      : []),
    ...storeViolations(options),
    ...(options.consumer === undefined ? [] : consumerViolations(options.consumer)),
    ...seconds('visibilityTimeoutSeconds', 2),
    ...seconds('handlerTimeoutSeconds', 1),
    ...seconds('drainTimeoutSeconds', 0),
    ...seconds('abortGraceSeconds', host.leastAbortGraceSeconds, 600),
    ...seconds('rememberSeconds', 60, Number.MAX_SAFE_INTEGER),
    ...(retry === undefined ? [] : retryViolations(retry)),
    ...errorPolicyViolations(options.errors ?? []),
    ...switchViolations(options, ['signals', 'taskProtection']),
    ...claimCheckReadViolations(options.claimCheck),
    ...telemetryViolations(options.telemetry),
    ...callbackViolations('onEvent', options.onEvent),
    ...(options.transport === undefined ? [] : choiceViolations('transport', options.transport, TRANSPORTS)),
    ...unknownNames(options.clients ?? {}, ['sqs', 'dynamodb', 's3'], 'clients.'),
  ];
}

function switchViolations(
  options: QueueWorkerOptions,
  names: readonly ('signals' | 'taskProtection')[],
): string[] {
  return names
    .filter((name) => options[name] !== undefined && typeof options[name] !== 'boolean')
    .map((name) => `${name} must be true or false, got ${typeof options[name]}`);
}

/** Keys are `<consumer>#<message type>#<business id>`: a separator of its own would let two consumers share one. */
function consumerViolations(consumer: string): string[] {
  const violations = textViolations('consumer', consumer);
  return violations.length === 0 && consumer.includes('#')
    ? [`consumer must not contain '#', which separates the parts of idempotency keys, got '${consumer}'`]
    : violations;
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

/** Where options and the deployed queue disagree, all of it. */
export function bindingViolations(options: CompiledWorkerOptions): string[] {
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
    ...(idempotency !== 'none' && options.store === undefined && binding.idempotency === undefined
      ? [
          `idempotency '${idempotency}' needs a table, and the queue has none: set idempotency: true on the construct, give a store, or use 'none'`,
        ]
      : []),
    ...(idempotency === 'sequence' && !binding.fifo
      ? [
          "idempotency 'sequence' needs a FIFO queue, and this one is standard: use 'transactional' or 'lease'",
        ]
      : []),
    ...(idempotency !== 'none' && options.rememberSeconds <= options.handlerTimeoutSeconds
      ? [
          `records are remembered for ${options.rememberSeconds} s, and a handler may run for ${options.handlerTimeoutSeconds} s: its record must outlive it, raise rememberSeconds`,
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

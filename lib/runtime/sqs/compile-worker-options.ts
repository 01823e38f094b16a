import { TASK_PROTECTION_VARIABLE, type QueueBinding } from '../../contract/binding.js';
import { readBinding } from '../../contract/binding-reader.js';
import { limitOf } from '../../contract/limits.js';
import { MillraceError, refuseAll } from '../../core/errors.js';
import { compileClaimCheckReading } from '../claim-check/claim-check-options.js';
import { compilePublisherOptions } from '../sns/publisher-options.js';
import { compileTelemetry } from '../observability/telemetry.js';
import { createSystemClock } from '../system/clock.js';
import { createSystemRandom } from '../system/random.js';
import { compileBreaker, compileConcurrency, compilePrefetch } from './overload-options.js';
import { bindingViolations, optionViolations, type OptionHost } from './worker-option-rules.js';
import {
  compileRetry,
  QUEUE_WORKER_DEFAULTS,
  WORKER_OPTION_NAMES,
  type CompiledWorkerOptions,
  type QueueWorkerOptions,
  type TaskProtectionSettings,
} from './worker-options.js';

const QUEUE_WORKER: OptionHost = {
  factory: 'createQueueWorker',
  leastAbortGraceSeconds: 0,
  hasLoop: true,
  optionNames: WORKER_OPTION_NAMES,
};

/** A message may wait this long in a dead-letter queue and still be redriven. */
const DLQ_RETENTION_SECONDS = limitOf('sqs.retention.max');

/**
 * Fills in defaults and checks options against each other and against the binding.
 * @throws {INVALID_OPTIONS} options that break a rule, all of them at once
 * @throws {BINDING_MISSING} {BINDING_INVALID} no usable binding in the environment
 * @throws {BINDING_MISMATCH} the declaration does not fit what was deployed
 */
export function compileWorkerOptions(
  options: QueueWorkerOptions,
  environment: Readonly<Record<string, string | undefined>>,
  host: OptionHost = QUEUE_WORKER,
): CompiledWorkerOptions {
  refuseAll(`${host.factory} can't use these options`, optionViolations(options, host));
  const { queue } = options;
  const binding =
    typeof queue === 'string' ? readBinding('queue', queue, options.environment ?? environment) : queue;
  const compiled = withDefaults(options, { binding, environment: options.environment ?? environment });
  refuseAll(
    `this worker does not fit the queue '${binding.name}' as it is deployed`,
    bindingViolations(compiled),
    'BINDING_MISMATCH',
  );
  return Object.freeze(compiled);
}

interface Deployed {
  readonly binding: QueueBinding;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

function withDefaults(
  options: QueueWorkerOptions,
  { binding, environment }: Deployed,
): CompiledWorkerOptions {
  const defaults = QUEUE_WORKER_DEFAULTS;
  return {
    binding,
    handlers: [...options.handlers],
    idempotency: options.idempotency,
    concurrency: compileConcurrency(options.concurrency ?? defaults.concurrency),
    breaker: compileBreaker(options.circuitBreaker),
    prefetch: compilePrefetch(options.prefetch),
    store: options.store,
    outbox: Object.fromEntries(
      Object.entries(options.outbox ?? {}).map(([to, destination]) => [
        to,
        // Observed like the worker, unless it says otherwise: what a handler publishes joins its trace.
        compilePublisherOptions(
          destination.telemetry === undefined && options.telemetry !== undefined
            ? { ...destination, telemetry: options.telemetry }
            : destination,
          environment,
        ),
      ]),
    ),
    onStoreOutage: options.onStoreOutage ?? defaults.onStoreOutage,
    consumer: options.consumer ?? binding.name,
    rememberSeconds: options.rememberSeconds ?? binding.retentionSeconds + DLQ_RETENTION_SECONDS,
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds ?? binding.visibilityTimeoutSeconds,
    handlerTimeoutSeconds: options.handlerTimeoutSeconds ?? binding.handlerTimeoutSeconds,
    drainTimeoutSeconds: options.drainTimeoutSeconds ?? defaults.drainTimeoutSeconds,
    abortGraceSeconds: options.abortGraceSeconds ?? defaults.abortGraceSeconds,
    retry: compileRetry(options.retry ?? {}),
    errors: [...(options.errors ?? [])],
    claimCheck: compileClaimCheckReading(options.claimCheck, binding, options.idempotency !== 'none'),
    taskProtection: compileTaskProtection(options, { binding, environment }),
    signals: options.signals ?? defaults.signals,
    telemetry: compileTelemetry(options.telemetry),
    onEvent: options.onEvent ?? (() => undefined),
    transport: options.transport ?? defaults.transport,
    clients: options.clients ?? {},
    clock: options.clock ?? createSystemClock(),
    random: options.random ?? createSystemRandom(),
  };
}

function compileTaskProtection(
  options: QueueWorkerOptions,
  { binding, environment }: Deployed,
): TaskProtectionSettings | undefined {
  const isWanted = options.taskProtection ?? environment[TASK_PROTECTION_VARIABLE] === 'true';
  const agentUri = environment['ECS_AGENT_URI'] ?? '';
  if (!isWanted || agentUri === '') return undefined;
  const handlerMinutes = (options.handlerTimeoutSeconds ?? binding.handlerTimeoutSeconds) / 60;
  return { agentUri, minutes: Math.min(2_880, Math.max(10, Math.ceil(2 * handlerMinutes))) };
}

/** A violation of the worker's lifecycle. */
export function stoppedError(what: string): MillraceError {
  return new MillraceError('STOPPED', `${what} was stopped and can't be started again: make a new one`);
}

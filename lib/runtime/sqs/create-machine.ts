import { QueueMachine } from '../../core/delivery/machine.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** The machine that decides for a worker with these options. */
export function createMachine(options: CompiledWorkerOptions): QueueMachine {
  return new QueueMachine({
    concurrency: options.concurrency,
    breaker: options.breaker,
    prefetch: options.prefetch,
    fifo: options.binding.fifo,
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
    handlerTimeoutMs: options.handlerTimeoutSeconds * 1_000,
    abortGraceMs: options.abortGraceSeconds * 1_000,
    drainMs: options.drainTimeoutSeconds * 1_000,
  });
}

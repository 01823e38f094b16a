import { MillraceError } from '../../core/errors.js';
import type { HandlerAbortCause } from './holding.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** What a handler finds as the reason of its signal. */
export function abortReason(cause: HandlerAbortCause, options: CompiledWorkerOptions): MillraceError {
  switch (cause) {
    case 'lost':
      return new MillraceError(
        'OWNERSHIP_LOST',
        'the message is no longer held, somebody else may be handling it: end now',
      );
    case 'timeout':
      return new MillraceError(
        'HANDLER_TIMEOUT',
        `the handler has run for ${options.handlerTimeoutSeconds} s, which is all it was given: end now`,
      );
    case 'deadline':
      return new MillraceError(
        'HANDLER_TIMEOUT',
        'the invocation is about to end, and the message is reported as failed: end now',
      );
    case 'stop':
      return new MillraceError('STOPPED', 'the worker is stopping and the drain time is over: end now');
  }
}

/** A handler threw after it was asked to end because its time was over; what it threw is the cause. */
export function overtimeError(
  cause: 'timeout' | 'deadline',
  options: CompiledWorkerOptions,
  thrown: unknown,
): MillraceError {
  return new MillraceError(
    'HANDLER_TIMEOUT',
    cause === 'timeout'
      ? `the handler ran longer than ${options.handlerTimeoutSeconds} s and was asked to end; raise handlerTimeout on the construct or make it faster`
      : "the handler was asked to end because its invocation was about to; raise the function's timeout, lower batchSize or make it faster",
    { cause: thrown },
  );
}

/** Handlers had to be left behind at a stop. */
export function drainTimeout(options: CompiledWorkerOptions): MillraceError {
  return new MillraceError(
    'DRAIN_TIMEOUT',
    `a handler did not end within ${options.drainTimeoutSeconds} s and ${options.abortGraceSeconds} s of grace after the stop; its message comes back when its visibility timeout ends: pass ctx.signal on, or raise drainTimeoutSeconds`,
  );
}

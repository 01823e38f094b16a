import type { AbortCause } from '../../core/delivery/delivery.js';
import { MillraceError } from '../../core/errors.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** What a handler finds as the reason of its signal. */
export function abortReason(cause: AbortCause, options: CompiledWorkerOptions): MillraceError {
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
    case 'stop':
      return new MillraceError('STOPPED', 'the worker is stopping and the drain time is over: end now');
  }
}

/** Handlers had to be left behind at a stop. */
export function drainTimeout(options: CompiledWorkerOptions): MillraceError {
  return new MillraceError(
    'DRAIN_TIMEOUT',
    `a handler did not end within ${options.drainTimeoutSeconds} s and ${options.abortGraceSeconds} s of grace after the stop; its message comes back when its visibility timeout ends: pass ctx.signal on, or raise drainTimeoutSeconds`,
  );
}

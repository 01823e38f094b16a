import { MillraceError } from '../../core/errors.js';
import type { IdempotencyGuard } from './guard.js';

/**
 * Mode `none`: every delivery is handled. SQS delivers at least once, so handlers must be safe to repeat by themselves.
 */
export function createPlainGuard(): IdempotencyGuard {
  return {
    takesWrites: false,
    handle: async (_message, scope) => {
      try {
        await scope.run(refuseWrite);
      } catch (error) {
        return { kind: 'failed', error };
      }
      return scope.isHeld() ? { kind: 'handled', isRecorded: true } : { kind: 'lost' };
    },
  };
}

/** `ctx.write` where no transaction follows. */
export function refuseWrite(): never {
  throw new MillraceError(
    'INVALID_OPTIONS',
    "ctx.write needs idempotency: 'transactional': in the other modes write with your own client, or change the mode",
  );
}

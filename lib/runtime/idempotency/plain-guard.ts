import { MillraceError } from '../../core/errors.js';
import type { GuardOutcome, HandlerEffects, HandlingScope, IdempotencyGuard } from './guard.js';
import { runGuarded } from './guarded-run.js';

/**
 * Mode `none`: every delivery is handled. SQS delivers at least once, so handlers must be safe to repeat by themselves.
 */
export function createPlainGuard(): IdempotencyGuard {
  return { handle: (_message, scope) => runPlainly(scope) };
}

/** Runs a handler without any record. */
export function runPlainly(scope: HandlingScope): Promise<GuardOutcome> {
  return runGuarded(scope, {
    run: () => scope.run(NO_EFFECTS),
    conclude: () => HANDLED,
  });
}

const HANDLED: GuardOutcome = { kind: 'handled', isRecorded: true };

/** The context where no transaction follows. */
export const NO_EFFECTS: HandlerEffects = Object.freeze({
  write: refuseWrite,
  sql: refuseSql,
  publish: refusePublish,
});

/** `ctx.write` where no DynamoDB transaction follows. */
export function refuseWrite(): never {
  throw new MillraceError(
    'INVALID_OPTIONS',
    "ctx.write needs idempotency: 'transactional' (or 'sequence') on the queue's own DynamoDB table: elsewhere write with your own client, or change the mode",
  );
}

/** `ctx.publish` where no transaction follows. */
export function refusePublish(): never {
  throw new MillraceError(
    'INVALID_OPTIONS',
    "ctx.publish needs idempotency: 'transactional': elsewhere publish with a publisher of your own, or change the mode",
  );
}

/** `ctx.sql` where no SQL transaction is open. */
export function refuseSql(): Promise<never> {
  return Promise.reject(
    new MillraceError(
      'INVALID_OPTIONS',
      "ctx.sql needs idempotency: 'transactional' and a store made with createPostgresStore: elsewhere query with your own client, or change the mode",
    ),
  );
}

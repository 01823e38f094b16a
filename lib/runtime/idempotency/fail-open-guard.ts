import type { IdempotencyGuard } from './guard.js';
import { runPlainly } from './plain-guard.js';

/**
 * Lets messages through while the store can't be reached, each told with the error. Only around guards that ask the store
 * before the handler runs and never after it: `unavailable` then means that nothing was done.
 */
export function createFailOpenGuard(guard: IdempotencyGuard): IdempotencyGuard {
  return {
    handle: async (message, scope) => {
      const outcome = await guard.handle(message, scope);
      if (outcome.kind !== 'unavailable') return outcome;
      scope.bypass(outcome.error);
      const plain = await runPlainly(scope);
      return plain.kind === 'handled' ? { ...plain, isRecorded: false } : plain;
    },
  };
}

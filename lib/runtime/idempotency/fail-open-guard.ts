import type { HandlingScope, IdempotencyGuard, RenewableFence } from './guard.js';
import { runPlainly } from './plain-guard.js';

/**
 * Lets messages through while the store can't be reached, each told with the error. Only around guards that ask the store
 * before the handler runs and never after it: `unavailable` then means that nothing was done. A handler that runs when the
 * store goes keeps its message, too: ended for the sake of a lease that nobody can take, it would surely be repeated.
 */
export function createFailOpenGuard(guard: IdempotencyGuard): IdempotencyGuard {
  return {
    handle: async (message, scope) => {
      const outcome = await guard.handle(message, {
        ...scope,
        keep: (fence) => scope.keep(fence && keptOpen(fence, scope)),
      });
      if (outcome.kind !== 'unavailable') return outcome;
      scope.bypass(outcome.error);
      const plain = await runPlainly(scope);
      return plain.kind === 'handled' ? { ...plain, isRecorded: false } : plain;
    },
  };
}

/** A fence that counts as kept while nobody can tell, which is told once. */
function keptOpen(fence: RenewableFence, { bypass }: Pick<HandlingScope, 'bypass'>): RenewableFence {
  let isTold = false;
  return {
    renew: async (leaseMs) => {
      try {
        return await fence.renew(leaseMs);
      } catch (error) {
        if (!isTold) bypass(error);
        isTold = true;
        return 'kept';
      }
    },
  };
}

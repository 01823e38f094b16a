import type { BreakerState } from '../../core/delivery/circuit-breaker.js';
import type { WorkerTally } from './worker-tally.js';

/** Tells that receiving has stopped or goes on; that one message is tried is no news. */
export function tellOfBreaker(state: BreakerState, now: number, tally: WorkerTally): void {
  switch (state.kind) {
    case 'open': {
      const { failureShare, until } = state;
      tally.tell({ kind: 'receivingPaused', failureShare, retryInMs: until - now });
      return;
    }
    case 'half-open':
      return;
    case 'closed':
      tally.tell({ kind: 'receivingResumed' });
      return;
  }
}

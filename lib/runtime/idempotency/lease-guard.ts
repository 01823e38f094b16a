import type { GuardedMessage, GuardOutcome, GuardParts, HandlingScope, IdempotencyGuard } from './guard.js';
import { NO_EFFECTS } from './plain-guard.js';
import type { Fence, LeaseStore } from './store.js';

/** Tries to tell the store that the work is done, before the message is deleted without it. */
const COMPLETE_TRIES = 3;

/**
 * Mode `lease`: a fenced record is acquired before the handler runs and completed after it. One live handler per business
 * id; a crash lets the next one start once the lease is over, and what the crashed one did may happen again.
 */
export function createLeaseGuard(store: LeaseStore, parts: GuardParts): IdempotencyGuard {
  return { handle: (message, scope) => handle(store, parts, { message, scope }) };
}

interface Work {
  readonly message: GuardedMessage;
  readonly scope: HandlingScope;
}

async function handle(store: LeaseStore, parts: GuardParts, work: Work): Promise<GuardOutcome> {
  const { message, scope } = work;
  const now = parts.clock.now();
  try {
    const acquisition = await store.acquire({
      key: message.key,
      hash: message.hash,
      owner: message.attempt,
      leaseMs: scope.leaseMs,
      now,
      expiresAt: Math.floor(now / 1_000) + parts.retentionSeconds,
    });
    switch (acquisition.kind) {
      case 'completed':
        return { kind: 'duplicate' };
      case 'in-progress':
      case 'mismatch':
        return acquisition;
      case 'acquired':
        return await runFenced(store, parts, { ...work, fence: acquisition.fence });
    }
  } catch (error) {
    return { kind: 'unavailable', error };
  }
}

async function runFenced(
  store: LeaseStore,
  parts: GuardParts,
  work: Work & { readonly fence: Fence },
): Promise<GuardOutcome> {
  const { scope, fence } = work;
  scope.keep({ renew: (leaseMs) => store.renew(fence, parts.clock.now() + leaseMs) });
  try {
    await scope.run(NO_EFFECTS);
  } catch (error) {
    scope.keep(undefined);
    // If this fails too, the next try waits for the end of the lease: late, but never doubled.
    await store.release(fence).catch(() => undefined);
    return { kind: 'failed', error };
  }
  scope.keep(undefined);
  if (!scope.isHeld()) {
    await store.release(fence).catch(() => undefined);
    return { kind: 'lost' };
  }
  return complete(store, fence);
}

async function complete(store: LeaseStore, fence: Fence): Promise<GuardOutcome> {
  for (let attempt = 1; attempt <= COMPLETE_TRIES; attempt += 1) {
    try {
      const answer = await store.complete(fence);
      return answer === 'kept' ? { kind: 'handled', isRecorded: true } : { kind: 'lost' };
    } catch {
      // The work is done; another try, then the message is deleted all the same: leaving it would surely repeat the work.
    }
  }
  return { kind: 'handled', isRecorded: false };
}

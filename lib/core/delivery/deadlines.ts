import { decideExtensionSeconds, heldUntil, renewalDueAt, type ClaimRules } from './claim.js';
import type { AbortCause, Delivery } from './delivery.js';

/** What the deadlines of deliveries are counted from; milliseconds of one monotonic clock. */
export interface Deadlines {
  readonly claims: ClaimRules;
  readonly handlerTimeoutMs: number;
  readonly abortGraceMs: number;
  /** When a drain is over; Infinity while nobody drains. */
  readonly drainUntil: number;
}

/** When the claim of this delivery is to be renewed; Infinity when nothing can be gained by it any more. */
export function renewalAt(delivery: Delivery, claims: ClaimRules): number {
  const due = Math.max(renewalDueAt(delivery.claim, claims), delivery.renewNotBefore);
  return decideExtensionSeconds(delivery.claim, due, claims) === 0 ? Infinity : due;
}

/** When time next does something to this delivery; Infinity while only events can. */
export function dueAt(delivery: Delivery, deadlines: Deadlines): number {
  const { phase, claim } = delivery;
  const { claims, abortGraceMs } = deadlines;
  const end = heldUntil(claim, claims);
  switch (phase.kind) {
    case 'lost':
      return phase.at + abortGraceMs;
    case 'releasing':
      return Infinity;
    case 'deleting':
      return end;
    case 'buffered':
    case 'dead-lettering':
      return delivery.isRenewing ? end : Math.min(end, renewalAt(delivery, claims));
    case 'handling': {
      const askAt = Math.min(phase.startedAt + deadlines.handlerTimeoutMs, deadlines.drainUntil);
      const handlerDue = phase.abortedAt === undefined ? askAt : phase.abortedAt + abortGraceMs;
      return Math.min(end, handlerDue, delivery.isRenewing ? Infinity : renewalAt(delivery, claims));
    }
  }
}

/** Why a handler that started then is to be asked to end now, if it is. */
export function decideAbort(startedAt: number, now: number, deadlines: Deadlines): AbortCause | undefined {
  if (now >= deadlines.drainUntil) return 'stop';
  return now >= startedAt + deadlines.handlerTimeoutMs ? 'timeout' : undefined;
}

import { decideExtensionSeconds, heldUntil, isHeld, renewalDueAt, type ClaimRules } from './claim.js';
import type { AbortCause, Delivery, LossCause, Phase } from './delivery.js';

/** What a delete gets once the drain time is over, milliseconds: a handler may have ended at its very end. */
const LAST_DELETE_MS = 5_000;

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
    case 'deleting': {
      const { retryAt = Infinity } = phase;
      const renewDue = delivery.isRenewing ? Infinity : renewalAt(delivery, claims);
      return Math.min(end, retryAt, renewDue, deletableUntil(phase, deadlines));
    }
    case 'buffered':
    case 'parked':
    case 'dead-lettering':
      return delivery.isRenewing ? end : Math.min(end, renewalAt(delivery, claims));
    case 'handling': {
      const askAt = Math.min(phase.startedAt + deadlines.handlerTimeoutMs, deadlines.drainUntil);
      const handlerDue = phase.abortedAt === undefined ? askAt : phase.abortedAt + abortGraceMs;
      return Math.min(end, handlerDue, delivery.isRenewing ? Infinity : renewalAt(delivery, claims));
    }
  }
}

/** What time has made of a delivery. */
export type Overdue =
  /** Its handler did not end though it was asked to. */
  | { readonly kind: 'abandon' }
  | { readonly kind: 'lose'; readonly cause: LossCause }
  | { readonly kind: 'retry-delete' }
  | { readonly kind: 'abort'; readonly cause: AbortCause };

/** Everything that time does to one delivery, but renewals: those are decided for many at once. */
export function decideOverdue(delivery: Delivery, now: number, deadlines: Deadlines): Overdue | undefined {
  const { phase, claim } = delivery;
  const { claims, abortGraceMs } = deadlines;
  if (phase.kind === 'lost') return now >= phase.at + abortGraceMs ? { kind: 'abandon' } : undefined;
  if (phase.kind !== 'releasing' && !isHeld(claim, now, claims)) {
    const isAtLimit = decideExtensionSeconds(claim, now, claims) === 0;
    return { kind: 'lose', cause: isAtLimit ? 'held-too-long' : 'expired' };
  }
  if (phase.kind === 'deleting') return decideDelete(phase, now, deadlines);
  if (phase.kind !== 'handling') return undefined;
  if (phase.abortedAt !== undefined)
    return now >= phase.abortedAt + abortGraceMs ? { kind: 'abandon' } : undefined;
  const cause = decideAbort(phase.startedAt, now, deadlines);
  return cause && { kind: 'abort', cause };
}

type Deleting = Extract<Phase, { kind: 'deleting' }>;

/** A delete is tried for as long as the message is ours: only a stop sets it an end, shortly after that of the last handlers. */
function deletableUntil({ since }: Deleting, { drainUntil, abortGraceMs }: Deadlines): number {
  return Math.max(drainUntil + abortGraceMs, since + LAST_DELETE_MS);
}

function decideDelete(phase: Deleting, now: number, deadlines: Deadlines): Overdue | undefined {
  if (now >= deletableUntil(phase, deadlines)) return { kind: 'lose', cause: 'not-deleted' };
  return phase.retryAt !== undefined && now >= phase.retryAt ? { kind: 'retry-delete' } : undefined;
}

/** Why a handler that started then is to be asked to end now, if it is. */
function decideAbort(startedAt: number, now: number, deadlines: Deadlines): AbortCause | undefined {
  if (now >= deadlines.drainUntil) return 'stop';
  return now >= startedAt + deadlines.handlerTimeoutMs ? 'timeout' : undefined;
}

/**
 * How long a received message is ours. SQS starts the visibility timeout when it picks the message, somewhere between
 * the moment our request left and the moment its answer came; only the first of the two is safe to count from. All
 * times are milliseconds of one monotonic clock.
 */
export interface Claim {
  /** When the receive request left: nothing of this message was ours before, and the 12 hours count from here. */
  readonly since: number;
  /** The earliest moment at which SQS may hand the message to somebody else. */
  readonly visibleAt: number;
}

/** The times a claim is kept by, all milliseconds. Made by {@link compileClaimRules}. */
export interface ClaimRules {
  readonly visibilityMs: number;
  /** A claim is no longer used this long before it ends: a call needs time to arrive. */
  readonly marginMs: number;
  /** A claim is renewed this long before it ends. */
  readonly renewLeadMs: number;
  /** Wait between two tries of a renewal that failed. */
  readonly renewRetryMs: number;
}

/** No message can be held longer, whatever is extended. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const MAX_HOLD_MS = 43_200_000;

/** Times that fit a visibility timeout: renewed with 30 % left, which leaves five tries before the margin. */
export function compileClaimRules(visibilityTimeoutSeconds: number): ClaimRules {
  const visibilityMs = visibilityTimeoutSeconds * 1_000;
  return Object.freeze({
    visibilityMs,
    marginMs: Math.min(2_000, visibilityMs * 0.05),
    renewLeadMs: visibilityMs * 0.3,
    renewRetryMs: visibilityMs * 0.05,
  });
}

/** The claim on a message whose receive request left at `requestedAt`. */
export function claimFrom(requestedAt: number, rules: ClaimRules): Claim {
  return { since: requestedAt, visibleAt: requestedAt + rules.visibilityMs };
}

/** The claim after a visibility change whose request left at `requestedAt`: the timeout is set from now, not added. */
export function extendClaim(claim: Claim, requestedAt: number, seconds: number): Claim {
  return { since: claim.since, visibleAt: requestedAt + seconds * 1_000 };
}

/** Whether a call made now may still use the claim. */
export function isHeld(claim: Claim, now: number, rules: ClaimRules): boolean {
  return now < claim.visibleAt - rules.marginMs;
}

/** When {@link isHeld} turns false. */
export function heldUntil(claim: Claim, rules: ClaimRules): number {
  return claim.visibleAt - rules.marginMs;
}

/** When the claim should be renewed. */
export function renewalDueAt(claim: Claim, rules: ClaimRules): number {
  return claim.visibleAt - rules.renewLeadMs;
}

/**
 * The visibility timeout to ask for now, whole seconds; 0 when nothing can be gained any more, because a message can be
 * held for 12 hours at most and SQS refuses (it does not shorten) what goes beyond.
 */
export function decideExtensionSeconds(claim: Claim, now: number, rules: ClaimRules): number {
  const latest = claim.since + MAX_HOLD_MS;
  const seconds = Math.floor(Math.min(rules.visibilityMs, latest - now) / 1_000);
  return seconds > 0 && now + seconds * 1_000 > claim.visibleAt ? seconds : 0;
}

/** A release may wait for a renewal that is out, and has to arrive before its time is counted, milliseconds. */
const RELEASE_SLACK_MS = 60_000;

/**
 * The wait to give a message back with: what is wanted, or as much as is left of the 12 hours since its receive. SQS refuses
 * a longer one, and the message would come back with the end of its visibility timeout.
 */
export function decideReleaseSeconds(wanted: number, { since }: Pick<Claim, 'since'>, now: number): number {
  const longest = Math.floor((since + MAX_HOLD_MS - RELEASE_SLACK_MS - now) / 1_000);
  return Math.max(0, Math.min(wanted, longest));
}

/**
 * How long a poll may wait, so that a message which arrives at its very end is still ours for a third of the visibility
 * timeout: 20 s from 30 s of visibility on, less below.
 */
export function decideLongPollSeconds(visibilityTimeoutSeconds: number, maxSeconds: number): number {
  return Math.max(1, Math.min(maxSeconds, Math.floor((visibilityTimeoutSeconds * 2) / 3)));
}

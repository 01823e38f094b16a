import { claimFrom, extendClaim, isHeld, type Claim, type ClaimRules } from './claim.js';

/** Why the right to a message was lost. */
export type LossCause =
  /** Its visibility timeout ran out: renewals failed, or the process was stopped for too long. */
  | 'expired'
  /** It was held for the 12 hours SQS allows. */
  | 'held-too-long'
  /** SQS refused the receipt handle. */
  | 'handle-refused'
  /** The idempotency record has gone to somebody else. */
  | 'fence-lost'
  /** It is done, but its delete failed until the drain time was over: it comes back. */
  | 'not-deleted';

/** Why a handler is asked to end. */
export type AbortCause = 'lost' | 'timeout' | 'stop';

/** What the handling of a message came to. */
export type HandlingOutcome =
  /** Done, now or by an earlier copy: the message can go. */
  | { readonly kind: 'done' }
  /** To be tried again by whoever receives it then. */
  | { readonly kind: 'retry'; readonly afterSeconds: number }
  /** It will never succeed: to the dead-letter queue. */
  | { readonly kind: 'poison' }
  /** The fence was lost: nothing may be done with the message. */
  | { readonly kind: 'lost' };

/** Where a message is on its way through the worker. */
export type Phase =
  | { readonly kind: 'buffered' }
  | { readonly kind: 'handling'; readonly startedAt: number; readonly abortedAt?: number }
  /** Its handler failed, and giving it back would use up its last receive: kept in hand until its handler starts again. */
  | { readonly kind: 'parked' }
  | { readonly kind: 'dead-lettering' }
  /** `retryAt` is set from a delete that failed to the next try. */
  | { readonly kind: 'deleting'; readonly since: number; readonly retryAt?: number }
  | { readonly kind: 'releasing' }
  /** No longer ours, while its handler has not ended yet. */
  | { readonly kind: 'lost'; readonly at: number };

/** One received message and the right to it. `key` is local: one message received twice is two deliveries. */
export interface Delivery {
  readonly key: number;
  /** What it is in every receive: SQS's message id. @default - this delivery is all there is of it */
  readonly message?: string | undefined;
  /** Number of the receive call that brought it: deletes of one receive stay together on FIFO. */
  readonly receive: number;
  readonly group?: string | undefined;
  /** How often SQS will still hand it out before it moves it to the dead-letter queue. @default - very often */
  readonly receivesLeft?: number | undefined;
  /** How often it was kept in hand since it was received. @default 0 */
  readonly parkings?: number;
  readonly claim: Claim;
  readonly isRenewing: boolean;
  /** Not before this a failed renewal is tried again. */
  readonly renewNotBefore: number;
  readonly phase: Phase;
}

/** What happens to one delivery. */
export type DeliveryEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'settled'; readonly outcome: HandlingOutcome }
  | { readonly kind: 'abort' }
  | { readonly kind: 'give-up' }
  | { readonly kind: 'expire'; readonly cause: LossCause }
  | { readonly kind: 'release' }
  /** `costs` is what it uses up of the receives that are left: a try in hand counts like a receive, sitting out an outage doesn't. */
  | { readonly kind: 'park'; readonly costs: 0 | 1 }
  | { readonly kind: 'dead-lettered' }
  | { readonly kind: 'delete-failed'; readonly retryAt: number }
  | { readonly kind: 'retry-delete' }
  | { readonly kind: 'renewing' }
  | { readonly kind: 'renewed'; readonly requestedAt: number; readonly seconds: number }
  | { readonly kind: 'renewal-failed' }
  | { readonly kind: 'finished' };

/** What the worker is to do about it. */
export type DeliveryAction =
  | 'start'
  | 'delete'
  | 'dead-letter'
  /** Not ours any more: say so and, if a handler runs, abort it. */
  | 'lost'
  | 'abort';

/** A delivery after an event; `undefined` once nothing is left to do for it. */
export interface Transition {
  readonly next: Delivery | undefined;
  readonly actions: readonly DeliveryAction[];
}

/** A message as it arrives. */
export type Arrival = Pick<Delivery, 'key' | 'message' | 'group' | 'receivesLeft'>;

/** The delivery of a message that a receive call brought, whose request left at `requestedAt`. */
export function arrive(arrival: Arrival, receive: number, requestedAt: number, rules: ClaimRules): Delivery {
  const { key, message, group, receivesLeft } = arrival;
  return {
    key,
    message,
    receive,
    group,
    receivesLeft,
    claim: claimFrom(requestedAt, rules),
    isRenewing: false,
    renewNotBefore: 0,
    phase: { kind: 'buffered' },
  };
}

/** Whether a renewal keeps this delivery alive: not while it is being given back (a late renewal would undo the backoff). */
export function needsRenewal(delivery: Delivery): boolean {
  return !delivery.isRenewing && isKept(delivery);
}

/** Whether it is to stay invisible for now: what is done, too, until it is deleted, or somebody else would do it again. */
export function isKept({ phase }: Delivery): boolean {
  switch (phase.kind) {
    case 'buffered':
    case 'handling':
    case 'parked':
    case 'dead-lettering':
    case 'deleting':
      return true;
    case 'releasing':
    case 'lost':
      return false;
  }
}

/** Whether it occupies a slot: a handler runs for it, wanted or not. */
export function takesSlot(delivery: Delivery): boolean {
  return delivery.phase.kind === 'handling' || delivery.phase.kind === 'lost';
}

/** Whether those behind it in its FIFO group have to wait: until its handler has ended, also when it was lost meanwhile. */
export function hasTurn(delivery: Delivery): boolean {
  const { kind } = delivery.phase;
  return takesSlot(delivery) || kind === 'parked' || kind === 'dead-lettering';
}

/**
 * The life of one delivery. Nothing deletes, renews, releases or dead-letters outside this table, and every right is
 * checked against the clock at the moment it is used.
 *
 * | phase            | event                | next             | actions       |
 * |------------------|----------------------|------------------|---------------|
 * | buffered         | start                | handling         | start         |
 * | buffered         | expire               | gone             | lost          |
 * | buffered         | release              | releasing        |               |
 * | handling         | settled done         | deleting         | delete        |
 * | handling         | settled poison       | dead-lettering   | dead-letter   |
 * | handling         | settled retry, release | releasing      |               |
 * | handling         | settled lost         | gone             | lost          |
 * | handling         | park                 | parked           |               |
 * | handling         | abort                | handling, marked | abort         |
 * | handling         | give-up              | releasing        |               |
 * | handling         | expire               | lost             | lost, abort   |
 * | parked           | start                | handling         | start         |
 * | parked           | release              | releasing        |               |
 * | parked           | expire               | gone             | lost          |
 * | lost             | settled, give-up     | gone             |               |
 * | dead-lettering   | dead-lettered        | deleting         | delete        |
 * | dead-lettering   | release              | releasing        |               |
 * | dead-lettering   | park                 | parked           |               |
 * | dead-lettering   | expire               | gone             | lost          |
 * | deleting         | delete-failed        | deleting, waits  |               |
 * | deleting, waits  | retry-delete         | deleting         | delete        |
 * | deleting         | expire               | gone             | lost          |
 * | deleting, releasing | finished          | gone             |               |
 *
 * A settlement that comes when the claim is over counts as `expire`; any pair not listed changes nothing.
 */
export function transition(
  delivery: Delivery,
  event: DeliveryEvent,
  at: { readonly now: number; readonly rules: ClaimRules },
): Transition {
  if (event.kind === 'renewing') return stay({ ...delivery, isRenewing: true });
  if (event.kind === 'renewed') {
    const claim = extendClaim(delivery.claim, event.requestedAt, event.seconds);
    return stay({ ...delivery, claim, isRenewing: false });
  }
  if (event.kind === 'renewal-failed')
    return stay({ ...delivery, isRenewing: false, renewNotBefore: at.now + at.rules.renewRetryMs });
  switch (delivery.phase.kind) {
    case 'buffered':
    case 'parked':
      return fromWaiting(delivery, event, at.now);
    case 'handling':
      return fromHandling(delivery, event, at);
    case 'lost':
      return event.kind === 'settled' || event.kind === 'give-up' ? gone() : stay(delivery);
    case 'dead-lettering':
      return fromDeadLettering(delivery, event, at.now);
    case 'deleting':
      return fromDeleting(delivery, event, delivery.phase);
    case 'releasing':
      return event.kind === 'finished' ? gone() : stay(delivery);
  }
}

function fromWaiting(delivery: Delivery, event: DeliveryEvent, now: number): Transition {
  switch (event.kind) {
    case 'start':
      return enter(delivery, { kind: 'handling', startedAt: now }, 'start');
    case 'release':
      return enter(delivery, { kind: 'releasing' });
    case 'expire':
      return gone('lost');
    default:
      return stay(delivery);
  }
}

function fromHandling(
  delivery: Delivery,
  event: DeliveryEvent,
  at: { readonly now: number; readonly rules: ClaimRules },
): Transition {
  const { phase } = delivery;
  if (phase.kind !== 'handling') return stay(delivery);
  switch (event.kind) {
    case 'settled':
      return isHeld(delivery.claim, at.now, at.rules)
        ? settle(delivery, event.outcome, at.now)
        : gone('lost');
    case 'park':
      return park(delivery, event.costs);
    case 'abort':
      return phase.abortedAt === undefined
        ? enter(delivery, { ...phase, abortedAt: at.now }, 'abort')
        : stay(delivery);
    case 'release':
    case 'give-up':
      return enter(delivery, { kind: 'releasing' });
    case 'expire':
      return enter(delivery, { kind: 'lost', at: at.now }, 'lost', 'abort');
    default:
      return stay(delivery);
  }
}

function settle(delivery: Delivery, outcome: HandlingOutcome, now: number): Transition {
  switch (outcome.kind) {
    case 'done':
      return enter(delivery, { kind: 'deleting', since: now }, 'delete');
    case 'poison':
      return enter(delivery, { kind: 'dead-lettering' }, 'dead-letter');
    case 'retry':
      return enter(delivery, { kind: 'releasing' });
    case 'lost':
      return gone('lost');
  }
}

function fromDeadLettering(delivery: Delivery, event: DeliveryEvent, now: number): Transition {
  switch (event.kind) {
    case 'dead-lettered':
      return enter(delivery, { kind: 'deleting', since: now }, 'delete');
    case 'release':
      return enter(delivery, { kind: 'releasing' });
    case 'park':
      return park(delivery, event.costs);
    case 'expire':
      return gone('lost');
    default:
      return stay(delivery);
  }
}

function fromDeleting(
  delivery: Delivery,
  event: DeliveryEvent,
  { since, retryAt }: Extract<Phase, { kind: 'deleting' }>,
): Transition {
  switch (event.kind) {
    case 'delete-failed':
      return enter(delivery, { kind: 'deleting', since, retryAt: event.retryAt });
    case 'retry-delete':
      return retryAt === undefined ? stay(delivery) : enter(delivery, { kind: 'deleting', since }, 'delete');
    case 'expire':
      return gone('lost');
    case 'finished':
      return gone();
    default:
      return stay(delivery);
  }
}

function park(delivery: Delivery, costs: 0 | 1): Transition {
  const { receivesLeft, parkings = 0 } = delivery;
  const left = receivesLeft === undefined ? {} : { receivesLeft: Math.max(0, receivesLeft - costs) };
  return enter({ ...delivery, ...left, parkings: parkings + 1 }, { kind: 'parked' });
}

function enter(delivery: Delivery, phase: Phase, ...actions: DeliveryAction[]): Transition {
  return { next: { ...delivery, phase }, actions };
}

function stay(delivery: Delivery): Transition {
  return { next: delivery, actions: [] };
}

function gone(...actions: DeliveryAction[]): Transition {
  return { next: undefined, actions };
}

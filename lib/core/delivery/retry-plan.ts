import type { Delivery } from './delivery.js';
import type { HandlerSign } from './handler-sign.js';

/** How a message is tried again. */
export type RetryPlan =
  /** Given back, with what stands behind it in its FIFO group: received again by whoever is free then. */
  | 'release'
  /** Handled again from here. */
  | 'in-hand'
  /** It has had all its receives: it goes to the dead-letter queue by our hand, and its followers carry on. */
  | 'dead-letter';

/** Why a message is tried again: as its handler ended, or because the dead-letter queue did not take it. */
export type RetrySign = HandlerSign | 'poison';

type ReceivesLeft = Pick<Delivery, 'receivesLeft'>;

/**
 * Keeps messages from the dead-letter queue that don't belong there. Whatever is given back at its last receive is moved
 * there: a copy that only waits for its twin, and, in a FIFO group, followers that no handler has ever seen, for the
 * failures of the one ahead. Poison does belong there, and SQS moves it also where this worker may not.
 */
export function decideRetry(
  { receivesLeft = Infinity }: ReceivesLeft,
  sign: RetrySign,
  followers: readonly ReceivesLeft[],
): RetryPlan {
  const endangersFollowers = followers.some((follower) => follower.receivesLeft === 0);
  if (sign === 'poison') return endangersFollowers ? 'in-hand' : 'release';
  if (sign !== 'failed') return endangersFollowers || receivesLeft === 0 ? 'in-hand' : 'release';
  if (!endangersFollowers) return 'release';
  return receivesLeft > 0 ? 'in-hand' : 'dead-letter';
}

/** What the decision on the next receive looks at. */
export interface ReceiveSituation {
  readonly concurrency: number;
  /** Messages whose handler runs. */
  readonly handling: number;
  /** Messages received that wait for a slot. */
  readonly buffered: number;
  /** Messages asked for by receives that are out. */
  readonly requested: number;
  readonly receivesOut: number;
  /** Whether the last receive brought all it had asked for, so that there are likely more. */
  readonly isHot: boolean;
  /** How many messages may wait beside the slots, see {@link decidePrefetch}. */
  readonly prefetch: number;
}

/** SQS hands out ten messages at most in one call. */
const MAX_PER_RECEIVE = 10;
/** More polls at once than this would only hold sockets. */
const MAX_RECEIVES_OUT = 8;
/** Messages may wait about this long for their slot before their handler starts. */
const TARGET_WAIT_MS = 250;
/** Two full receives: one is being worked off while the other is on its way. */
const MAX_PREFETCH = 20;

/**
 * How many messages the next receive should ask for; 0 for none now. Slots are refilled one by one where handlers are
 * slow; where they are fast, the call waits until it can ask for ten, as long as something is left to work on.
 */
export function decideReceive(situation: ReceiveSituation): number {
  const { concurrency, handling, buffered, requested, receivesOut, isHot, prefetch } = situation;
  const free = concurrency + prefetch - handling - buffered - requested;
  if (free < 1 || receivesOut >= MAX_RECEIVES_OUT) return 0;
  const ask = Math.min(MAX_PER_RECEIVE, free);
  if (receivesOut > 0) return isHot && ask === MAX_PER_RECEIVE ? ask : 0;
  const isStarving = buffered === 0 && handling < concurrency;
  return ask === MAX_PER_RECEIVE || isStarving || prefetch === 0 ? ask : 0;
}

/**
 * How many messages may be held ready beside those in slots: as many as the handlers will take within a quarter of a
 * second. None where handlers are slow, since a message in our buffer is one that an idle worker elsewhere can't have.
 * @param meanHandlerMs undefined as long as nothing was measured
 */
export function decidePrefetch(concurrency: number, meanHandlerMs: number | undefined): number {
  if (meanHandlerMs === undefined) return 0;
  const perMs = concurrency / Math.max(0.1, meanHandlerMs);
  return Math.min(MAX_PREFETCH, Math.floor(perMs * TARGET_WAIT_MS));
}

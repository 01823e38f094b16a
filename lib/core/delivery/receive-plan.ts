/** What the decision on the next receive looks at. */
export interface ReceiveSituation {
  /** Handlers that may run at once now. */
  readonly slots: number;
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

/** What may wait for a slot, all bounds inclusive. */
export interface PrefetchBounds {
  readonly messages: number;
  /** Bodies and attributes. */
  readonly bytes: number;
  /** Messages of one tenant of a fair queue. */
  readonly perGroup: number;
}

/** What the decision on prefetching looks at. */
export interface PrefetchSituation {
  readonly slots: number;
  /** Undefined as long as nothing was measured. */
  readonly meanHandlerMs: number | undefined;
  readonly buffered: number;
  readonly bufferedBytes: number;
  /** Of the messages that came lately. */
  readonly meanBytes: number;
  /** Messages that wait of the tenant who has most of them; undefined where messages have no tenant. */
  readonly largestGroup: number | undefined;
}

/** SQS hands out ten messages at most in one call. */
const MAX_PER_RECEIVE = 10;
/** More polls at once than this would only hold sockets. */
const MAX_RECEIVES_OUT = 8;
/** Messages may wait about this long for their slot before their handler starts. */
const TARGET_WAIT_MS = 250;

/**
 * How many messages the next receive should ask for; 0 for none now. Slots are refilled one by one where handlers are
 * slow; where they are fast, the call waits until it can ask for ten, as long as something is left to work on.
 */
export function decideReceive(situation: ReceiveSituation): number {
  const { slots, handling, buffered, requested, receivesOut, isHot, prefetch } = situation;
  const free = slots + prefetch - handling - buffered - requested;
  if (free < 1 || receivesOut >= MAX_RECEIVES_OUT) return 0;
  const ask = Math.min(MAX_PER_RECEIVE, free);
  if (receivesOut > 0) return isHot && ask === MAX_PER_RECEIVE ? ask : 0;
  const isStarving = buffered === 0 && handling < slots;
  return ask === MAX_PER_RECEIVE || isStarving || prefetch === 0 ? ask : 0;
}

/**
 * How many messages may be held ready beside those in slots: as many as the handlers will take within a quarter of a
 * second. None where handlers are slow, since a message in our buffer is one that an idle worker elsewhere can't have.
 * What waits counts as in flight, which is what SQS judges tenants of a fair queue by: one tenant gets only so many places.
 */
export function decidePrefetch(situation: PrefetchSituation, bounds: PrefetchBounds): number {
  const { slots, meanHandlerMs, buffered, bufferedBytes, meanBytes, largestGroup } = situation;
  if (meanHandlerMs === undefined) return 0;
  const soonTaken = Math.floor((slots / Math.max(0.1, meanHandlerMs)) * TARGET_WAIT_MS);
  const byBytes = buffered + Math.floor((bounds.bytes - bufferedBytes) / Math.max(1, meanBytes));
  const byGroup = largestGroup === undefined ? Infinity : buffered + bounds.perGroup - largestGroup;
  return Math.max(0, Math.min(bounds.messages, soonTaken, byBytes, byGroup));
}

import type { ReceivedMessage } from '../aws/sqs-api.js';
import { unfailing } from '../system/unfailing.js';
import type { Holding } from './holding.js';
import type { QueueObservation } from './queue-observation.js';
import type { MessageIdentity, WorkerEvent, WorkerStats } from './worker-events.js';

type Counter = Exclude<
  keyof WorkerStats,
  'handling' | 'buffered' | 'parked' | 'undeleted' | 'slots' | 'calls'
>;

/** Which total an event adds one to. */
const COUNTED: Readonly<Partial<Record<WorkerEvent['kind'], Counter>>> = {
  handled: 'handled',
  duplicate: 'duplicates',
  unguarded: 'unguarded',
  inProgress: 'inProgress',
  failed: 'failed',
  deadLettered: 'deadLettered',
  dropped: 'dropped',
  lost: 'lost',
  abandoned: 'abandoned',
};

/** Totals of a worker that has done nothing yet. */
export const NO_TOTALS: Readonly<Record<Counter, number>> = Object.freeze({
  received: 0,
  handled: 0,
  duplicates: 0,
  unguarded: 0,
  inProgress: 0,
  failed: 0,
  deadLettered: 0,
  dropped: 0,
  lost: 0,
  returned: 0,
  abandoned: 0,
});

/** Counts what happens and passes it on to telemetry and the user's `onEvent`. */
export class WorkerTally {
  readonly #listeners: readonly ((event: WorkerEvent) => void)[];
  readonly #totals: Record<Counter, number> = { ...NO_TOTALS };

  constructor(onEvent: (event: WorkerEvent) => void, observation?: QueueObservation) {
    const observe = observation && unfailing((event: WorkerEvent) => observation.tell(event));
    this.#listeners = [...(observe === undefined ? [] : [observe]), unfailing(onEvent)];
  }

  /** The totals so far. */
  get totals(): Readonly<Record<Counter, number>> {
    return { ...this.#totals };
  }

  /** Counts and tells one event. */
  tell(event: WorkerEvent): void {
    const counter = COUNTED[event.kind];
    if (counter !== undefined) this.#totals[counter] += 1;
    if (event.kind === 'received') this.#totals.received += event.count;
    if (event.kind === 'returned') this.#totals.returned += event.count;
    for (const listen of this.#listeners) listen(event);
  }
}

/** What events say of a message. */
export function identityOf({ message, envelope }: Pick<Holding, 'message' | 'envelope'>): MessageIdentity {
  const { messageId, receiveCount }: ReceivedMessage = message;
  if (envelope === undefined) return { messageId, receiveCount };
  return { messageId, receiveCount, type: envelope.type, id: envelope.id };
}

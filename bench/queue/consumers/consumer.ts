import type { QueuePlace } from '../work.js';

/** What a consumer is told of its work. */
export interface ConsumerWork {
  readonly place: QueuePlace;
  /** Messages at once, for consumers that can. */
  readonly concurrency: number;
  /** Called for each message; what a handler does in this case. */
  readonly handle: () => Promise<void> | void;
  /** Where peers are installed; undefined for those of this package. */
  readonly peers?: string | undefined;
}

/** A consumer at work. */
export interface RunningConsumer {
  /** Ends it; resolves when everything handled is deleted. */
  stop(): Promise<void>;
}

/** Starts one of the things that are compared. */
export type StartConsumer = (work: ConsumerWork) => Promise<RunningConsumer>;

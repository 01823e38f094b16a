import type { StoredMessage } from './message.js';

/** In which order the messages of one queue are handed out. Counts in flight are kept here, as locks and fairness need them. */
export interface ReadyOrder {
  /** A message came into the queue, ready or delayed. */
  arrive(message: StoredMessage, now: number): void;
  /** A delay or a visibility timeout ended. */
  makeReady(message: StoredMessage, now: number): void;
  /** A ready message leaves the queue (retention, purge, move). */
  dropReady(message: StoredMessage): void;
  /** A delayed message leaves the queue. */
  dropDelayed(message: StoredMessage): void;
  /** A message in flight leaves the queue. */
  dropInFlight(message: StoredMessage, now: number): void;
  /**
   * Offers ready messages in order until `max` were accepted. An accepted message goes in flight; one that is not
   * accepted has left the queue.
   */
  select(max: number, now: number, accept: (message: StoredMessage) => boolean): void;
  /** The message {@link select} would offer first. */
  next(now: number): StoredMessage | undefined;
  /** Sends the message that is first in line to the end, where order is only best effort. */
  rotate(now: number): void;
  /** True when {@link select} would offer something. */
  hasReady(): boolean;
}

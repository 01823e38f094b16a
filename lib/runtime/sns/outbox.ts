import { MillraceError } from '../../core/errors.js';
import { nearestName } from '../../core/options.js';
import type { OutboxMessage } from '../idempotency/outbox-message.js';
import type { OutboxSender } from '../idempotency/outbox.js';
import { OutboxLane, type OutboxRequest } from './outbox-lane.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** The destinations of one worker's `context.publish`. */
export interface Outbox extends OutboxSender {
  /**
   * Checks and encodes a message for a destination; nothing is sent. A payload above the claim check's threshold is stored.
   * @throws {INVALID_OPTIONS} no such destination
   * @throws {BINDING_MISMATCH} {INVALID_PAYLOAD} {MESSAGE_TOO_LARGE} {PUBLISH_FAILED} as a publisher does
   */
  prepare(to: string, request: OutboxRequest): Promise<OutboxMessage>;
  /** Closes the sockets that were opened here. */
  close(): Promise<void>;
}

/** Sends to each destination in batches, as a publisher does, each on its own: one that is down holds up no other. */
export function createOutbox(destinations: Readonly<Record<string, CompiledPublisherOptions>>): Outbox {
  const lanes = new Map(Object.entries(destinations).map(([to, options]) => [to, new OutboxLane(options)]));
  const laneOf = (to: string): OutboxLane => {
    const lane = lanes.get(to);
    if (lane !== undefined) return lane;
    const nearest = nearestName(to, [...lanes.keys()]);
    const advice =
      nearest === undefined
        ? `known are ${[...lanes.keys()].join(', ') || 'none'}`
        : `did you mean '${nearest}'?`;
    throw new MillraceError(
      'INVALID_OPTIONS',
      `'${to}' is no destination of this worker's outbox: ${advice}`,
    );
  };
  return {
    prepare: async (to, request) => ({ to, outgoing: await laneOf(to).prepare(request) }),
    send: async (messages) => {
      const names = [...new Set(messages.map(({ to }) => to))];
      const sends = names.map(async (name) =>
        laneOf(name).send(messages.filter(({ to }) => to === name).map(({ outgoing }) => outgoing)),
      );
      for (const end of await Promise.allSettled(sends)) if (end.status === 'rejected') throw end.reason;
    },
    close: async () => {
      for (const lane of lanes.values()) await lane.close();
    },
  };
}

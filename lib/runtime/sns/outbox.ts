import { limitOf } from '../../contract/limits.js';
import type { MessageDefinition } from '../../contract/message.js';
import { MillraceError } from '../../core/errors.js';
import { nearestName } from '../../core/options.js';
import { BatchRunner } from '../aws/batch-runner.js';
import type { AcceptedMessage, OutgoingMessage } from '../aws/sqs-api.js';
import { wireBytesOf } from '../aws/wire-size.js';
import type { OutboxMessage } from '../idempotency/outbox-message.js';
import type { OutboxSender } from '../idempotency/outbox.js';
import { maxBatchBytes, openDestination, type Destination } from './destination.js';
import { prepareMessage, type PublishOptions } from './outbound.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** What a handler wants published with its transaction. */
export interface OutboxRequest {
  readonly message: MessageDefinition;
  readonly payload: unknown;
  readonly options: PublishOptions;
}

/** The destinations of one worker's `context.publish`. */
export interface Outbox extends OutboxSender {
  /**
   * Checks and encodes a message for a destination; nothing is sent.
   * @throws {INVALID_OPTIONS} no such destination
   * @throws {BINDING_MISMATCH} {INVALID_PAYLOAD} {MESSAGE_TOO_LARGE} as a publisher does
   */
  prepare(to: string, request: OutboxRequest): Promise<OutboxMessage>;
  /** Closes the sockets that were opened here. */
  close(): Promise<void>;
}

const RETRY_CURVE = { baseSeconds: 0.2, factor: 2, maxSeconds: 5 };

/** Sends to each destination in batches, as a publisher does. Clients are opened with the first message. */
export function createOutbox(destinations: Readonly<Record<string, CompiledPublisherOptions>>): Outbox {
  const lanes = new Map(Object.entries(destinations).map(([to, options]) => [to, createLane(options)]));
  const laneOf = (to: string) => {
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
    prepare: async (to, { message, payload, options }) => {
      const { binding, clock } = laneOf(to).options;
      const now = clock.now();
      // Nothing may be stored before the transaction: what is too large for a message is refused here.
      const { outgoing } = await prepareMessage({
        message,
        payload,
        options,
        binding,
        claimCheck: undefined,
        now,
      });
      return { to, outgoing };
    },
    send: async (messages) => {
      const results = messages.map(async ({ to, outgoing }) => laneOf(to).send(outgoing));
      const failures = (await Promise.allSettled(results)).filter((result) => result.status === 'rejected');
      for (const { reason } of failures) throw reason;
    },
    close: async () => {
      for (const lane of lanes.values()) await lane.close();
    },
  };
}

function createLane(options: CompiledPublisherOptions) {
  const { binding, clock, random, maxAgeMs, maxCallsOut, maxAttempts } = options;
  let destination: Promise<Destination> | undefined;
  const runner = new BatchRunner<OutgoingMessage, AcceptedMessage>({
    clock,
    random,
    limits: {
      maxEntries: limitOf('sqs.batch.maxEntries'),
      maxBytes: maxBatchBytes(options),
      maxAgeMs,
      maxCallsOut,
      isEager: true,
    },
    retry: { curve: RETRY_CURVE, maxAttempts },
    call: async (messages) => (await (destination ??= openDestination(options))).send(messages),
  });
  return {
    options,
    send: async (outgoing: OutgoingMessage): Promise<void> => {
      const lane = binding.fifo ? outgoing.group : undefined;
      const bytes = wireBytesOf(outgoing);
      const result = await runner.submit({ item: outgoing, bytes, ...(lane !== undefined && { lane }) });
      if (result.kind === 'done') return;
      const code = result.kind === 'stale' ? 'Stale' : result.code;
      const cause = result.kind === 'stale' ? undefined : result.failure?.error;
      throw new MillraceError(
        'PUBLISH_FAILED',
        `${binding.kind} '${binding.name}' did not take a message of the outbox (${code}): it is tried again when the message it belongs to comes back`,
        { cause },
      );
    },
    close: async (): Promise<void> => (await destination?.catch(() => undefined))?.close(),
  };
}

import { limitOf } from '../../contract/limits.js';
import { MillraceError } from '../../core/errors.js';
import { BatchRunner, type BatchResult } from '../aws/batch-runner.js';
import { classifyAwsError } from '../aws/errors.js';
import type { AcceptedMessage, OutgoingMessage } from '../aws/sqs-api.js';
import { wireBytesOf } from '../aws/wire-size.js';
import type { Offload } from '../claim-check/claim-check-writer.js';
import { maxBatchBytes, openDestination, type Destination } from './destination.js';
import { prepareMessage, type PublishOptions } from './outbound.js';
import type { MessageDefinition } from '../../contract/message.js';
import type { SendObservation } from '../observability/send-observation.js';
import { observePublishing } from './publish-observation.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** What a handler wants published with its transaction. */
export interface OutboxRequest {
  readonly message: MessageDefinition;
  readonly payload: unknown;
  readonly options: PublishOptions;
}

const RETRY_CURVE = { baseSeconds: 0.2, factor: 2, maxSeconds: 5 };

/** One destination of a worker's outbox. Its clients are opened with the first message. */
export class OutboxLane {
  readonly #options: CompiledPublisherOptions;
  readonly #runner: BatchRunner<OutgoingMessage, AcceptedMessage>;
  readonly #observation: SendObservation | undefined;
  #destination: Promise<Destination> | undefined;

  constructor(options: CompiledPublisherOptions) {
    const { clock, random, maxAgeMs, maxCallsOut, maxAttempts } = options;
    this.#options = options;
    this.#observation = observePublishing(options);
    this.#runner = new BatchRunner({
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
      call: async (messages) => {
        const destination = await this.#open();
        this.#observation?.measure({ metric: 'millrace.send.messages', value: messages.length });
        return destination.send(messages);
      },
    });
  }

  /** Checks and encodes a message, in a span of the handler's trace which it then carries; a payload above the claim check's threshold is stored. */
  async prepare({ message, payload, options }: OutboxRequest): Promise<OutgoingMessage> {
    const { binding, claimCheck, clock } = this.#options;
    const compose = async (trace = options.trace): Promise<OutgoingMessage> => {
      const { outgoing, offload } = await prepareMessage({
        message,
        payload,
        options: { ...options, ...(trace && { trace }) },
        binding,
        claimCheck,
        now: clock.now(),
      });
      // Before the commit: what is committed can be sent. Of a handler that fails it is left to the bucket's lifecycle.
      if (offload !== undefined) await this.#store(message, offload);
      return outgoing;
    };
    return this.#observation?.compose(message.name, (own) => compose(options.trace ?? own)) ?? compose();
  }

  /**
   * Sends messages of one transaction: on FIFO destinations those of a group one after the other, so that none is taken
   * before one ahead of it was. @throws {PUBLISH_FAILED} one was not taken; the others that don't stand behind it were tried
   */
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    const runs = this.#options.binding.fifo ? byGroup(messages) : messages.map((message) => [message]);
    const ends = await Promise.allSettled(runs.map((run) => this.#sendInOrder(run)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Closes the sockets that were opened here. */
  async close(): Promise<void> {
    this.#observation?.close();
    (await this.#destination?.catch(() => undefined))?.close();
  }

  async #sendInOrder(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const outgoing of messages) {
      const lane = this.#options.binding.fifo ? outgoing.group : undefined;
      const bytes = wireBytesOf(outgoing);
      const submit = async (): Promise<void> =>
        this.#check(
          await this.#runner.submit({ item: outgoing, bytes, ...(lane !== undefined && { lane }) }),
        );
      await (this.#observation?.sent(submit) ?? submit());
    }
  }

  #check(result: BatchResult<AcceptedMessage>): void {
    if (result.kind === 'done') return;
    const { binding } = this.#options;
    const { code, failure } =
      result.kind === 'stale' ? { code: 'Stale', failure: undefined } : { failure: undefined, ...result };
    throw new MillraceError(
      'PUBLISH_FAILED',
      `${binding.kind} '${binding.name}' did not take a message of the outbox (${code}): it is tried again when the message it belongs to comes back`,
      { cause: failure?.error },
    );
  }

  async #store(message: MessageDefinition, offload: Offload): Promise<void> {
    try {
      await (await this.#open()).store(offload);
    } catch (error) {
      const { name } = classifyAwsError(error);
      throw new MillraceError(
        'PUBLISH_FAILED',
        `can't store the payload of '${message.name}' in bucket '${offload.pointer.bucket}' (${name}), so nothing of this message is committed: let the error through and it is tried again, see the cause`,
        { cause: error },
      );
    }
  }

  #open(): Promise<Destination> {
    this.#destination ??= openDestination(this.#options);
    return this.#destination;
  }
}

/** In the order in which groups, and messages in them, came. */
function byGroup(messages: readonly OutgoingMessage[]): readonly (readonly OutgoingMessage[])[] {
  const groups = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const group = message.group ?? '';
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [message]);
    else members.push(message);
  }
  return [...groups.values()];
}

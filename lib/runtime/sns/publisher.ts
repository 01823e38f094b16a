import type { MessageDefinition, PublishedPayloadOf } from '../../contract/message.js';
import { limitOf } from '../../contract/limits.js';
import type { Timer } from '../../core/clock.js';
import { isMillraceError, MillraceError } from '../../core/errors.js';
import { BatchRunner, type BatchResult } from '../aws/batch-runner.js';
import { awsFailureError, classifyAwsError, type AwsFailure } from '../aws/errors.js';
import type { AcceptedMessage, OutgoingMessage } from '../aws/sqs-api.js';
import type { SendObservation } from '../observability/send-observation.js';
import { observePublishing } from './publish-observation.js';
import { createTurns, type Turns } from './turns.js';
import { createByteGate, type ByteGate } from './byte-gate.js';
import { maxBatchBytes, openDestination, type Destination } from './destination.js';
import type { Offload } from '../claim-check/claim-check-writer.js';
import { prepareMessage, type PreparedMessage, type PublishOptions } from './outbound.js';
import {
  compilePublisherOptions,
  type CompiledPublisherOptions,
  type PublisherOptions,
} from './publisher-options.js';

/** Running totals of one publisher. */
export interface PublisherStats {
  /** Messages SNS or SQS took. */
  readonly published: number;
  /** Messages whose publish was rejected after it had been accepted here. */
  readonly failed: number;
  /** Payloads left in S3. */
  readonly offloaded: number;
  /** API calls made to SNS or SQS. */
  readonly calls: number;
  /** Messages accepted here and not answered yet. */
  readonly pending: number;
  /** What they weigh, payloads on their way to S3 included. */
  readonly pendingBytes: number;
}

/** Publishes typed messages to one topic or queue. Made by {@link createPublisher}. */
export interface Publisher extends AsyncDisposable {
  /**
   * Publishes one message; resolves when SNS or SQS has taken it, so a resolved publish is never lost. A rejected one was
   * not taken, except when the answer itself was lost: publish it again, consumers recognise the business id.
   *
   * Messages of one group are taken in the order of these calls. Waits while more than `maxPendingBytes` are under way.
   * @throws {INVALID_PAYLOAD} the payload does not fit the schema, or its id, group or attributes can't travel
   * @throws {MESSAGE_TOO_LARGE} it weighs more than the destination takes
   * @throws {BINDING_MISMATCH} the destination does not carry this message
   * @throws {PUBLISH_FAILED} it was refused, or failed as often as allowed
   * @throws {ENDPOINT_UNREACHABLE} {ACCESS_DENIED} {RESOURCE_NOT_FOUND} {DEPENDENCY_MISSING} {STOPPED}
   */
  publish<Message extends MessageDefinition>(
    message: Message,
    payload: PublishedPayloadOf<Message>,
    options?: PublishOptions,
  ): Promise<AcceptedMessage>;
  /** Sends what waits without waiting for more; resolves when everything accepted so far has its answer. */
  flush(): Promise<void>;
  /** Flushes, then takes no more and closes its own sockets. Idempotent, and fine before the first publish. */
  stop(): Promise<void>;
  /** Totals since the start. */
  stats(): PublisherStats;
}

/**
 * Makes a publisher: checks payloads against their schema, packs messages into batches by their real size, retries single
 * entries, and keeps the order inside each group. A lone message leaves at once; while a call is out, the next batch fills.
 * @example
 * const publisher = createPublisher({ topic: 'RepositoryEvents', messages: [PushReceived] });
 * await publisher.publish(PushReceived, push);
 * await publisher.stop();
 * @throws {INVALID_OPTIONS} {BINDING_MISSING} {BINDING_INVALID} {BINDING_MISMATCH}
 */
export function createPublisher(options: PublisherOptions): Publisher {
  return new BatchingPublisher(compilePublisherOptions(options, process.env));
}

const RETRY_CURVE = { baseSeconds: 0.2, factor: 2, maxSeconds: 5 };

class BatchingPublisher implements Publisher {
  readonly #options: CompiledPublisherOptions;
  readonly #runner: BatchRunner<OutgoingMessage, AcceptedMessage>;
  readonly #gate: ByteGate;
  readonly #observation: SendObservation | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #destination: Promise<Destination> | undefined;
  /** Keeps the order of calls through slow schemas and uploads. */
  readonly #turns: Turns = createTurns();
  #stopping: Promise<void> | undefined;
  #accepted = 0;
  /** Messages with numbers below it leave without waiting for more, wherever on their way they are now. */
  #flushBelow = 0;
  #flushing: Timer | undefined;
  #published = 0;
  #offloaded = 0;
  #failed = 0;

  constructor(options: CompiledPublisherOptions) {
    this.#options = options;
    this.#gate = createByteGate(options.maxPendingBytes);
    this.#observation = observePublishing(options);
    this.#runner = new BatchRunner({
      clock: options.clock,
      random: options.random,
      limits: {
        maxEntries: limitOf('sqs.batch.maxEntries'),
        maxBytes: maxBatchBytes(options),
        maxAgeMs: options.maxAgeMs,
        maxCallsOut: options.maxCallsOut,
        isEager: true,
      },
      retry: { curve: RETRY_CURVE, maxAttempts: options.maxAttempts },
      call: async (messages) => {
        const destination = await this.#open();
        this.#observation?.measure({ metric: 'millrace.send.messages', value: messages.length });
        return destination.send(messages);
      },
    });
  }

  publish<Message extends MessageDefinition>(
    message: Message,
    payload: PublishedPayloadOf<Message>,
    options: PublishOptions = {},
  ): Promise<AcceptedMessage> {
    const { binding, claimCheck, clock } = this.#options;
    if (this.#stopping !== undefined) return Promise.reject(stoppedError(binding.name));
    const now = clock.now();
    const prepare = (trace = options.trace): Promise<PreparedMessage> => {
      const traced = { ...options, ...(trace && { trace }) };
      return prepareMessage({ message, payload, options: traced, binding, claimCheck, now });
    };
    const observation = this.#observation;
    return observation === undefined
      ? this.#join(message, prepare())
      : observation.observe(message.name, (trace) =>
          this.#join(
            message,
            Promise.resolve(trace).then((own) => prepare(options.trace ?? own)),
          ),
        );
  }

  #join(message: MessageDefinition, prepared: Promise<PreparedMessage>): Promise<AcceptedMessage> {
    const number = this.#accepted++;
    const publishing = this.#enqueue(message, prepared, number).then((result) => this.#read(message, result));
    this.#underWay.add(publishing);
    const forget = (): void => void this.#underWay.delete(publishing);
    publishing.then(forget, forget);
    return publishing;
  }

  async flush(): Promise<void> {
    this.#flushBelow = this.#accepted;
    this.#runner.flush();
    await Promise.allSettled([...this.#underWay]);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  stats(): PublisherStats {
    return {
      published: this.#published,
      failed: this.#failed,
      offloaded: this.#offloaded,
      calls: this.#runner.calls,
      pending: this.#underWay.size,
      pendingBytes: this.#gate.inside,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Admission is in the order of the calls, uploads run side by side, and what shares a lane is sent in the order of its
   * admission. Bytes are taken at the admission: whoever waits for an earlier one knows that it has what it needs.
   */
  async #enqueue(
    message: MessageDefinition,
    prepared: Promise<PreparedMessage>,
    number: number,
  ): Promise<BatchResult<AcceptedMessage>> {
    const admitted = await this.#turns.admit(prepared, ({ bytes, offload }) =>
      this.#gate.enter(bytes + (offload?.bytes ?? 0)),
    );
    const { outgoing, bytes, offload } = admitted;
    const lane = this.#options.binding.fifo ? outgoing.group : undefined;
    try {
      const sent = await this.#turns.inLane(
        lane,
        offload && (() => this.#store(message, offload)),
        // Wrapped: a lane is free again once its message is among those to be sent, not once it was.
        () => ({
          result: this.#runner.submit({ item: outgoing, bytes, ...(lane !== undefined && { lane }) }),
        }),
      );
      if (number < this.#flushBelow) this.#flushSoon();
      return await sent.result;
    } finally {
      this.#gate.leave(bytes);
    }
  }

  /** At the end of the turn: what was let in together leaves in one batch. */
  #flushSoon(): void {
    this.#flushing ??= this.#options.clock.schedule(0, () => {
      this.#flushing = undefined;
      this.#runner.flush();
    });
  }

  /** The payload no longer weighs on this process once S3 has it, or has not. */
  async #store(message: MessageDefinition, offload: Offload): Promise<void> {
    try {
      await (await this.#open()).store(offload);
      this.#offloaded += 1;
    } catch (error) {
      this.#failed += 1;
      throw this.#storeFailure(message, offload, error);
    } finally {
      this.#gate.leave(offload.bytes);
    }
  }

  #read(message: MessageDefinition, result: BatchResult<AcceptedMessage>): AcceptedMessage {
    if (result.kind === 'done') {
      this.#published += 1;
      return result.value;
    }
    this.#failed += 1;
    throw this.#failure(message, result);
  }

  #failure(
    message: MessageDefinition,
    result: Exclude<BatchResult<AcceptedMessage>, { kind: 'done' }>,
  ): Error {
    const { binding } = this.#options;
    const where = `${binding.kind} '${binding.name}'`;
    const failure = result.kind === 'stale' ? undefined : result.failure;
    const told = failure && this.#tell(failure, `publish '${message.name}' to ${where}`);
    if (told !== undefined) return told;
    return new MillraceError('PUBLISH_FAILED', failureWords(message.name, where, result), {
      ...(failure && { cause: failure.error }),
    });
  }

  #storeFailure(message: MessageDefinition, { pointer }: Offload, error: unknown): Error {
    const failure = classifyAwsError(error);
    const action = `store the payload of '${message.name}' in bucket '${pointer.bucket}'`;
    return (
      this.#tell(failure, action) ??
      new MillraceError(
        'PUBLISH_FAILED',
        `can't ${action} (${failure.name}), so it was not published: publish it again later, see the cause`,
        { cause: error },
      )
    );
  }

  /** The errors that are the same whatever was attempted; undefined for all others. */
  #tell(failure: AwsFailure, action: string): Error | undefined {
    if (isMillraceError(failure.error)) return failure.error;
    if (!['unreachable', 'denied', 'missing'].includes(failure.kind)) return undefined;
    const { region, endpoint } = this.#options.binding;
    return awsFailureError(failure, { action, region, ...(endpoint !== undefined && { endpoint }) });
  }

  #open(): Promise<Destination> {
    this.#destination ??= openDestination(this.#options);
    return this.#destination;
  }

  async #close(): Promise<void> {
    await this.flush();
    this.#flushing?.cancel();
    const destination = await this.#destination?.catch(() => undefined);
    destination?.close();
    this.#observation?.close();
  }
}

function failureWords(
  name: string,
  where: string,
  result: Exclude<BatchResult<AcceptedMessage>, { kind: 'done' }>,
): string {
  if (result.kind === 'stale') return `'${name}' was not published to ${where}`;
  if (result.code === 'OvertakenInGroup')
    return `'${name}' was not taken by ${where} while a later message of its group was: publishing it again puts it behind that one`;
  const advice =
    result.kind === 'exhausted'
      ? 'it failed as often as maxAttempts allows; publish it again later'
      : 'it will never be taken like this; see the code';
  return `${where} did not take '${name}' (${result.code}): ${advice}`;
}

function stoppedError(name: string): MillraceError {
  return new MillraceError(
    'STOPPED',
    `the publisher of '${name}' was stopped and takes no more messages: make a new one`,
  );
}

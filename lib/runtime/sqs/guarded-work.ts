import { createHash } from 'node:crypto';
import type { Envelope } from '../../contract/envelope.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import type { GuardedMessage } from '../idempotency/guard.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** SQS numbers have 20 digits and may get more; padded to this, they compare as text. */
const SEQUENCE_DIGITS = 40;
/** DynamoDB takes keys of 2048 bytes; an id that long is told apart by its hash. */
const LONGEST_KEY = 1_024;

/** What a guarded message is made of. */
export interface GuardedWorkParts {
  readonly message: ReceivedMessage;
  readonly envelope: Envelope;
  /** Has the payload's hash, for whoever asks. */
  readonly source: { readonly hash: string };
  /** Uniform in [0, 1): tells this handling from all others. */
  readonly chance: number;
}

/** On whose behalf a message is handled. */
export type Consumer = Pick<CompiledWorkerOptions, 'consumer' | 'binding'>;

/**
 * What the guard knows of a message. What a mode may not need is made when it asks. A consumer has no `#` in its name, nor
 * has a message type, and an ARN is no message type: so no two keys of different meaning are the same text.
 */
export class GuardedWork implements GuardedMessage {
  readonly #consumer: Consumer;
  readonly #parts: GuardedWorkParts;
  #attempt: string | undefined;

  constructor(consumer: Consumer, parts: GuardedWorkParts) {
    this.#consumer = consumer;
    this.#parts = parts;
  }

  get key(): string {
    const { consumer } = this.#consumer;
    const { type, id } = this.#parts.envelope;
    const key = `${consumer}#${type}#${id}`;
    return Buffer.byteLength(key) <= LONGEST_KEY
      ? key
      : `${consumer}#${type}#sha256:${createHash('sha256').update(id).digest('hex')}`;
  }

  get hash(): string {
    return this.#parts.source.hash;
  }

  get groupKey(): string {
    const { consumer, binding } = this.#consumer;
    return `${consumer}#${binding.arn}#${this.#parts.message.group ?? ''}`;
  }

  get sequence(): string {
    return this.#parts.message.sequenceNumber?.padStart(SEQUENCE_DIGITS, '0') ?? '';
  }

  get receiveCount(): number {
    return this.#parts.message.receiveCount;
  }

  get attempt(): string {
    const { message, chance } = this.#parts;
    this.#attempt ??= `${message.messageId}.${message.receiveCount}.${Math.floor(chance * 2 ** 48).toString(36)}`;
    return this.#attempt;
  }
}

import type { ArrivedMessage } from '../../core/delivery/machine-types.js';
import { KeyTable } from '../../core/key-table.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import { createHolding, type Holding } from './holding.js';

/** Every message this worker has in hand, by its local key. */
export class Holdings {
  readonly #maxReceiveCount: number;
  readonly #byKey = new KeyTable<Holding>();
  #nextKey = 1;

  /** @param maxReceiveCount the queue's, after which it moves a message to the dead-letter queue */
  constructor(maxReceiveCount: number) {
    this.#maxReceiveCount = maxReceiveCount;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Messages that are done, but whose delete has failed so far. */
  get undeleted(): number {
    return this.#byKey.values().filter(({ failedDeletes }) => failedDeletes > 0).length;
  }

  /** How often the delete of one message has failed so far, at most. */
  get mostFailedDeletes(): number {
    return Math.max(0, ...this.#byKey.values().map(({ failedDeletes }) => failedDeletes));
  }

  has(key: number): boolean {
    return this.#byKey.has(key);
  }

  /** Takes a received message up; answers what the machine is told of it. */
  add(message: ReceivedMessage, origin: Pick<Holding, 'receive' | 'tracing'>): ArrivedMessage {
    const key = this.#nextKey++;
    this.#byKey.set(key, createHolding(key, message, origin));
    const { messageId, group, receiveCount, body } = message;
    const receivesLeft = Math.max(0, this.#maxReceiveCount - receiveCount);
    const bytes = Buffer.byteLength(body);
    return { key, message: messageId, group, receivesLeft, bytes };
  }

  delete(key: number): void {
    this.#byKey.delete(key);
  }

  /** Does something with a message that is still there. */
  with(key: number, act: (holding: Holding) => void): void {
    const holding = this.#byKey.get(key);
    if (holding !== undefined) act(holding);
  }

  /** Those of the keys that are still there. */
  of(keys: readonly number[]): readonly Holding[] {
    return keys.map((key) => this.#byKey.get(key)).filter((holding) => holding !== undefined);
  }
}

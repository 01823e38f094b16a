import { flatText } from '../structures/flat-text.js';
import { IndexedHeap } from '../structures/indexed-heap.js';
import { NumberMap } from '../structures/number-map.js';
import { AgeOrder } from './age-order.js';
import { DeduplicationWindow } from './deduplication.js';
import { FifoOrder } from './fifo-order.js';
import { FifoThroughput } from './fifo-throughput.js';
import type { MessageContent, MessageHistory, StoredMessage } from './message.js';
import { compileSettings, type QueueAttributes, type QueueSettings } from './queue-attributes.js';
import type { ReadyOrder } from './ready-order.js';
import { handlePrefix, parseReceiptHandle } from './receipt-handle.js';
import { ReceiveAttempts } from './receive-attempts.js';
import { StandardOrder } from './standard-order.js';

/** Nine digits and one before them, which keeps their leading zeros. */
const BILLION = 1_000_000_000;

/** What a queue is created with. */
export interface QueueIdentity {
  readonly name: string;
  readonly arn: string;
  /** Marks this life of the queue, so that handles of a deleted namesake are worth nothing. */
  readonly incarnation: string;
  readonly createdAt: number;
}

/** A receipt handle held against the messages the queue has. */
export type ReceiptLookup =
  | { readonly kind: 'malformed' }
  /** Well formed, but its message is deleted, expired or moved. */
  | { readonly kind: 'gone' }
  /** A later receive took the right away. */
  | { readonly kind: 'stale'; readonly message: StoredMessage }
  | { readonly kind: 'latest'; readonly message: StoredMessage };

const byDueTime = {
  before: (a: StoredMessage, b: StoredMessage): boolean =>
    a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.number < b.number),
  place: (message: StoredMessage, slot: number): void => {
    message.dueSlot = slot;
  },
  slotOf: (message: StoredMessage): number => message.dueSlot,
};

/**
 * One queue: its messages and what time does to them.
 *
 * | from | event | to |
 * |---|---|---|
 * | – | {@link put} with a delay | delayed |
 * | – | {@link put} | ready |
 * | delayed | delay over ({@link advance}) | ready |
 * | ready | {@link take} | in-flight |
 * | in-flight | visibility over ({@link advance}), {@link hideUntil} now | ready |
 * | any | {@link remove}, retention over ({@link advance}) | gone |
 */
export class SqsQueue {
  readonly identity: QueueIdentity;
  readonly handlePrefix: string;
  readonly deduplication = new DeduplicationWindow();
  readonly throughput = new FifoThroughput();
  readonly attempts = new ReceiveAttempts();
  readonly tags = new Map<string, string>();
  attributes: QueueAttributes;
  settings: QueueSettings;
  modifiedAt: number;
  purgedAt: number | undefined;
  isDeleted = false;
  /** The deadline the engine has noted, and its slot among those of all queues. */
  wakeAt = 0;
  wakeSlot = -1;

  readonly #messages = new NumberMap<StoredMessage>();
  readonly #due = new IndexedHeap<StoredMessage>(byDueTime);
  readonly #ages = new AgeOrder();
  readonly #order: ReadyOrder;
  readonly #counts = { delayed: 0, ready: 0, 'in-flight': 0 };
  /** When the queue was looked up last: every call begins with that. */
  #now = 0;
  #lastNumber = 0;
  #lastSequence = 0;

  constructor(identity: QueueIdentity, attributes: QueueAttributes, isFifo: boolean) {
    this.identity = identity;
    this.handlePrefix = handlePrefix(identity.incarnation);
    this.attributes = attributes;
    this.settings = compileSettings(attributes, isFifo);
    this.modifiedAt = identity.createdAt;
    this.#order = isFifo ? new FifoOrder() : new StandardOrder();
  }

  /** Messages by state. */
  get counts(): Readonly<Record<'delayed' | 'ready' | 'in-flight', number>> {
    return this.#counts;
  }

  /** All messages held, whatever their state. */
  get size(): number {
    return this.#messages.size;
  }

  /** When {@link advance} has something to do next. */
  deadline(): number | undefined {
    const due = this.#due.peek()?.dueAt;
    const oldest = this.#ages.peek()?.sentAt;
    if (oldest === undefined) return due;
    return Math.min(due ?? Infinity, oldest + this.settings.retentionMs);
  }

  /** Lets delays, visibility timeouts and retention end that ended at or before `now`. */
  advance(now: number): void {
    this.#now = now;
    this.deduplication.forget(now);
    for (let old = this.#ages.peek(); old !== undefined; old = this.#ages.peek()) {
      if (old.sentAt + this.settings.retentionMs > now) break;
      this.remove(old);
    }
    for (let due = this.#due.peek(); due !== undefined && due.dueAt <= now; due = this.#due.peek())
      this.#makeReady(due, now);
  }

  /** Takes a message in. */
  put(content: MessageContent, now: number, history?: MessageHistory): StoredMessage {
    return this.putDelayed(content, now, { delayMs: this.settings.delayMs, history });
  }

  /** Takes a message in with a delay of its own. */
  putDelayed(
    content: MessageContent,
    now: number,
    { delayMs, history }: { readonly delayMs: number; readonly history?: MessageHistory | undefined },
  ): StoredMessage {
    this.#lastNumber += 1;
    const state = delayMs > 0 ? 'delayed' : 'ready';
    const message: StoredMessage = {
      number: this.#lastNumber,
      messageId: content.messageId,
      body: content.body,
      bodyMd5: content.bodyMd5,
      attributes: content.attributes,
      attributesMd5: content.attributesMd5,
      traceHeader: content.traceHeader,
      groupId: content.groupId,
      deduplicationId: content.deduplicationId,
      sequenceNumber: this.settings.isFifo ? this.#nextSequenceNumber() : undefined,
      senderId: content.senderId,
      sentAt: history?.sentAt ?? now,
      deadLetterSourceArn: history?.deadLetterSourceArn,
      state,
      order: 0,
      dueAt: now + delayMs,
      receivedAt: 0,
      firstReceivedAt: history?.firstReceivedAt,
      receiveCount: history?.receiveCount ?? 0,
      receivesHere: 0,
      receipt: 0,
      dueSlot: -1,
      ageSlot: -1,
      older: undefined,
      younger: undefined,
      previous: undefined,
      next: undefined,
    };
    this.#messages.add(message.number, message);
    this.#ages.add(message);
    this.#counts[state] += 1;
    if (state === 'delayed') this.#due.push(message);
    this.#order.arrive(message, now);
    return message;
  }

  /** Offers ready messages in the queue's order; see {@link ReadyOrder.select}. */
  select(max: number, now: number, accept: (message: StoredMessage) => boolean): void {
    this.#order.select(max, now, accept);
  }

  /** The message that a receive would hand out first. */
  nextReady(now: number): StoredMessage | undefined {
    return this.#order.next(now);
  }

  /** Sends the message that is first in line to the end, on a standard queue. */
  rotate(now: number): void {
    this.#order.rotate(now);
  }

  /** True when a receive could return something now. */
  hasReady(): boolean {
    return this.#order.hasReady();
  }

  /** Hands a ready message out; only inside {@link select}. */
  take(message: StoredMessage, now: number, visibilityMs: number): void {
    message.state = 'in-flight';
    message.receipt += 1;
    message.receiveCount += 1;
    message.receivesHere += 1;
    message.receivedAt = now;
    message.firstReceivedAt ??= now;
    message.dueAt = now + visibilityMs;
    this.#due.push(message);
    this.#counts.ready -= 1;
    this.#counts['in-flight'] += 1;
  }

  /** Sets the end of the visibility timeout of a message in flight. */
  hideUntil(message: StoredMessage, dueAt: number, now: number): void {
    message.dueAt = dueAt;
    if (dueAt <= now) this.#makeReady(message, now);
    else this.#due.reorder(message);
  }

  /** Takes a message out for good. */
  remove(message: StoredMessage): void {
    if (message.state === 'gone') return;
    this.#messages.delete(message.number);
    this.#due.remove(message);
    this.#ages.remove(message);
    this.#counts[message.state] -= 1;
    const left = message.state;
    message.state = 'gone';
    if (left === 'ready') this.#order.dropReady(message);
    else if (left === 'delayed') this.#order.dropDelayed(message);
    else this.#order.dropInFlight(message, this.#now);
  }

  /** Takes every message out. */
  purge(): void {
    for (const message of this.#messages.values()) this.remove(message);
  }

  /** Whom a receipt handle belongs to, and whether it still has a right. */
  lookUp(handle: string): ReceiptLookup {
    const receipt = parseReceiptHandle(handle, this.handlePrefix);
    if (receipt === undefined) return { kind: 'malformed' };
    const message = this.#messages.get(receipt.number);
    if (message === undefined) return { kind: receipt.number <= this.#lastNumber ? 'gone' : 'malformed' };
    return { kind: message.receipt === receipt.receipt ? 'latest' : 'stale', message };
  }

  /** Sets attributes that were checked. On FIFO queues a new delay holds for the messages already waiting, too. */
  configure(attributes: QueueAttributes, now: number): void {
    const { delayMs, isFifo } = this.settings;
    this.attributes = attributes;
    this.settings = compileSettings(attributes, isFifo);
    this.modifiedAt = now;
    if (!isFifo || this.settings.delayMs === delayMs) return;
    for (const message of [...this.#due.items()]) {
      if (message.state !== 'delayed') continue;
      message.dueAt = message.sentAt + this.settings.delayMs;
      this.#due.reorder(message);
    }
  }

  #makeReady(message: StoredMessage, now: number): void {
    this.#due.remove(message);
    if (message.state !== 'delayed' && message.state !== 'in-flight') return;
    this.#counts[message.state] -= 1;
    this.#counts.ready += 1;
    this.#order.makeReady(message, now);
  }

  /** Twenty digits that only grow and leave gaps, as AWS's do. */
  #nextSequenceNumber(): string {
    this.#lastSequence += 256;
    const high = BILLION + Math.floor(this.#lastSequence / BILLION);
    const low = BILLION + (this.#lastSequence % BILLION);
    return flatText(`18${String(high).slice(1)}${String(low).slice(1)}`);
  }
}

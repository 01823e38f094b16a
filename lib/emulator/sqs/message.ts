import type { MessageAttributeMap } from '../structures/message-attributes.js';

/** Where a message is in its life; deleted messages are simply gone. */
export type MessageState = 'delayed' | 'ready' | 'in-flight' | 'gone';

/**
 * A message held by a queue. Unlike most data here it changes in place, and it carries its own links and heap slots:
 * every step of its life is then O(1) or O(log n), without a wrapper object per structure.
 */
export interface StoredMessage {
  /** Position in its queue's order of arrival; also names it inside receipt handles. */
  readonly number: number;
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributeMap | undefined;
  readonly attributesMd5: string | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  readonly senderId: string;
  /** Epoch ms; retention counts from here. */
  readonly sentAt: number;
  /** The queue it was moved from when it was dead-lettered. */
  readonly deadLetterSourceArn: string | undefined;
  state: MessageState;
  /** Sorts ready messages of a standard queue; grows when a message is sent to the back. */
  order: number;
  /** Epoch ms at which the delay or the visibility timeout ends. */
  dueAt: number;
  /** Epoch ms of the receive that holds it now or held it last. */
  receivedAt: number;
  firstReceivedAt: number | undefined;
  /** Receives over all queues it lived in, as `ApproximateReceiveCount` shows them. */
  receiveCount: number;
  /** Receives from this queue, which the redrive policy counts. */
  receivesHere: number;
  /** Number of the last receive: the receipt handle that still has a right. 0 before the first. */
  receipt: number;
  dueSlot: number;
  ageSlot: number;
  older: StoredMessage | undefined;
  younger: StoredMessage | undefined;
  previous: StoredMessage | undefined;
  next: StoredMessage | undefined;
}

/** What a message is made of before a queue takes it in. */
export interface MessageContent {
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributeMap | undefined;
  readonly attributesMd5: string | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly senderId: string;
}

/** What a message brings along from another queue. */
export interface MessageHistory {
  readonly sentAt: number;
  readonly deadLetterSourceArn: string | undefined;
  readonly receiveCount: number;
  readonly firstReceivedAt: number | undefined;
}

/** Several messages in an order of their own, each linked through its own fields. */
export class MessageList {
  head: StoredMessage | undefined;
  tail: StoredMessage | undefined;

  /** Adds behind all others. */
  append(message: StoredMessage): void {
    message.previous = this.tail;
    message.next = undefined;
    if (this.tail === undefined) this.head = message;
    else this.tail.next = message;
    this.tail = message;
  }

  /** Adds before all others. */
  prepend(message: StoredMessage): void {
    message.previous = undefined;
    message.next = this.head;
    if (this.head === undefined) this.tail = message;
    else this.head.previous = message;
    this.head = message;
  }

  /** Takes one out; it must be in this list. */
  remove(message: StoredMessage): void {
    if (message.previous === undefined) this.head = message.next;
    else message.previous.next = message.next;
    if (message.next === undefined) this.tail = message.previous;
    else message.next.previous = message.previous;
    message.previous = undefined;
    message.next = undefined;
  }
}

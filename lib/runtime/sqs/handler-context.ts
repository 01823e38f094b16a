import type { MessageContext } from './handler.js';
import type { Abortable } from '../system/lazy-abort.js';

/** What a context says and does beside its signal. */
type Members = Omit<MessageContext, 'signal'>;

/**
 * What a handler is given. Its signal is made when it is asked for, and counts among its own members all the same, so that
 * a copy of the context has it. The getter is one for all contexts: a new function for each would give each a shape of its
 * own, which would keep the message alive until the next full collection.
 */
export class HandlerContext implements MessageContext {
  declare readonly signal: AbortSignal;
  readonly envelope: MessageContext['envelope'];
  readonly id: string;
  readonly messageId: string;
  readonly receiveCount: number;
  readonly group: string | undefined;
  readonly write: MessageContext['write'];
  readonly publish: MessageContext['publish'];
  readonly sql: MessageContext['sql'];
  readonly #controller: Abortable;

  static readonly #SIGNAL = {
    enumerable: true,
    get(this: HandlerContext): AbortSignal {
      return this.#controller.signal;
    },
  };

  constructor(controller: Abortable, members: Members) {
    this.#controller = controller;
    this.envelope = members.envelope;
    this.id = members.id;
    this.messageId = members.messageId;
    this.receiveCount = members.receiveCount;
    this.group = members.group;
    this.write = members.write;
    this.publish = members.publish;
    this.sql = members.sql;
    Object.defineProperty(this, 'signal', HandlerContext.#SIGNAL);
    Object.freeze(this);
  }
}

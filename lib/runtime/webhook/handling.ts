import type { Clock } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { decideOnError } from '../../core/retry/error-policy.js';
import { createDeliveryMemory, type DeliveryMemory } from '../../core/webhook/delivery-memory.js';
import type { MessageContext } from '../sqs/handler.js';
import type { Routes } from '../sqs/inbound.js';
import { settledWithin } from '../system/settled-within.js';
import { readNotification, type HandleableNotification, type Notification } from './notification.js';
import type { NotificationIdentity, WebhookEvent } from './webhook-events.js';
import type { CompiledWebhookOptions } from './webhook-options.js';

/** What the notification's sender is to be told. */
export type HandlingOutcome = 'done' | 'duplicate' | 'poison' | 'failed' | 'late';

interface Run {
  readonly outcome: Promise<HandlingOutcome>;
  readonly abort: AbortController;
}

/**
 * Runs handlers, once per notification: a copy that comes while the handler runs waits for it, one that comes later is
 * a duplicate. SNS sends copies when an answer is late or lost.
 */
export class Handling {
  readonly #options: CompiledWebhookOptions;
  readonly #clock: Clock;
  readonly #routes: Routes;
  readonly #memory: DeliveryMemory;
  readonly #running = new Map<string, Run>();

  constructor(options: CompiledWebhookOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#routes = new Map(options.handlers.map((handler) => [handler.message.name, handler]));
    this.#memory = createDeliveryMemory(options.remember);
  }

  /** Handles a notification, or joins the handling of its copy; settles within the handler's time and never rejects. */
  async handle(notification: Notification): Promise<HandlingOutcome> {
    const { messageId, topicArn } = notification;
    const key = `${topicArn} ${messageId}`;
    const running = this.#running.get(key);
    if (running !== undefined) return this.#inTime(running, notification);
    const { isHandled, tries } = this.#memory.begin(key, notification.forgetAt, this.#clock.now());
    if (isHandled) {
      this.#tell({ kind: 'duplicate', messageId, topicArn });
      return 'duplicate';
    }
    return this.#inTime(this.#start(key, notification, tries), notification);
  }

  #start(key: string, notification: Notification, tries: number): Run {
    const abort = new AbortController();
    const outcome = this.#run(notification, tries, abort.signal)
      .then((result) => {
        if (result === 'done') this.#memory.complete(key);
        return result;
      })
      .finally(() => this.#running.delete(key));
    const run: Run = { outcome, abort };
    this.#running.set(key, run);
    return run;
  }

  /** The handler goes on after its time: if it ends well, the next try of SNS finds it done. */
  async #inTime(run: Run, { messageId, topicArn }: Notification): Promise<HandlingOutcome> {
    const seconds = this.#options.handlerTimeoutSeconds;
    const end = await settledWithin(this.#clock, seconds * 1_000, run.outcome);
    if (end === 'settled') return run.outcome;
    const error = new MillraceError(
      'HANDLER_TIMEOUT',
      `the handler took longer than ${seconds} s: SNS waits for 15 s and sends the message again; do long work behind a queue`,
    );
    run.abort.abort(error);
    this.#tell({ kind: 'timedOut', error, messageId, topicArn });
    return 'late';
  }

  async #run(notification: Notification, tries: number, signal: AbortSignal): Promise<HandlingOutcome> {
    const { messageId, topicArn } = notification;
    try {
      const read = await readNotification(notification, this.#routes, this.#clock.now());
      if (read.kind === 'message') return await this.#call(read, { messageId, topicArn }, { tries, signal });
      this.#tell({ messageId, topicArn, ...read });
      return 'poison';
    } catch (error) {
      // Not the handler's: a schema that throws instead of answering.
      this.#tell({ kind: 'failed', error, messageId, topicArn });
      return 'failed';
    }
  }

  async #call(
    { envelope, handler, payload }: HandleableNotification,
    { messageId, topicArn }: NotificationIdentity,
    { tries, signal }: { readonly tries: number; readonly signal: AbortSignal },
  ): Promise<HandlingOutcome> {
    const { type, id } = envelope;
    const identity: NotificationIdentity = { messageId, topicArn, type, id };
    const context: MessageContext = {
      signal,
      envelope,
      id,
      messageId,
      receiveCount: tries,
      group: undefined,
      write: refuseWrite,
      sql: () => Promise.reject(noTransaction('sql')),
    };
    const startedAt = this.#clock.monotonic();
    try {
      await handler.handle(payload, context);
    } catch (error) {
      return this.#onError(error, identity);
    }
    this.#tell({ kind: 'handled', durationMs: this.#clock.monotonic() - startedAt, ...identity });
    return 'done';
  }

  #onError(error: unknown, identity: NotificationIdentity): HandlingOutcome {
    const decision = decideOnError(this.#options.errors, error);
    switch (decision.then) {
      case 'retry':
      case 'snooze': // SNS keeps its own times
        this.#tell({ kind: 'failed', error, ...identity });
        return 'failed';
      case 'dead-letter':
        this.#tell({
          kind: 'poison',
          reason: 'error-policy',
          detail: 'a rule of errors says so',
          ...identity,
        });
        return 'poison';
      case 'drop':
        this.#tell({ kind: 'dropped', error, ...identity });
        return 'done';
    }
  }

  #tell(event: WebhookEvent): void {
    this.#options.onEvent(event);
  }
}

function refuseWrite(): never {
  throw noTransaction('write');
}

function noTransaction(name: string): MillraceError {
  return new MillraceError(
    'INVALID_OPTIONS',
    `context.${name} needs a queue worker with idempotency 'transactional': a webhook has no transaction, put a queue behind the topic`,
  );
}

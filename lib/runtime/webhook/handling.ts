import type { Clock } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { decideOnError } from '../../core/retry/error-policy.js';
import { createDeliveryMemory, type DeliveryMemory } from '../../core/webhook/delivery-memory.js';
import type { MessageContext } from '../sqs/handler.js';
import { errorTypeOf, type SpanEnd } from '../observability/telemetry.js';
import type { Routes } from '../sqs/inbound.js';
import { settledWithin } from '../system/settled-within.js';
import { readNotification, type Notification, type ReadNotification } from './notification.js';
import type { NotificationIdentity, WebhookEvent } from './webhook-events.js';
import type { WebhookObservation } from './webhook-observation.js';
import type { CompiledWebhookOptions } from './webhook-options.js';

/** What the notification's sender is to be told. */
export type HandlingOutcome = 'done' | 'duplicate' | 'poison' | 'failed' | 'late';

/** What a handling came to, and why it failed. */
interface Ending {
  readonly outcome: HandlingOutcome;
  readonly errorType?: string;
  readonly error?: unknown;
}

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
  readonly #observation: WebhookObservation | undefined;
  readonly #running = new Map<string, Run>();

  constructor(options: CompiledWebhookOptions, observation?: WebhookObservation) {
    this.#observation = observation;
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
      const identity: NotificationIdentity = { messageId, topicArn, ...idsOf(read) };
      const act = (): Promise<Ending> => this.#act(read, identity, { tries, signal });
      const trace = read.kind === 'message' ? read.envelope.trace : undefined;
      const span = { ...identity, receiveCount: tries, trace };
      const { outcome } = await (this.#observation?.process(span, act, spanEndOf) ?? act());
      return outcome;
    } catch (error) {
      // Not the handler's: a schema that throws instead of answering.
      this.#tell({ kind: 'failed', error, messageId, topicArn });
      return 'failed';
    }
  }

  async #act(
    read: ReadNotification,
    identity: NotificationIdentity,
    { tries, signal }: { readonly tries: number; readonly signal: AbortSignal },
  ): Promise<Ending> {
    if (read.kind === 'poison') {
      this.#tell({ ...identity, ...read });
      return { outcome: 'poison', errorType: read.reason };
    }
    const { envelope, handler, payload } = read;
    const context: MessageContext = {
      signal,
      envelope,
      id: envelope.id,
      messageId: identity.messageId,
      receiveCount: tries,
      group: undefined,
      write: refuseWrite,
      sql: () => Promise.reject(noTransaction('sql')),
      publish: () => Promise.reject(noTransaction('publish')),
    };
    const startedAt = this.#clock.monotonic();
    try {
      await handler.handle(payload, context);
    } catch (error) {
      return this.#onError(error, identity);
    }
    this.#tell({ kind: 'handled', durationMs: this.#clock.monotonic() - startedAt, ...identity });
    return { outcome: 'done' };
  }

  #onError(error: unknown, identity: NotificationIdentity): Ending {
    const errorType = errorTypeOf(error);
    const decision = decideOnError(this.#options.errors, error);
    switch (decision.then) {
      case 'retry':
      case 'snooze': // SNS keeps its own times
        this.#tell({ kind: 'failed', error, ...identity });
        return { outcome: 'failed', errorType, error };
      case 'dead-letter':
        this.#tell({
          kind: 'poison',
          reason: 'error-policy',
          detail: 'a rule of errors says so',
          ...identity,
        });
        return { outcome: 'poison', errorType, error };
      case 'drop':
        this.#tell({ kind: 'dropped', error, ...identity });
        return { outcome: 'done', errorType, error };
    }
  }

  #tell(event: WebhookEvent): void {
    this.#options.onEvent(event);
  }
}

function idsOf(read: ReadNotification): Pick<NotificationIdentity, 'type' | 'id'> {
  const { type, id } = read.kind === 'message' ? read.envelope : read;
  return { ...(type !== undefined && { type }), ...(id !== undefined && { id }) };
}

const spanEndOf = ({ outcome, errorType, error }: Ending): SpanEnd => ({
  outcome: outcome === 'done' ? 'handled' : outcome,
  ...(errorType !== undefined && { errorType, error }),
});

function refuseWrite(): never {
  throw noTransaction('write');
}

function noTransaction(name: string): MillraceError {
  return new MillraceError(
    'INVALID_OPTIONS',
    `context.${name} needs a queue worker with idempotency 'transactional': a webhook has no transaction, put a queue behind the topic`,
  );
}

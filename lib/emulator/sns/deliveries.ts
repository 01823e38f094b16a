import type { DeliveryOutcome } from '../sqs/delivery.js';
import { IndexedHeap } from '../structures/indexed-heap.js';
import type { Departures } from './departures.js';
import {
  attemptedDelivery,
  deadLetterDelivery,
  outboundDelivery,
  type OutboundDelivery,
} from './delivery-forms.js';
import type { SnsEngineOptions } from './options.js';
import type { OutboxEntry } from './outbox.js';
import type { PerformedOutcome } from './performed-outcome.js';
import {
  DEFAULT_HTTP_RETRY_POLICY,
  readDeliveryPolicy,
  retryDelay,
  type HttpRetryPolicy,
} from './retry-policy.js';
import type { PublishedMessage } from './published-message.js';
import type { Subscription } from './topic.js';

/** A delivery that will never be made, and what became of its message. */
export interface LostDelivery {
  /** The subscription it was for. */
  readonly subscriptionArn: string;
  /** SNS's id of the message. */
  readonly messageId: string;
  /** Why the last try failed, in words. */
  readonly reason: string;
  /** Where the message went; undefined when it is gone. */
  readonly deadLetterArn: string | undefined;
  /** Epoch ms. */
  readonly at: number;
}

interface Delivery {
  readonly id: string;
  readonly subscription: Subscription;
  readonly message: PublishedMessage;
  /** Messages of one group to one subscription keep their order, also while one of them is tried again. */
  readonly lane: string | undefined;
  failures: number;
  dueAt: number;
  slot: number;
}

const byDueTime = {
  before: (a: Delivery, b: Delivery): boolean => a.dueAt < b.dueAt,
  place: (delivery: Delivery, slot: number): void => {
    delivery.slot = slot;
  },
  slotOf: (delivery: Delivery): number => delivery.slot,
};

const LOST_KEPT = 1_000;

/**
 * Everything that is on its way from topics to subscribers. Queues are reached at once; HTTP(S) endpoints and Lambda
 * functions are effects that the driver takes, performs and reports; e-mail, SMS, push and Firehose go to the outbox.
 */
export class Deliveries {
  readonly #options: SnsEngineOptions;
  readonly #departures: Departures;
  readonly #waiting = new IndexedHeap<Delivery>(byDueTime);
  readonly #lanes = new Map<string, Delivery[]>();
  readonly #performing = new Map<string, Delivery>();
  readonly #lost: LostDelivery[] = [];
  #outbound: OutboundDelivery[] = [];
  #lastId = 0;

  constructor(options: SnsEngineOptions, departures: Departures) {
    this.#options = options;
    this.#departures = departures;
  }

  /**
   * Starts the delivery of a message to a confirmed subscription whose filter lets it through.
   * With `fails`, the first try fails as if the endpoint's service were down.
   */
  start(
    subscription: Subscription,
    message: PublishedMessage,
    { now, fails = false }: { readonly now: number; readonly fails?: boolean },
  ): void {
    this.#lastId += 1;
    const isOrdered = subscription.topic.isFifo;
    const lane = isOrdered ? `${subscription.arn} ${message.groupId ?? ''}` : undefined;
    const delivery: Delivery = {
      id: String(this.#lastId),
      subscription,
      message,
      lane,
      failures: 0,
      dueAt: now,
      slot: -1,
    };
    const ahead = lane === undefined ? undefined : this.#lanes.get(lane);
    if (ahead !== undefined) {
      ahead.push(delivery);
      return;
    }
    if (fails) this.#settle(delivery, { kind: 'failed', reason: 'the service was not available' }, now);
    else this.#attempt(delivery, now);
  }

  /** Asks an endpoint to confirm its subscription. */
  askConfirmation(subscription: Subscription, form: OutboundDelivery | OutboxEntry): void {
    if ('attempt' in form) this.#outbound.push(form);
    else this.#departures.outbox.add(form);
  }

  /** Deliveries to perform now; each is handed out once per attempt. */
  takeOutbound(): readonly OutboundDelivery[] {
    const taken = this.#outbound;
    this.#outbound = [];
    return taken;
  }

  /** Notes how a taken delivery ended; an id that is not being performed is left alone. */
  conclude(id: string, outcome: PerformedOutcome, now: number): void {
    const delivery = this.#performing.get(id);
    if (delivery === undefined) return;
    this.#performing.delete(id);
    this.#settle(delivery, outcome, now);
    this.#drainLane(delivery, now);
  }

  /** Tries again what is due. */
  advance(now: number): void {
    for (let due = this.#waiting.peek(); due !== undefined && due.dueAt <= now; due = this.#waiting.peek()) {
      this.#waiting.remove(due);
      this.#attempt(due, now);
      this.#drainLane(due, now);
    }
  }

  nextDeadline(): number | undefined {
    return this.#waiting.peek()?.dueAt;
  }

  /** The last deliveries that were given up. */
  lost(): readonly LostDelivery[] {
    return this.#lost;
  }

  #attempt(delivery: Delivery, now: number): void {
    const { subscription, message } = delivery;
    if (subscription.state !== 'confirmed') return;
    switch (subscription.protocol) {
      case 'sqs':
        this.#settle(delivery, this.#deliverToQueue(subscription, message, now), now);
        return;
      case 'http':
      case 'https':
      case 'lambda':
        this.#performing.set(delivery.id, delivery);
        this.#outbound.push(
          outboundDelivery(message, subscription, {
            id: delivery.id,
            attempt: delivery.failures + 1,
            signing: this.#options,
          }),
        );
        return;
      case 'application':
      case 'sms':
      case 'email':
      case 'email-json':
      case 'firehose':
        this.#settle(delivery, this.#departures.deliver(message, subscription, now), now);
    }
  }

  #deliverToQueue(subscription: Subscription, message: PublishedMessage, now: number): DeliveryOutcome {
    const form = attemptedDelivery(message, subscription, this.#options);
    if (form.kind === 'refused') return form;
    return this.#options.deliverToQueue(subscription.endpoint, form.delivery, now);
  }

  #settle(delivery: Delivery, outcome: PerformedOutcome, now: number): void {
    if (outcome.kind === 'failed') {
      delivery.failures += 1;
      const delay = retryDelay(
        delivery.subscription.protocol,
        delivery.failures,
        retryPolicyOf(delivery.subscription),
      );
      if (delay !== undefined) {
        delivery.dueAt = now + delay;
        this.#waiting.push(delivery);
        this.#holdLane(delivery);
        return;
      }
    }
    if (outcome.kind !== 'delivered') this.#giveUp(delivery, outcome.reason, now);
  }

  #giveUp({ subscription, message }: Delivery, reason: string, now: number): void {
    const { deadLetterArn } = subscription;
    const moved =
      deadLetterArn === undefined
        ? undefined
        : this.#options.deliverToQueue(
            deadLetterArn,
            deadLetterDelivery(message, subscription, {
              reason,
              requestId: this.#options.randomId(),
              signing: this.#options,
            }),
            now,
          );
    this.#lost.push({
      subscriptionArn: subscription.arn,
      messageId: message.messageId,
      reason: moved === undefined || moved.kind === 'delivered' ? reason : `${reason}; ${moved.reason}`,
      deadLetterArn: moved?.kind === 'delivered' ? deadLetterArn : undefined,
      at: now,
    });
    if (this.#lost.length > LOST_KEPT) this.#lost.shift();
  }

  #holdLane({ lane }: Delivery): void {
    if (lane !== undefined && !this.#lanes.has(lane)) this.#lanes.set(lane, []);
  }

  /** Goes on with what waited behind a delivery, unless that one has to be tried again. */
  #drainLane({ lane, slot }: Delivery, now: number): void {
    if (lane === undefined || slot >= 0) return;
    const behind = this.#lanes.get(lane) ?? [];
    for (let next = behind.shift(); next !== undefined; next = behind.shift()) {
      this.#attempt(next, now);
      if (next.slot >= 0) return;
    }
    this.#lanes.delete(lane);
  }
}

function retryPolicyOf({ attributes, topic }: Subscription): HttpRetryPolicy {
  const text = attributes.get('DeliveryPolicy') ?? topic.attributes.get('DeliveryPolicy');
  return (text === undefined ? undefined : readDeliveryPolicy(text)) ?? DEFAULT_HTTP_RETRY_POLICY;
}

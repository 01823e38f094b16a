import { Deliveries } from './deliveries.js';
import type { SnsEngineOptions } from './options.js';
import { Departures } from './departures.js';
import { Platforms } from './platforms.js';
import { newTopic, type Subscription, type Topic } from './topic.js';

/** The topics of one account in one region, and what is on its way to their subscribers. */
export class SnsAccount {
  readonly options: SnsEngineOptions;
  readonly platforms = new Platforms();
  readonly departures: Departures;
  readonly deliveries: Deliveries;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: SnsEngineOptions) {
    this.options = options;
    this.departures = new Departures(this.platforms, options.outboxSize);
    this.deliveries = new Deliveries(options, this.departures);
  }

  arnOf(name: string): string {
    return `arn:aws:sns:${this.options.region}:${this.options.accountId}:${name}`;
  }

  topic(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  createTopic(name: string, attributes: Readonly<Record<string, string>>): Topic {
    const topic = newTopic(this.arnOf(name), attributes);
    this.#topics.set(topic.arn, topic);
    return topic;
  }

  deleteTopic(topic: Topic): void {
    for (const subscription of [...topic.subscriptions.values()]) this.deleteSubscription(subscription);
    this.#topics.delete(topic.arn);
  }

  subscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  addSubscription(subscription: Subscription): void {
    subscription.topic.subscriptions.set(subscription.arn, subscription);
    this.#subscriptions.set(subscription.arn, subscription);
  }

  deleteSubscription(subscription: Subscription): void {
    subscription.state = 'deleted';
    subscription.topic.subscriptions.delete(subscription.arn);
    subscription.topic.deletedSubscriptions += 1;
    this.#subscriptions.delete(subscription.arn);
  }
}

import type { PerformedOutcome } from './performed-outcome.js';
import { Outbox, type OutboxEntry } from './outbox.js';
import type { PlatformEndpoint, Platforms } from './platforms.js';
import { bodyFor, type PublishedMessage } from './published-message.js';
import type { Subscription } from './topic.js';

/** What a message says to an app, to a telephone or to a mailbox. */
export interface DepartingMessage {
  readonly subject: string | undefined;
  /** The text for who has none of its own. */
  readonly body: string;
  /** Texts by protocol and by platform. */
  readonly bodies: Readonly<Record<string, string>>;
}

/** Where messages leave the local AWS for good: they are written into the outbox. */
export class Departures {
  readonly outbox: Outbox;
  readonly #platforms: Platforms;

  constructor(platforms: Platforms, outboxSize: number | undefined) {
    this.#platforms = platforms;
    this.outbox = new Outbox(outboxSize);
  }

  /** Delivers to a subscription; an app that is gone or disabled and a telephone that opted out get nothing. */
  deliver(
    message: PublishedMessage,
    { protocol, endpoint }: Pick<Subscription, 'protocol' | 'endpoint'>,
    now: number,
  ): PerformedOutcome {
    if (protocol === 'application') return this.#deliverToApp(message, endpoint, now);
    if (protocol === 'sms' && this.#platforms.isOptedOut(endpoint))
      return { kind: 'refused', reason: `phone number ${endpoint} has opted out` };
    this.#record(message, { protocol, endpoint, text: bodyFor(message, protocol), push: undefined, at: now });
    return { kind: 'delivered' };
  }

  /** Sends an SMS. */
  text(message: DepartingMessage, phoneNumber: string, now: number): void {
    const text = message.bodies['sms'] ?? message.body;
    this.#record(message, { protocol: 'sms', endpoint: phoneNumber, text, push: undefined, at: now });
  }

  /** Sends a push notification, with the text of the app's platform if there is one. */
  push(message: DepartingMessage, { arn, application, attributes }: PlatformEndpoint, now: number): void {
    const { platform } = application;
    this.#record(message, {
      protocol: 'application',
      endpoint: arn,
      text: message.bodies[platform] ?? message.body,
      push: { platform, deviceToken: attributes.get('Token') ?? '' },
      at: now,
    });
  }

  #deliverToApp(message: PublishedMessage, arn: string, now: number): PerformedOutcome {
    const found = this.#platforms.lookUp(arn);
    if (found.kind !== 'enabled')
      return { kind: 'refused', reason: `platform endpoint ${arn} is ${found.kind}` };
    this.push(message, found.endpoint, now);
    return { kind: 'delivered' };
  }

  #record(
    { subject }: DepartingMessage,
    entry: Pick<OutboxEntry, 'protocol' | 'endpoint' | 'text' | 'push' | 'at'>,
  ): void {
    this.outbox.add({ ...entry, kind: 'notification', subject, token: undefined });
  }
}

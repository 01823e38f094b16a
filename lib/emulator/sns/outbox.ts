import type { SnsProtocol } from './published-message.js';

/** Something that left AWS's world: an e-mail, an SMS, a push notification, a Firehose record. */
export interface OutboxEntry {
  /** How it went: `email`, `email-json`, `sms` or `application`. */
  readonly protocol: SnsProtocol;
  /** The address, phone number or platform endpoint. */
  readonly endpoint: string;
  /** A message of the topic, or the question whether somebody wants its messages. */
  readonly kind: 'notification' | 'confirmation';
  /** Subject of the publish, where it had one. */
  readonly subject: string | undefined;
  /** What is read there. */
  readonly text: string;
  /** The confirmation token an e-mail's link would carry. */
  readonly token: string | undefined;
  /** Where a push notification goes; undefined for everything else. */
  readonly push: { readonly platform: string; readonly deviceToken: string } | undefined;
  /** Epoch ms. */
  readonly at: number;
}

const DEFAULT_SIZE = 1_000;

/** Keeps the newest entries, so that a test can read what would have been sent. */
export class Outbox {
  readonly #entries: OutboxEntry[] = [];
  readonly #size: number;

  constructor(size = DEFAULT_SIZE) {
    this.#size = size;
  }

  add(entry: OutboxEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#size) this.#entries.shift();
  }

  /** Oldest first. */
  entries(): readonly OutboxEntry[] {
    return [...this.#entries];
  }
}

import { createHash } from 'node:crypto';
import { MillraceError } from '../../core/errors.js';
import type { GuardOutcome } from './guard.js';
import type { OutboxMessage } from './outbox-message.js';
import { createRecentValues } from './recent-values.js';
import type { RecordKeeper } from './record-keeper.js';

/** Sends what transactions committed. */
export interface OutboxSender {
  /** Resolves when every message was taken. @throws what kept one from being taken; the others may have been */
  send(messages: readonly OutboxMessage[]): Promise<void>;
}

/** A record has to stay below DynamoDB's 400 KB, whatever else is in it. */
const MAX_BYTES = 350_000;

/**
 * Messages as they stand in a record; undefined for none.
 * @throws {TRANSACTION_REFUSED} they are more than a record holds
 */
export function encodeOutbox(messages: readonly OutboxMessage[]): string | undefined {
  if (messages.length === 0) return undefined;
  const text = JSON.stringify(messages);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return text;
  throw new MillraceError(
    'TRANSACTION_REFUSED',
    `the handler published ${bytes} bytes, the record of a message holds ${MAX_BYTES}: publish less, or a reference to it`,
  );
}

/** What a message left to be published, and what came of it otherwise. */
export interface Relaying {
  readonly key: string;
  readonly outbox: string | undefined;
  readonly outcome: GuardOutcome;
}

/** Records whose outbox this process has sent, by the hash of what was in it. */
const RECENTLY_SENT = 1_000;

/**
 * Publishes what was committed with a message, then forgets it. The message itself is the pointer to its outbox: it is
 * deleted only after this, so a crash anywhere before brings it back, and the next worker finds the outbox in its record.
 * Published at least once, therefore, with the same ids each time; copies of a message in one process share one sending.
 */
export class OutboxRelay {
  readonly #keeper: RecordKeeper;
  readonly #sender: OutboxSender;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #sent = createRecentValues<string>(RECENTLY_SENT);

  constructor(keeper: RecordKeeper, sender: OutboxSender) {
    this.#keeper = keeper;
    this.#sender = sender;
  }

  /** Never rejects: what can't be published makes the message fail. */
  async finish({ key, outbox, outcome }: Relaying): Promise<GuardOutcome> {
    if (outbox === undefined) return outcome;
    try {
      await this.#share(key, outbox);
      return outcome;
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  #share(key: string, outbox: string): Promise<void> {
    const shared = this.#sending.get(key);
    if (shared !== undefined) return shared;
    const sending = this.#send(key, outbox).finally(() => this.#sending.delete(key));
    this.#sending.set(key, sending);
    return sending;
  }

  async #send(key: string, outbox: string): Promise<void> {
    const hash = createHash('sha256').update(outbox).digest('base64url');
    if (this.#sent.get(key) === hash) return; // a copy that saw the outbox before it was cleared
    await this.#sender.send(JSON.parse(outbox) as readonly OutboxMessage[]);
    this.#sent.set(key, hash);
    // Not forgotten is published again only if another copy comes elsewhere, which this promises anyway.
    await this.#keeper.clearOutbox(key).catch(() => undefined);
  }
}

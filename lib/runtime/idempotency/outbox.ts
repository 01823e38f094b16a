import { MillraceError } from '../../core/errors.js';
import type { GuardOutcome } from './guard.js';
import type { OutboxMessage } from './outbox-message.js';
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

/** What the guards relay with. */
export interface Relay {
  readonly keeper: RecordKeeper;
  readonly sender: OutboxSender;
}

/**
 * Publishes what was committed with a message, then forgets it. The message itself is the pointer to its outbox: it is
 * deleted only after this, so a crash anywhere before brings it back, and the next worker finds the outbox in its record.
 * Published at least once, therefore, with the same ids each time.
 */
export async function relayOutbox(
  { keeper, sender }: Relay,
  work: { readonly key: string; readonly outbox: string | undefined; readonly outcome: GuardOutcome },
): Promise<GuardOutcome> {
  if (work.outbox === undefined) return work.outcome;
  try {
    await sender.send(JSON.parse(work.outbox) as readonly OutboxMessage[]);
  } catch (error) {
    return { kind: 'failed', error };
  }
  // Not forgotten is published again only if another copy comes, which this promises anyway.
  await keeper.clearOutbox(work.key).catch(() => undefined);
  return work.outcome;
}

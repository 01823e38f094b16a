import type { Hazard } from '../engine.js';
import type { SnsAccount } from './account.js';
import type { PublishedMessage } from './published-message.js';
import type { Subscription, Topic } from './topic.js';

/** Archives a message and sends it on its way to every subscription that wants it. */
export function fanOut(
  account: SnsAccount,
  topic: Topic,
  { message, hazard }: { readonly message: PublishedMessage; readonly hazard: Hazard | undefined },
): void {
  topic.archive?.add(message);
  const fails = hazard === 'fail-delivery';
  const copies = hazard === 'duplicate' && !topic.isFifo ? 2 : 1;
  for (const subscription of topic.subscriptions.values()) {
    if (!wants(subscription, message)) continue;
    for (let copy = 0; copy < copies; copy += 1)
      account.deliveries.start(subscription, message, { now: message.publishedAt, fails });
  }
}

function wants({ state, filter, replay }: Subscription, message: PublishedMessage): boolean {
  if (state !== 'confirmed' || message.publishedAt > (replay?.until ?? Infinity)) return false;
  return filter?.matches({ attributes: message.attributes, body: message.body }) !== false;
}

/** Delivers what the archive has of a subscription's replay policy, marked as replayed and otherwise as it was. */
export function replayArchive(account: SnsAccount, subscription: Subscription, now: number): void {
  const { replay, topic } = subscription;
  if (replay === undefined || topic.archive === undefined) return;
  for (const message of topic.archive.between(replay)) {
    if (wants(subscription, message))
      account.deliveries.start(subscription, { ...message, isReplayed: true }, { now });
  }
}

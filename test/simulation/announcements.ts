import type { Copy, Fact, Ledger } from './ledger.js';
import type { ProcessWorld } from './process-world.js';
import type { Json } from './wire-call.js';

/** What a handler publishes is about to leave: its transaction must be committed. */
export function checkAnnouncement(ledger: Ledger, entry: Json, world: ProcessWorld): void {
  const { run } = JSON.parse(String(entry['MessageBody'])) as { readonly run: number };
  const execution = ledger.executions[run];
  const commits = execution?.fact.commits.get(ledger.commitKeyOf(execution.handOut.copy));
  if (commits?.has(run) !== true)
    ledger.history.accuse(
      'published-uncommitted',
      `${world.name} publishes for run ${run}, which has committed nothing`,
    );
}

/** It was taken: the first time, what the messages of a group publish has to come in their order. */
export function noteAnnouncement(ledger: Ledger, fact: Fact): void {
  if (fact.isAnnounced) return;
  fact.isAnnounced = true;
  ledger.history.note('sqs', 'accepted', `what ${fact.id} publishes`);
  if (ledger.scenario.queue !== 'fifo') return;
  const own = [...ledger.copies.values()].find((copy) => copy.fact === fact && copy.sequence !== undefined);
  const owing = own && earlierOf(ledger, own).find((copy) => isOwed(ledger, copy));
  if (owing !== undefined)
    ledger.history.accuse(
      'outbox-order',
      `what ${fact.id} publishes is taken before that of ${owing.fact.id}`,
    );
}

function earlierOf(ledger: Ledger, own: Copy): readonly Copy[] {
  const sequence = BigInt(own.sequence ?? 0);
  return ledger.groupOf(own).filter((copy) => BigInt(copy.sequence ?? sequence) < sequence);
}

const isOwed = (ledger: Ledger, copy: Copy): boolean =>
  ledger.owesAnnouncement(copy.fact) && !ledger.isUsedUp(copy) && !copy.fact.isPurged;

import type { Fact, Ledger } from './ledger.js';
import type { Site } from './site.js';
import { listIn } from './wire-call.js';

/** What can only be judged when all is over. */
export async function checkOutcome(site: Site): Promise<void> {
  const { history, ledger } = site;
  const dead = await deadLettersOf(site);
  for (const fact of ledger.facts.values())
    if (!isAccountedFor(fact) && !dead.has(fact))
      history.accuse('lost', `${fact.id} was accepted, and is neither handled nor in the dead-letter queue`);
  for (const fact of ledger.facts.values())
    if (ledger.owesAnnouncement(fact) && !fact.isPurged && !dead.has(fact))
      history.accuse('outbox-lost', `what ${fact.id} publishes was committed and never sent`);
  checkInflation(ledger);
}

const isAccountedFor = (fact: Fact): boolean =>
  !fact.isAccepted || fact.isHandled || fact.isDropped || fact.isPurged;

async function deadLettersOf({ account, ledger, history }: Site): Promise<ReadonlySet<Fact>> {
  const dead = new Set<Fact>();
  for (;;) {
    const { output } = await account.ask('ReceiveMessage', {
      QueueUrl: account.names.deadLetterUrl,
      MaxNumberOfMessages: 10,
    });
    const messages = listIn(output, 'Messages');
    if (messages.length === 0) return dead;
    for (const message of messages) {
      const fact = ledger.factIn(String(message['Body']));
      if (fact !== undefined) dead.add(fact);
      history.note('operator', 'finds a dead letter', fact?.id ?? '');
    }
    // Taken out: what is in flight would hold back the rest of its group.
    const Entries = messages.map(({ ReceiptHandle }, position) => ({ Id: String(position), ReceiptHandle }));
    await account.ask('DeleteMessageBatch', { QueueUrl: account.names.deadLetterUrl, Entries });
  }
}

/** What a worker holds, and a few rounds of it. */
const RETURNED_PER_TROUBLE = 30;
/** Per run of a handler that was not the one that counts: followers that go back with a failed message, or twins that wait for the lease of one that was left behind. */
const RETURNED_PER_FAILURE = 10;

/** Receives without a handler burn a message's tries: only what went wrong may cause them. */
function checkInflation({ scenario, copies, executions, facts, history }: Ledger): void {
  const readable = [...copies.values()].filter(({ fact }) => fact.isReadable);
  const idle = readable
    .flatMap(({ handOuts }) => handOuts)
    .filter(({ execution }) => execution === undefined);
  const failures = executions.length - [...facts.values()].filter(({ isHandled }) => isHandled).length;
  const repeats = Math.max(0, copies.size - facts.size);
  const allowed =
    failures * RETURNED_PER_FAILURE +
    repeats * scenario.maxReceiveCount +
    scenario.disturbances.length * (RETURNED_PER_TROUBLE + readable.length);
  if (idle.length > allowed)
    history.accuse(
      'receive-inflation',
      `${idle.length} receives led to no handler, ${allowed} would be explained`,
    );
}

import { REASON_ATTRIBUTE } from '../../lib/runtime/index.js';
import { checkAnnouncement, noteAnnouncement } from './announcements.js';
import type { Copy, Fact, HandOut, Ledger } from './ledger.js';
import type { ProcessWorld } from './process-world.js';
import { listIn, type Json, type WireAnswer, type WireCall } from './wire-call.js';

/** Names of what the simulated account holds. */
export interface AccountNames {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  /** Where handlers publish to. */
  readonly outcomesUrl: string;
  readonly effectsTable: string;
}

/**
 * Listens at the wire: what left a process, what the services did, and what the process learned of it are three
 * different things, and each has its rule.
 */
export class Tap {
  readonly #ledger: Ledger;
  readonly #names: AccountNames;
  /** What a call that is out gives back, should SQS take it. */
  readonly #givenBack = new WeakMap<WireCall, readonly HandOut[]>();

  constructor(ledger: Ledger, names: AccountNames) {
    this.#ledger = ledger;
    this.#names = names;
  }

  /** A call is leaving: the moment at which a process must hold the right it uses. */
  departed(call: WireCall, world: ProcessWorld): void {
    const { operation, input } = call;
    this.#ledger.history.note(world.name, `> ${operation}`, entriesIn(input));
    switch (operation) {
      case 'DeleteMessageBatch':
        for (const entry of listIn(input, 'Entries')) this.#checkDelete(entry, world);
        return;
      case 'ChangeMessageVisibilityBatch':
        for (const entry of listIn(input, 'Entries')) this.#checkChange(entry, world);
        this.#givenBack.set(call, this.#givenBackBy(input));
        return;
      case 'SendMessageBatch':
        for (const entry of listIn(input, 'Entries'))
          if (input['QueueUrl'] === this.#names.deadLetterUrl) this.#checkDeadLetter(entry, world);
          else if (input['QueueUrl'] === this.#names.outcomesUrl)
            checkAnnouncement(this.#ledger, entry, world);
    }
  }

  /** A service did a call, whatever becomes of its answer. */
  served(call: WireCall, world: ProcessWorld, { status, output }: WireAnswer): void {
    if (status !== 200) return;
    const { operation, input } = call;
    switch (operation) {
      case 'SendMessageBatch':
        this.#sent(input, output);
        return;
      case 'ReceiveMessage':
        this.#handedOut(input, output, world);
        return;
      case 'DeleteMessageBatch':
        for (const entry of doneEntries(input, output)) this.#deleted(entry);
        return;
      case 'ChangeMessageVisibilityBatch':
        for (const entry of doneEntries(input, output)) this.#prolonged(entry);
        return;
      default:
        if (call.service === 'dynamodb') this.#stored(call, output, world);
    }
  }

  /** A process has the answer to its call. */
  delivered(call: WireCall, { status, output }: WireAnswer): void {
    if (call.operation !== 'ChangeMessageVisibilityBatch' || status !== 200) return;
    const done = new Set(doneEntries(call.input, output).map((entry) => entry['ReceiptHandle']));
    for (const handOut of this.#givenBack.get(call) ?? [])
      if (done.has(handOut.handle)) handOut.isReleased = true;
    for (const handle of done) {
      const handOut = this.#ledger.handOuts.get(String(handle));
      if (handOut !== undefined) handOut.isLeaseFresh = false;
    }
  }

  #givenBackBy(input: Json): readonly HandOut[] {
    return listIn(input, 'Entries').flatMap((entry) => {
      const handOut = this.#handOutOf(entry);
      const isGivenBack = handOut?.isGivenUp === true || Number(entry['VisibilityTimeout']) === 0;
      return handOut !== undefined && isGivenBack ? [handOut] : [];
    });
  }

  #handOutOf(entry: Json): HandOut | undefined {
    return this.#ledger.handOuts.get(String(entry['ReceiptHandle']));
  }

  #checkDelete(entry: Json, world: ProcessWorld): void {
    const handOut = this.#handOutOf(entry);
    if (handOut === undefined) return;
    this.#checkRight(handOut, 'delete', world);
    if (!this.#ledger.isSettled(handOut.copy))
      this.#ledger.history.accuse(
        'deleted-unhandled',
        `${world.name} deletes ${nameOf(handOut)}, which nobody has handled`,
      );
    if (this.#ledger.holdsAnnouncement(handOut.copy) && !handOut.copy.isDeadLettered)
      this.#ledger.history.accuse(
        'outbox-lost',
        `${world.name} deletes ${nameOf(handOut)} before what it publishes was taken`,
      );
  }

  #checkChange(entry: Json, world: ProcessWorld): void {
    const handOut = this.#handOutOf(entry);
    if (handOut === undefined) return;
    const { history, scenario } = this.#ledger;
    this.#checkRight(handOut, 'visibility change', world);
    if (handOut.isReleased)
      history.accuse(
        'changed-after-release',
        `${world.name} changes ${nameOf(handOut)} after it gave it back`,
      );
    const { execution } = handOut;
    if (scenario.mode !== 'lease' || execution === undefined || execution.endedAt !== undefined) return;
    if (!handOut.isLeaseFresh && !this.#ledger.isAmbiguous(handOut))
      history.accuse('renewed-alone', `${world.name} renews ${nameOf(handOut)} without its lease`);
  }

  #checkDeadLetter(entry: Json, world: ProcessWorld): void {
    const source = sourceOf(entry);
    const copy = this.#ledger.copies.get(source ?? '');
    // A message that SQS stored twice has two handles of one name: either may be meant.
    const own = copy?.handOuts.filter((handOut) => handOut.world === world) ?? [];
    const [latest] = [...own].sort((a, b) => b.claimUntil - a.claimUntil);
    if (latest !== undefined) this.#checkRight(latest, 'dead letter', world);
  }

  #checkRight(handOut: HandOut, use: string, world: ProcessWorld): void {
    const overBy = this.#ledger.now - handOut.claimUntil;
    if (overBy >= 0)
      this.#ledger.history.accuse(
        'right-over',
        `${use} of ${world.name} for ${nameOf(handOut)}, ${overBy} ms after its visibility timeout`,
      );
  }

  #sent(input: Json, output: Json): void {
    const isDeadLetter = input['QueueUrl'] === this.#names.deadLetterUrl;
    const answers = new Map(listIn(output, 'Successful').map((answer) => [answer['Id'], answer]));
    for (const entry of listIn(input, 'Entries')) {
      const answer = answers.get(entry['Id']);
      const fact = this.#ledger.factIn(String(entry['MessageBody']));
      if (answer === undefined || fact === undefined) continue;
      if (isDeadLetter) this.#deadLettered(entry);
      else if (input['QueueUrl'] === this.#names.outcomesUrl) noteAnnouncement(this.#ledger, fact);
      else this.#accepted(entry, answer, fact);
    }
  }

  #accepted(entry: Json, answer: Json, fact: Fact): void {
    const messageId = String(answer['MessageId']);
    const isFifo = this.#ledger.scenario.queue === 'fifo';
    this.#ledger.copyOf({
      messageId,
      fact,
      group: isFifo ? (entry['MessageGroupId'] as string | undefined) : undefined,
      sequence: answer['SequenceNumber'] as string | undefined,
    });
    this.#ledger.history.note('sqs', 'accepted', `${fact.id} ${messageId}`);
  }

  #deadLettered(entry: Json): void {
    const copy = this.#ledger.copies.get(sourceOf(entry) ?? '');
    if (copy === undefined) return;
    copy.isDeadLettered = true;
    this.#ledger.history.note('sqs', 'dead-lettered', copy.fact.id);
  }

  #handedOut(input: Json, output: Json, world: ProcessWorld): void {
    const ledger = this.#ledger;
    for (const message of listIn(output, 'Messages')) {
      const fact = ledger.factIn(String(message['Body']));
      if (fact === undefined) continue;
      const system = message['Attributes'] as Readonly<Record<string, string | undefined>>;
      const copy: Copy = ledger.copyOf({
        messageId: String(message['MessageId']),
        fact,
        group: ledger.scenario.queue === 'fifo' ? system['MessageGroupId'] : undefined,
        sequence: system['SequenceNumber'],
      });
      const handOut: HandOut = {
        handle: String(message['ReceiptHandle']),
        copy,
        receiveCount: Number(system['ApproximateReceiveCount']),
        world,
        receivedAt: ledger.now,
        claimUntil: ledger.now + Number(input['VisibilityTimeout']) * 1_000,
        execution: undefined,
        isGivenUp: false,
        isReleased: false,
        isLeaseFresh: true,
      };
      copy.handOuts.push(handOut);
      ledger.handOuts.set(handOut.handle, handOut);
      ledger.history.note('sqs', 'handed out', `${nameOf(handOut)} to ${world.name}`);
    }
  }

  #deleted(entry: Json): void {
    const handOut = this.#handOutOf(entry);
    // A handle that a later receive replaced succeeds and deletes nothing.
    if (handOut === undefined || handOut.copy.handOuts.at(-1) !== handOut) return;
    handOut.copy.isDeleted = true;
    this.#ledger.history.note('sqs', 'deleted', nameOf(handOut));
  }

  #prolonged(entry: Json): void {
    const handOut = this.#handOutOf(entry);
    if (handOut === undefined) return;
    // Also where it is given back: a release whose answer is lost may be tried again.
    handOut.claimUntil = Math.max(
      handOut.claimUntil,
      this.#ledger.now + Number(entry['VisibilityTimeout']) * 1_000,
    );
  }

  #stored(call: WireCall, output: Json, world: ProcessWorld): void {
    for (const { Put } of listIn(call.input, 'TransactItems') as readonly { readonly Put?: Json }[])
      if (Put?.['TableName'] === this.#names.effectsTable) this.#committed(Put);
    if (this.#ledger.scenario.mode !== 'lease' || READS.has(call.operation)) return;
    writesIn(call.input).forEach((write, position) => {
      const isRefused = listIn(output, 'Responses')[position]?.['Error'] !== undefined;
      const fact = this.#ledger.factIn(write);
      if (fact !== undefined && !isRefused)
        this.#ledger.setLease(world, fact, leaseIn(write, world.clock.now()));
    });
  }

  #committed(put: Json): void {
    const { pk } = put['Item'] as { readonly pk: { readonly S: string } };
    const execution = this.#ledger.executions[Number(pk.S.split('#').at(-1))];
    if (execution === undefined) return;
    const { fact, handOut } = execution;
    const key = this.#ledger.commitKeyOf(handOut.copy);
    const commits = fact.commits.get(key) ?? new Set<number>();
    fact.commits.set(key, commits.add(execution.number));
    fact.isHandled = true;
    this.#ledger.history.note('dynamodb', 'committed', `run ${execution.number} of ${nameOf(handOut)}`);
    if (commits.size > 1)
      this.#ledger.history.accuse(
        'effect-doubled',
        `${fact.id} has effects of runs ${[...commits].join(' and ')}`,
      );
  }
}

/** How a hand-out is called in traces. */
export const nameOf = ({ copy, receiveCount }: HandOut): string =>
  `${copy.fact.id}/${copy.messageId.slice(0, 8)}.${receiveCount}`;

const doneEntries = (input: Json, output: Json): readonly Json[] => {
  const done = new Set(listIn(output, 'Successful').map((entry) => entry['Id']));
  return listIn(input, 'Entries').filter((entry) => done.has(entry['Id']));
};

/** The message a dead letter was made of. */
function sourceOf(entry: Json): string | undefined {
  const attributes = entry['MessageAttributes'] as
    Readonly<Record<string, { readonly StringValue?: string }>> | undefined;
  const reason = attributes?.[REASON_ATTRIBUTE]?.StringValue;
  return reason === undefined ? undefined : (JSON.parse(reason) as { readonly messageId?: string }).messageId;
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

/** The single writes of a call, as text: whatever form a store writes records in, keys and times stand in it. */
const writesIn = (input: Json): readonly string[] => {
  const list = [...listIn(input, 'TransactItems'), ...listIn(input, 'Statements')];
  return (list.length === 0 ? [input] : list).map((write) => JSON.stringify(write));
};

/** When a lease ends, in a write of it: the one number that is a time to come, in epoch milliseconds. */
const leaseIn = (write: string, now: number): number | undefined =>
  [...write.matchAll(/"N":"(\d{13})"/g)].map(([, digits]) => Number(digits)).find((time) => time > now);

const entriesIn = (input: Json): string => {
  const entries = listIn(input, 'Entries').length;
  return entries === 0 ? '' : `${entries} entries`;
};

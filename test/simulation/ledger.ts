import type { Clock } from '../../lib/core/clock.js';
import type { History } from './history.js';
import type { ProcessWorld } from './process-world.js';
import type { Scenario } from './scenario.js';

/** A business fact: what the promises are about. */
export interface Fact {
  readonly id: string;
  readonly isReadable: boolean;
  /** SQS has, or had, a message of it. */
  isAccepted: boolean;
  /** A handler of it returned, or (where effects are committed) its effect was committed. */
  isHandled: boolean;
  isDropped: boolean;
  /** Purged by an operator: nobody promises anything. */
  isPurged: boolean;
  /** When a worker said that it is handled and recorded. */
  recordedAt: number;
  /** Effects committed, by what they may be committed once for. */
  readonly commits: Map<string, Set<number>>;
  /** What its handler published has been taken. */
  isAnnounced: boolean;
  readonly executions: Execution[];
}

/** One message in the queue: a fact may have several. */
export interface Copy {
  readonly messageId: string;
  readonly fact: Fact;
  readonly group: string | undefined;
  readonly sequence: string | undefined;
  readonly handOuts: HandOut[];
  isDeleted: boolean;
  isDeadLettered: boolean;
}

/** One receive of a copy, and the right that came with it. */
export interface HandOut {
  readonly handle: string;
  readonly copy: Copy;
  readonly receiveCount: number;
  readonly world: ProcessWorld;
  readonly receivedAt: number;
  /** Until when SQS keeps the message from others, as far as the holder can rely on it. */
  claimUntil: number;
  execution: Execution | undefined;
  /** The holder has said when it will come back. */
  isGivenUp: boolean;
  /** Given back, and the holder knows that SQS took it. */
  isReleased: boolean;
  /** Mode `lease`: whether the lease was prolonged since the visibility timeout was renewed. */
  isLeaseFresh: boolean;
}

/** One run of a handler. */
export interface Execution {
  readonly number: number;
  readonly fact: Fact;
  readonly handOut: HandOut;
  readonly startedAt: number;
  endedAt: number | undefined;
  outcome: 'returned' | 'threw' | undefined;
}

/** What really happened, gathered at the services' end of the wire and inside the handlers; nothing the code under test says. */
export class Ledger {
  readonly scenario: Scenario;
  readonly history: History;
  readonly facts: ReadonlyMap<string, Fact>;
  readonly copies = new Map<string, Copy>();
  readonly handOuts = new Map<string, HandOut>();
  /** By number. */
  readonly executions: Execution[] = [];
  /** Until when a process holds the lease of a fact, in true time. */
  readonly #leases = new Map<string, number>();
  readonly #groups = new Map<string, Copy[]>();
  readonly #clock: Clock;

  constructor(scenario: Scenario, history: History, clock: Clock) {
    this.scenario = scenario;
    this.history = history;
    this.#clock = clock;
    this.facts = new Map(scenario.messages.map(({ id, form }) => [id, newFact(id, form === 'job')]));
  }

  get now(): number {
    return this.#clock.monotonic();
  }

  /** The receive that a handler or a worker's event is about; more than one where SQS stored a message twice. */
  handOutsOf(world: ProcessWorld, messageId: string, receiveCount: number): readonly HandOut[] {
    const all = this.copies.get(messageId)?.handOuts ?? [];
    return all.filter((handOut) => handOut.world === world && handOut.receiveCount === receiveCount);
  }

  /** Whether nobody outside the worker can tell which receive it means by message id and receive count. */
  isAmbiguous({ world, copy, receiveCount }: HandOut): boolean {
    return this.handOutsOf(world, copy.messageId, receiveCount).length > 1;
  }

  /** Until when the receive of a handler holds at least: of two with the same name it may be either. */
  heldAtLeastUntil({ world, copy, receiveCount }: HandOut): number {
    const candidates = this.handOutsOf(world, copy.messageId, receiveCount);
    return Math.min(...candidates.map(({ claimUntil }) => claimUntil));
  }

  /** Grows with everything that brings the queue nearer to its end. */
  get progress(): number {
    return this.handOuts.size + this.executions.length;
  }

  /** The fact a body or a key is about; ids look like m12. */
  factIn(text: string): Fact | undefined {
    const id = /\bm\d+\b/.exec(text)?.[0];
    return id === undefined ? undefined : this.facts.get(id);
  }

  /** Finds or adds a copy. */
  copyOf(seen: Pick<Copy, 'messageId' | 'fact' | 'group' | 'sequence'>): Copy {
    const known = this.copies.get(seen.messageId);
    if (known !== undefined) return known;
    const copy: Copy = { ...seen, handOuts: [], isDeleted: false, isDeadLettered: false };
    this.copies.set(seen.messageId, copy);
    seen.fact.isAccepted = true;
    if (seen.group !== undefined) {
      const group = this.#groups.get(seen.group) ?? [];
      group.push(copy);
      this.#groups.set(seen.group, group);
    }
    return copy;
  }

  /** All copies of one FIFO group. */
  groupOf(copy: Copy): readonly Copy[] {
    return copy.group === undefined ? [] : (this.#groups.get(copy.group) ?? []);
  }

  /** What a fact's effect may be committed once for. */
  commitKeyOf({ sequence }: Copy): string {
    return this.scenario.mode === 'sequence' ? (sequence ?? '') : '';
  }

  /** Whether nothing is left to do for this copy, so that it may be deleted. */
  isSettled(copy: Copy): boolean {
    const { fact } = copy;
    if (fact.isDropped || copy.isDeadLettered) return true;
    return this.#commitsEffects ? fact.commits.has(this.commitKeyOf(copy)) : fact.isHandled;
  }

  /** Whether SQS moves a copy to the dead-letter queue by itself, so that its group goes on. */
  isUsedUp({ handOuts }: Copy): boolean {
    return (handOuts.at(-1)?.receiveCount ?? 0) >= this.scenario.maxReceiveCount;
  }

  /** Whether something was committed for a fact that is still to be published. */
  owesAnnouncement({ commits, isAnnounced }: Fact): boolean {
    return this.scenario.publishes && commits.size > 0 && !isAnnounced;
  }

  /** Whether a copy is the last to lead to what its fact still has to publish: what a run committed is found by its copy. */
  holdsAnnouncement(copy: Copy): boolean {
    const runs = [...copy.fact.commits.values()].flatMap((numbers) => [...numbers]);
    const holders = runs.flatMap((number) => this.executions[number]?.handOut.copy ?? []);
    return this.owesAnnouncement(copy.fact) && holders.every((other) => other === copy || other.isDeleted);
  }

  /** When to look again: an answer to come, on the services' clock. */
  after(delayMs: number, look: () => void): void {
    this.#clock.schedule(delayMs, look);
  }

  /** A process wrote the record of a fact; `leaseUntil`, where the write has one, is on its own wall clock. */
  setLease(world: ProcessWorld, fact: Fact, leaseUntil: number | undefined): void {
    if (leaseUntil === undefined) return;
    const skewMs = world.clock.now() - this.#clock.now();
    this.#leases.set(`${world.name}/${fact.id}`, leaseUntil - skewMs - (this.#clock.now() - this.now));
    for (const { handOut, endedAt } of fact.executions)
      if (handOut.world === world && endedAt === undefined) handOut.isLeaseFresh = true;
  }

  /** Until when a process holds the lease of a fact, on the clock of {@link now}. */
  leaseUntil(world: ProcessWorld, fact: Fact): number {
    return this.#leases.get(`${world.name}/${fact.id}`) ?? 0;
  }

  get #commitsEffects(): boolean {
    return this.scenario.mode === 'transactional' || this.scenario.mode === 'sequence';
  }
}

const newFact = (id: string, isReadable: boolean): Fact => ({
  id,
  isReadable,
  isAccepted: false,
  isHandled: false,
  isDropped: false,
  isPurged: false,
  recordedAt: Infinity,
  commits: new Map(),
  isAnnounced: false,
  executions: [],
});

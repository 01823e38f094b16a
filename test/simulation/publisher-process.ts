import { createPublisher, type Publisher } from '../../lib/runtime/index.js';
import { Job } from './handlers.js';
import { Network } from './network.js';
import { ProcessWorld, type CrashPlan } from './process-world.js';
import type { MessagePlan } from './scenario.js';
import { borrowClients } from './sdk-clients.js';
import type { Site } from './site.js';

/** An upstream publishes again what was rejected: this often, after this long. */
const UPSTREAM_TRIES = 3;
const UPSTREAM_RETRY_MS = 1_000;
const STOP_BOUND_MS = 400_000;

interface Incarnation {
  readonly world: ProcessWorld;
  readonly network: Network;
  readonly publisher: Publisher;
  giveBack(): void;
}

/** An upstream process that publishes its part of the messages. */
export class PublisherProcess {
  readonly name: string;
  readonly #site: Site;
  readonly #crashes: CrashPlan[];
  readonly #incarnations: Incarnation[] = [];
  /** Ids that SQS took at the first try, by group, in the order of the publishes. */
  readonly #firstTries = new Map<string, string[]>();
  #underWay = 0;
  #hasStopped = false;

  constructor(name: string, site: Site) {
    this.name = name;
    this.#site = site;
    this.#crashes = site.scenario.disturbances.filter(
      (disturbance) => disturbance.kind === 'crash' && disturbance.process === name,
    ) as CrashPlan[];
  }

  /** Whether its first call waits for modules to be loaded, which takes turns, not time. */
  get isOpening(): boolean {
    const current = this.#incarnations.at(-1);
    if (current === undefined || current.world.isDead) return false;
    return current.publisher.stats().calls > 0 && !current.network.isUsed;
  }

  /** Whether publishes wait for their answers, in a process that lives. */
  get isBusy(): boolean {
    return this.#underWay > 0 && this.#incarnations.at(-1)?.world.isDead === false;
  }

  /** Publishes one message, like an upstream that does not give up at once. */
  publish(plan: MessagePlan): void {
    const current = this.#openIncarnation();
    current.world.enter('a publish is asked for', () => void this.#publish(plan, current, 1));
  }

  freeze(): void {
    const current = this.#incarnations.at(-1);
    if (current === undefined || current.world.isDead) return;
    this.#site.history.note(current.world.name, 'freezes');
    current.world.freeze();
  }

  thaw(): void {
    for (const { world } of this.#incarnations) {
      if (!world.isFrozen) continue;
      this.#site.history.note(world.name, 'goes on');
      world.thaw();
    }
  }

  stop(): void {
    const current = this.#incarnations.at(-1);
    if (current === undefined || current.world.isDead) return;
    const { history, clock } = this.#site;
    clock.schedule(STOP_BOUND_MS, () => {
      if (!this.#hasStopped) history.accuse('stop-hangs', `${this.name} has not stopped`);
    });
    void current.publisher.stop().then(() => {
      this.#hasStopped = true;
      const { pendingTimers } = current.world;
      if (pendingTimers > 0 || current.network.openRequests > 0)
        history.accuse('still-running', `${this.name} has stopped and still has ${pendingTimers} timers`);
    });
  }

  dispose(): void {
    for (const { world, giveBack } of this.#incarnations) {
      world.kill();
      giveBack();
    }
  }

  #openIncarnation(): Incarnation {
    const current = this.#incarnations.at(-1);
    if (current !== undefined && !current.world.isDead) return current;
    this.#underWay = 0;
    const { scenario, clock, account, history } = this.#site;
    const world: ProcessWorld = new ProcessWorld({
      name: `${this.name}.${this.#incarnations.length + 1}`,
      seed: scenario.seed,
      clock,
      skewMs: 0,
      crash: this.#crashes.shift(),
      onCross: this.#site.onCross,
      onCrash: (step) => history.note(world.name, 'CRASHES', `at await point ${step}`),
    });
    const network = new Network(world, this.#site.networkParts(world), this.#site.build.changeCalls);
    const { clients, giveBack } = borrowClients(network.handle);
    const publisher = createPublisher({
      queue: account.binding,
      messages: [Job],
      clients: { sqs: clients.sqs },
      clock: world.clock,
      random: world.random,
    });
    const incarnation = { world, network, publisher, giveBack };
    this.#incarnations.push(incarnation);
    return incarnation;
  }

  async #publish(plan: MessagePlan, { publisher, world }: Incarnation, attempt: number): Promise<void> {
    const { history, ledger } = this.#site;
    const { id, group } = plan;
    history.note(world.name, 'publishes', id);
    this.#underWay += 1;
    try {
      const { sequenceNumber } = await publisher.publish(Job, { id, group });
      history.note(world.name, 'published', id);
      const fact = ledger.facts.get(id);
      if (fact?.isAccepted !== true)
        history.accuse('lost', `${id} was reported as published, SQS never took it`);
      if (attempt === 1) this.#checkOrder(plan, sequenceNumber);
    } catch (error) {
      const code = (error as { readonly code?: string }).code ?? String(error);
      history.note(world.name, 'publish rejected', `${id} ${code}`);
      if (attempt < UPSTREAM_TRIES && code !== 'STOPPED')
        world.handlerClock.schedule(
          UPSTREAM_RETRY_MS,
          () => void this.#publish(plan, { publisher, world } as Incarnation, attempt + 1),
        );
    } finally {
      this.#underWay -= 1;
    }
  }

  #checkOrder({ id, group }: MessagePlan, sequence: string | undefined): void {
    if (sequence === undefined) return;
    const taken = this.#firstTries.get(group) ?? [];
    const last = taken.at(-1);
    // A copy within five minutes is answered with the first one's number: no order is promised for it.
    if (this.#site.scenario.messages.filter((message) => message.id === id).length > 1) return;
    if (last !== undefined && BigInt(last) > BigInt(sequence))
      this.#site.history.accuse(
        'publish-order',
        `${id} was taken before an earlier publish of group ${group}`,
      );
    this.#firstTries.set(group, [...taken, sequence]);
  }
}

import type { QueueBinding } from '../../lib/contract/index.js';
import {
  createQueueWorker,
  type PublisherOptions,
  type QueueWorker,
  type WorkerEvent,
} from '../../lib/runtime/index.js';
import { ERROR_RULES, JobDone, createHandlers } from './handlers.js';
import { Network } from './network.js';
import { ProcessWorld, type CrashPlan } from './process-world.js';
import { borrowClients, type SdkClients } from './sdk-clients.js';
import type { Site } from './site.js';
import type { WorkerPlan } from './scenario.js';

/** Longer than all the waits a stop may add up to: drain, grace, calls that time out and are tried again. */
const STOP_BOUND_MS = 400_000;
/** What a scheduler lets pass before it starts a process anew whose start failed. */
const RESTART_MS = 3_000;
/** In proportion to visibility timeouts of seconds: an outage is tried out every few seconds, not every minute. */
const BREAKER = { pauseSeconds: 1, longestPauseSeconds: 5, triesInHand: 3 };

interface Incarnation {
  readonly world: ProcessWorld;
  readonly network: Network;
  readonly worker: QueueWorker;
  readonly stopping: { isAsked: boolean };
  hasStarted: boolean;
  hasEnded: boolean;
  /** Handlers were left behind, and may still call when they end. */
  hasLeftHandlers: boolean;
  giveBack(): void;
}

/** A worker under a scheduler that starts it anew when it crashed or was replaced. */
export class WorkerProcess {
  readonly #plan: WorkerPlan;
  readonly #site: Site;
  readonly #crashes: (CrashPlan & { readonly restartAfterMs: number })[];
  readonly #incarnations: Incarnation[] = [];
  #isRetired = false;

  constructor(plan: WorkerPlan, site: Site) {
    this.#plan = plan;
    this.#site = site;
    this.#crashes = site.scenario.disturbances.filter(
      (disturbance) => disturbance.kind === 'crash' && disturbance.process === plan.name,
    ) as (CrashPlan & { readonly restartAfterMs: number })[];
  }

  get name(): string {
    return this.#plan.name;
  }

  /** Whether it is between `run()` and its first poll, or opens its outbox: modules are being loaded, which takes turns, not time. */
  get isOpening(): boolean {
    const current = this.#current;
    if (current === undefined || current.world.isDead) return false;
    return (!current.hasStarted && !current.hasEnded) || current.network.isOpeningOutbox();
  }

  /** Whether a worker runs, or will without anybody doing anything. */
  get isUp(): boolean {
    const current = this.#current;
    return current !== undefined && !current.hasEnded && !current.world.isDead;
  }

  /** Border crossings of its first life: the points at which it can be made to crash. */
  get firstSteps(): number {
    return this.#incarnations[0]?.world.steps ?? 0;
  }

  get #current(): Incarnation | undefined {
    return this.#incarnations.at(-1);
  }

  start(): void {
    if (this.#isRetired || this.isUp) return;
    const crash = this.#crashes.shift();
    const world = new ProcessWorld({
      name: `${this.name}.${this.#incarnations.length + 1}`,
      seed: this.#site.scenario.seed,
      clock: this.#site.clock,
      skewMs: this.#plan.skewMs,
      crash,
      onCross: this.#site.onCross,
      onCrash: (step) => {
        this.#site.history.note(world.name, 'CRASHES', `at await point ${step}`);
        this.#restartIn(crash?.restartAfterMs ?? 0);
      },
    });
    this.#site.history.note(world.name, 'boots');
    const network = new Network(world, this.#site.networkParts(world), this.#site.build.changeCalls);
    const { clients, giveBack } = borrowClients(network.handle);
    const incarnation: Incarnation = {
      world,
      network,
      giveBack,
      worker: this.#createWorker(world, clients, (event) => this.#onEvent(incarnation, event)),
      stopping: { isAsked: false },
      hasStarted: false,
      hasEnded: false,
      hasLeftHandlers: false,
    };
    this.#incarnations.push(incarnation);
    void incarnation.worker.run().then(
      () => this.#onEnd(incarnation, undefined),
      (error: unknown) => this.#onEnd(incarnation, error),
    );
  }

  freeze(): void {
    if (!this.isUp) return;
    this.#site.history.note(this.#current!.world.name, 'freezes');
    this.#current!.world.freeze();
  }

  thaw(): void {
    for (const { world } of this.#incarnations) {
      if (!world.isFrozen) continue;
      this.#site.history.note(world.name, 'goes on');
      world.thaw();
    }
  }

  turnClock(skewMs: number): void {
    this.#site.history.note(this.name, 'wall clock is turned', `off by ${skewMs} ms now`);
    this.#current?.world.turnClock(skewMs);
  }

  /** Asks it to stop, as SIGTERM does. */
  stop(restartAfterMs: number | undefined): void {
    const current = this.#current;
    if (restartAfterMs === undefined) this.#isRetired = true;
    if (current === undefined || !this.isUp || current.stopping.isAsked) return;
    const { world, worker } = current;
    this.#site.history.note(world.name, 'is asked to stop');
    current.stopping.isAsked = true;
    this.#site.clock.schedule(STOP_BOUND_MS, () => {
      if (!current.hasEnded && !world.isDead)
        this.#site.history.accuse(
          'stop-hangs',
          `${world.name} has not ended ${STOP_BOUND_MS} ms after its stop`,
        );
    });
    void worker.stop().then(() => {
      if (restartAfterMs !== undefined) this.#restartIn(restartAfterMs);
    });
  }

  /** The run is over: nothing of this process may happen any more. */
  dispose(): void {
    for (const { world, giveBack } of this.#incarnations) {
      world.kill();
      giveBack();
    }
  }

  #createWorker(
    world: ProcessWorld,
    clients: SdkClients,
    onEvent: (event: WorkerEvent) => void,
  ): QueueWorker {
    const { scenario, account, ledger, build, run } = this.#site;
    const handlers = createHandlers(ledger, world, { table: account.names.effectsTable, run });
    return createQueueWorker({
      queue: account.binding,
      handlers: build.changeHandlers(handlers),
      idempotency: scenario.mode,
      consumer: `run${run}`,
      concurrency: this.#plan.concurrency,
      circuitBreaker: BREAKER,
      visibilityTimeoutSeconds: scenario.visibilityTimeoutSeconds,
      handlerTimeoutSeconds: scenario.handlerTimeoutSeconds,
      drainTimeoutSeconds: scenario.drainTimeoutSeconds,
      abortGraceSeconds: scenario.abortGraceSeconds,
      retry: { baseSeconds: scenario.retryBaseSeconds, maxSeconds: 10 },
      errors: ERROR_RULES,
      ...(scenario.publishes && { outbox: { outcomes: outboxOf(account.outcomes, world, clients) } }),
      signals: false,
      onEvent,
      clients,
      clock: world.clock,
      random: world.random,
    });
  }

  #onEvent(incarnation: Incarnation, event: WorkerEvent): void {
    incarnation.hasStarted = true;
    const { world } = incarnation;
    const { history, ledger, clock } = this.#site;
    history.note(world.name, event.kind, detailOf(event));
    this.#site.onTold(event);
    switch (event.kind) {
      case 'failed':
      case 'inProgress': {
        const [handOut, ...others] = ledger.handOutsOf(world, event.messageId, event.receiveCount);
        if (handOut !== undefined && others.length === 0) handOut.isGivenUp = true;
        return;
      }
      case 'parked':
        for (const handOut of ledger.handOutsOf(world, event.messageId, event.receiveCount))
          handOut.isGivenUp = false;
        return;
      case 'handled': {
        const fact = ledger.facts.get(event.id ?? '');
        if (event.isRecorded && fact !== undefined)
          fact.recordedAt = Math.min(fact.recordedAt, clock.monotonic());
        return;
      }
      case 'abandoned':
        incarnation.hasLeftHandlers = true;
        return;
      default:
        return;
    }
  }

  #onEnd(incarnation: Incarnation, error: unknown): void {
    const { world, network, stopping } = incarnation;
    const code = (error as { readonly code?: string } | undefined)?.code;
    incarnation.hasEnded = true;
    this.#site.history.note(world.name, 'ended', code ?? '');
    if (!incarnation.hasLeftHandlers) this.#checkQuiet(world, network);
    if (!stopping.isAsked) this.#restartIn(RESTART_MS);
  }

  /** A call whose answer is lost may be open until its client gives up on it; nothing else may be left, and nothing may follow. */
  #checkQuiet(world: ProcessWorld, network: Network): void {
    const { history, clock } = this.#site;
    const { departures } = network;
    const check = (): void => {
      const timers = world.pendingTimers - network.openRequests;
      const rest = [
        ...(timers > 0 ? [`${timers} timers`] : []),
        ...(network.departures > departures ? [`${network.departures - departures} further calls`] : []),
      ];
      if (rest.length > 0)
        history.accuse('still-running', `${world.name} has ended and still has ${rest.join(', ')}`);
    };
    check();
    clock.schedule(10_000, check);
  }

  #restartIn(delayMs: number): void {
    this.#site.clock.schedule(delayMs, () => this.start());
  }
}

const outboxOf = (
  queue: QueueBinding,
  { clock, random }: ProcessWorld,
  { sqs }: SdkClients,
): PublisherOptions => ({
  queue,
  messages: [JobDone],
  clients: { sqs },
  clock,
  random,
});

function detailOf(event: WorkerEvent): string {
  const { kind: _kind, ...rest } = event;
  return JSON.stringify(rest, (_name, value: unknown) => (value instanceof Error ? value.name : value));
}

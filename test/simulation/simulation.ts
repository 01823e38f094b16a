import type { WorkerEvent } from '../../lib/runtime/index.js';
import { createVirtualClock, type VirtualClock } from '../../lib/testing/index.js';
import { openAccount, type Account } from './account.js';
import { SOUND_BUILD, type Build } from './build.js';
import { createChance } from './chance.js';
import type { Coverage } from './coverage.js';
import { Fates } from './fates.js';
import { checkOutcome } from './final-checks.js';
import { History, type HistoryEvent, type Violation } from './history.js';
import { Ledger } from './ledger.js';
import type { NetworkParts } from './network.js';
import type { ProcessWorld } from './process-world.js';
import { PublisherProcess } from './publisher-process.js';
import type { Disturbance, MessagePlan, Scenario } from './scenario.js';
import { sendUnreadable } from './send-unreadable.js';
import type { Site } from './site.js';
import { Tap } from './tap.js';
import { WorkerProcess } from './worker-process.js';

/** What came of a run. */
export interface RunReport {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  readonly events: readonly HistoryEvent[];
  /** The same for every run of this scenario; reckoned when asked for. */
  hash(): string;
  /** Simulated milliseconds. */
  readonly durationMs: number;
  readonly handlerRuns: number;
  /** Await points of the first worker's first life. */
  readonly awaitPoints: number;
}

let runs = 0;

/** Runs one scenario on one virtual clock, and holds it against every promise. */
export async function simulate(
  scenario: Scenario,
  build: Build = SOUND_BUILD,
  coverage?: Coverage,
): Promise<RunReport> {
  const clock = createVirtualClock();
  const account = await openAccount(scenario, clock);
  runs += 1;
  return new Simulation(scenario, build, { clock, account, run: runs, coverage }).run();
}

const PROBE_MS = 5_000;
/** Longer than anything waits: visibility timeouts, leases, snoozes, handlers. Without progress for so long, nothing will come. */
const PATIENCE_MS = 900_000;
const AFTERWARDS_MS = 30_000;
/** A move task takes its time, during which the queue may look empty. */
const MOVING_MS = 30_000;
/** Turns of the event loop without anything going on: promises have run, and so have callbacks of callbacks. */
const QUIET_TURNS = 2;

class Simulation {
  readonly #site: Site;
  readonly #clock: VirtualClock;
  readonly #account: Account;
  readonly #fates: Fates;
  readonly #coverage: Coverage | undefined;
  readonly #workers = new Map<string, WorkerProcess>();
  readonly #publishers = new Map<string, PublisherProcess>();

  constructor(
    scenario: Scenario,
    build: Build,
    parts: {
      readonly clock: VirtualClock;
      readonly account: Account;
      readonly run: number;
      readonly coverage: Coverage | undefined;
    },
  ) {
    const { clock, account, run, coverage } = parts;
    this.#clock = clock;
    this.#account = account;
    this.#coverage = coverage;
    const history = new History(() => clock.monotonic());
    const ledger = new Ledger(scenario, history, clock);
    const tap = new Tap(ledger, account.names);
    account.aws.calls.subscribe(({ injected, operation }) => {
      if (injected !== undefined) coverage?.hit(`${injected}, ${operation}`);
    });
    this.#fates = new Fates(scenario, () => clock.monotonic());
    this.#site = {
      scenario,
      build,
      clock,
      account,
      history,
      ledger,
      run,
      networkParts: (world) => this.#networkParts(world, tap),
      onCross: coverage && ((name, hasCrashed) => coverage.crossed(name, hasCrashed)),
      onTold: (event) => coverage?.told(toldName(event)),
    };
    for (const plan of scenario.workers) this.#workers.set(plan.name, new WorkerProcess(plan, this.#site));
    for (const { publisher } of scenario.messages)
      if (!this.#publishers.has(publisher))
        this.#publishers.set(publisher, new PublisherProcess(publisher, this.#site));
  }

  async run(): Promise<RunReport> {
    const { scenario, history, ledger } = this.#site;
    const endAt = this.#plan();
    await this.#runUntil(() => this.#clock.monotonic() >= endAt);
    this.#calm();
    const isSettled = await this.#runUntilEmpty();
    if (!isSettled)
      history.accuse('never-settles', 'the queue is not empty though nothing goes wrong any more');
    for (const process of [...this.#workers.values(), ...this.#publishers.values()]) process.stop(undefined);
    const stoppedAt = this.#clock.monotonic();
    await this.#runUntil(
      () =>
        ![...this.#workers.values()].some(({ isUp }) => isUp) ||
        history.violations.some(({ rule }) => rule === 'stop-hangs'),
    );
    const quietAt = Math.max(stoppedAt, this.#clock.monotonic()) + AFTERWARDS_MS;
    await this.#runUntil(() => this.#clock.monotonic() >= quietAt);
    await checkOutcome(this.#site);
    const awaitPoints = [...this.#workers.values()][0]?.firstSteps ?? 0;
    for (const process of [...this.#workers.values(), ...this.#publishers.values()]) process.dispose();
    await this.#account.aws.close();
    return {
      scenario,
      violations: history.violations,
      events: history.events,
      hash: () => history.hash(),
      durationMs: this.#clock.monotonic(),
      handlerRuns: ledger.executions.length,
      awaitPoints,
    };
  }

  /** Puts everything on the clock; answers when the last planned thing is over. */
  #plan(): number {
    const { scenario } = this.#site;
    const ends = [0];
    const at = (atMs: number, act: () => void): void => {
      ends.push(atMs);
      this.#clock.schedule(atMs, act);
    };
    for (const { name, startAtMs } of scenario.workers) at(startAtMs, () => this.#workers.get(name)?.start());
    for (const message of scenario.messages) at(message.atMs, () => this.#send(message));
    for (const changeAt of this.#fates.changes) at(changeAt, () => this.#fates.setRules(this.#account.aws));
    for (const disturbance of scenario.disturbances) this.#planOne(disturbance, at);
    return Math.max(...ends) + 1;
  }

  #planOne(disturbance: Disturbance, at: (atMs: number, act: () => void) => void): void {
    switch (disturbance.kind) {
      case 'freeze': {
        const process = this.#workers.get(disturbance.process) ?? this.#publishers.get(disturbance.process);
        at(disturbance.atMs, () => process?.freeze());
        at(disturbance.atMs + disturbance.forMs, () => process?.thaw());
        return;
      }
      case 'turn-clock':
        at(disturbance.atMs, () => this.#workers.get(disturbance.process)?.turnClock(disturbance.toMs));
        return;
      case 'stop':
        at(disturbance.atMs, () => this.#workers.get(disturbance.process)?.stop(disturbance.restartAfterMs));
        return;
      case 'redrive':
        at(disturbance.atMs, () => this.#redrive());
        at(disturbance.atMs + MOVING_MS, () => undefined);
        return;
      case 'purge':
        at(disturbance.atMs, () => this.#purge());
        return;
      case 'network':
      case 'store-outage':
      case 'service':
        at(disturbance.atMs + disturbance.forMs, () => undefined);
        return;
      case 'crash': // by the process itself, at its await point
        return;
    }
  }

  #send(message: MessagePlan): void {
    if (message.form === 'job') this.#publishers.get(message.publisher)?.publish(message);
    else void sendUnreadable(this.#site, message);
  }

  #redrive(): void {
    const { history, account } = this.#site;
    history.note('operator', 'redrives the dead-letter queue');
    const SourceArn = account.binding.deadLetterQueue.arn;
    void account.ask('StartMessageMoveTask', { SourceArn, DestinationArn: account.binding.arn });
  }

  #purge(): void {
    const { history, account, ledger } = this.#site;
    history.note('operator', 'purges the queue');
    for (const fact of ledger.facts.values()) if (fact.isAccepted) fact.isPurged = true;
    void account.ask('PurgeQueue', { QueueUrl: account.binding.url });
  }

  /** Nothing goes wrong from here on, and somebody is there to do the work. */
  #calm(): void {
    this.#site.history.note('operator', 'all faults are over');
    this.#fates.end(this.#account.aws);
    const { scenario } = this.#site;
    const plan = { name: 'worker-last', startAtMs: 0, concurrency: 10, skewMs: 0 };
    if ([...this.#workers.values()].some(({ isUp }) => isUp)) return;
    const last = new WorkerProcess(plan, { ...this.#site, scenario });
    this.#workers.set(plan.name, last);
    last.start();
  }

  /** False when nothing moves any more though messages are left. */
  async #runUntilEmpty(): Promise<boolean> {
    let progress = 0;
    let progressAt = this.#clock.monotonic();
    for (let at = progressAt; at < progressAt + PATIENCE_MS; at += PROBE_MS) {
      const until = at;
      this.#clock.schedule(Math.max(0, until - this.#clock.monotonic()), () => undefined);
      await this.#runUntil(() => this.#clock.monotonic() >= until);
      const isPublishing = [...this.#publishers.values()].some(({ isBusy }) => isBusy);
      if (!isPublishing && (await this.#isEmpty())) return true;
      if (this.#site.ledger.progress !== progress) progressAt = at;
      progress = this.#site.ledger.progress;
    }
    return false;
  }

  async #isEmpty(): Promise<boolean> {
    const { binding } = this.#account;
    const AttributeNames = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ];
    const { output } = await this.#account.ask('GetQueueAttributes', {
      QueueUrl: binding.url,
      AttributeNames,
    });
    return Object.values(output['Attributes'] as Readonly<Record<string, string>>).every(
      (count) => count === '0',
    );
  }

  async #runUntil(isOver: () => boolean): Promise<void> {
    await this.#settle();
    while (!isOver() && this.#clock.step()) await this.#settle();
  }

  /** Lets everything run that can run without time going on. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const isBusy =
        this.#account.storeCallsOut() > 0 ||
        [...this.#workers.values(), ...this.#publishers.values()].some(({ isOpening }) => isOpening);
      quiet = isBusy ? 0 : quiet + 1;
    }
  }

  #networkParts(world: ProcessWorld, tap: Tap): NetworkParts {
    const { scenario } = this.#site;
    return {
      clock: this.#clock,
      chance: createChance(scenario.seed, `latency of ${world.name}`),
      latencyMs: scenario.latencyMs,
      fateOf: (call) => this.#fates.of(call),
      onFate: ({ operation }, { kind }) => this.#coverage?.hit(`${kind}, ${operation}`),
      serve: async (call, signal) => {
        const answer = await this.#account.serve(call, signal);
        tap.served(call, world, answer);
        return answer;
      },
      onDeparture: (call) => tap.departed(call, world),
      onDelivery: (call, _world, answer) => tap.delivered(call, answer),
    };
  }
}

/** What a worker tells, by kind and cause. */
const toldName = (event: WorkerEvent): string =>
  'cause' in event
    ? `${event.kind}: ${event.cause}`
    : 'reason' in event
      ? `${event.kind}: ${event.reason}`
      : event.kind;

import type { Clock, Random, Timer } from '../../lib/core/clock.js';
import { createChance } from './chance.js';

/** How a process is to end, if it is to crash. */
export interface CrashPlan {
  /** Counts crossings between the process and the rest of the world, from 1. */
  readonly step: number;
  readonly isHalfOpen: boolean;
}

/**
 * All a simulated process has of the world: its clocks, its chance, its border. Code inside suspends only for a timer or
 * for an answer, and acts outside only by requests; so the points at which a crash makes a difference are the crossings
 * of this border: a request that is about to leave, an answer or a timer that is about to come in. They are counted, and
 * at the planned one the world ends: nothing crosses any more, in either direction, and what waits inside waits for ever.
 *
 * A frozen world is one whose process stands still (SIGSTOP, a long collection, a suspended machine): what comes in
 * meanwhile is there, in order, when it goes on.
 */
export class ProcessWorld {
  readonly name: string;
  /** The clock of the code under test. */
  readonly clock: Clock;
  /** The clock of the user's handlers: their timers are not the package's to clean up. */
  readonly handlerClock: Clock;
  readonly random: Random;
  readonly #base: Clock;
  readonly #crash: CrashPlan | undefined;
  readonly #onCrash: (step: number) => void;
  readonly #backlog: (() => void)[] = [];
  readonly #partings = new Set<() => void>();
  #state: 'alive' | 'frozen' | 'dead' = 'alive';
  #skewMs: number;
  #steps = 0;
  #timers = 0;

  constructor(options: {
    readonly name: string;
    readonly seed: number;
    readonly clock: Clock;
    readonly skewMs: number;
    readonly crash?: CrashPlan | undefined;
    readonly onCrash: (step: number) => void;
  }) {
    this.name = options.name;
    this.random = createChance(options.seed, `random of ${options.name}`);
    this.#base = options.clock;
    this.#skewMs = options.skewMs;
    this.#crash = options.crash;
    this.#onCrash = options.onCrash;
    const now = (): number => this.#base.now() + this.#skewMs;
    // Monotonic clocks of two processes have nothing in common but their pace.
    const offset = createChance(options.seed, `boot of ${options.name}`).int(0, 10_000_000);
    const monotonic = (): number => this.#base.monotonic() + offset;
    this.clock = { now, monotonic, schedule: (delayMs, onDue) => this.#schedule(delayMs, onDue, 1) };
    this.handlerClock = { now, monotonic, schedule: (delayMs, onDue) => this.#schedule(delayMs, onDue, 0) };
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Crossings so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Timers of the code under test that are set. */
  get pendingTimers(): number {
    return this.#timers;
  }

  /** By how much the wall clock is wrong from now on. */
  turnClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  /** A request is about to leave: false when the process ends right here, or has ended. */
  leave(): boolean {
    this.#cross();
    return this.#state !== 'dead';
  }

  /** Something is about to come in: dropped when the process has ended, kept while it stands still. */
  enter(act: () => void): void {
    if (this.#state === 'frozen') {
      this.#backlog.push(act);
      return;
    }
    this.#cross();
    if (this.#state === 'alive') act();
  }

  /** Calls back once if the process ends in a way that closes its sockets; the returned function takes that back. */
  onParting(part: () => void): () => void {
    this.#partings.add(part);
    return () => void this.#partings.delete(part);
  }

  freeze(): void {
    if (this.#state === 'alive') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'alive';
    for (const act of this.#backlog.splice(0)) this.enter(act);
  }

  /** Ends it without a word, and closes its sockets. */
  kill(): void {
    this.#state = 'dead';
    for (const part of [...this.#partings]) part();
  }

  #cross(): void {
    if (this.#state !== 'alive') return;
    this.#steps += 1;
    if (this.#steps !== this.#crash?.step) return;
    this.#state = 'dead';
    this.#onCrash(this.#steps);
    if (!this.#crash.isHalfOpen) for (const part of [...this.#partings]) part();
  }

  #schedule(delayMs: number, onDue: () => void, weight: 0 | 1): Timer {
    let isSet = true;
    this.#timers += weight;
    const unset = (): boolean => {
      const wasSet = isSet;
      isSet = false;
      if (wasSet) this.#timers -= weight;
      return wasSet;
    };
    const timer = this.#base.schedule(delayMs, () =>
      this.enter(() => {
        if (unset()) onDue();
      }),
    );
    return {
      cancel: () => {
        unset();
        timer.cancel();
      },
    };
  }
}

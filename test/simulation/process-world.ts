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
  readonly #onCross: ((name: string, hasCrashed: boolean) => void) | undefined;
  readonly #backlog: { readonly name: string; readonly act: () => void }[] = [];
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
    /** Told the name of every crossing. @default - nobody counts */
    readonly onCross?: ((name: string, hasCrashed: boolean) => void) | undefined;
  }) {
    this.name = options.name;
    this.random = createChance(options.seed, `random of ${options.name}`);
    this.#base = options.clock;
    this.#skewMs = options.skewMs;
    this.#crash = options.crash;
    this.#onCrash = options.onCrash;
    this.#onCross = options.onCross;
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
  leave(name: string): boolean {
    this.#cross(name);
    return this.#state !== 'dead';
  }

  /** Something is about to come in: dropped when the process has ended, kept while it stands still. */
  enter(name: string, act: () => void): void {
    if (this.#state === 'frozen') {
      this.#backlog.push({ name, act });
      return;
    }
    this.#cross(name);
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
    for (const { name, act } of this.#backlog.splice(0)) this.enter(name, act);
  }

  /** Ends it without a word, and closes its sockets. */
  kill(): void {
    this.#state = 'dead';
    for (const part of [...this.#partings]) part();
  }

  #cross(name: string): void {
    if (this.#state !== 'alive') return;
    this.#steps += 1;
    const isFatal = this.#steps === this.#crash?.step;
    this.#onCross?.(name, isFatal);
    if (!isFatal) return;
    this.#state = 'dead';
    this.#onCrash(this.#steps);
    if (!this.#crash.isHalfOpen) for (const part of [...this.#partings]) part();
  }

  #schedule(delayMs: number, onDue: () => void, weight: 0 | 1): Timer {
    let isSet = true;
    const name = weight === 0 ? 'timer of a handler' : this.#onCross === undefined ? '' : timerName();
    this.#timers += weight;
    const unset = (): boolean => {
      const wasSet = isSet;
      isSet = false;
      if (wasSet) this.#timers -= weight;
      return wasSet;
    };
    const timer = this.#base.schedule(delayMs, () =>
      this.enter(name, () => {
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

/** A timer is known by who set it: the innermost frames outside of this file. */
function timerName(): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const names = frames.map((frame) => /^\s*at (?:async )?(?:new )?(\S+) \(/.exec(frame)?.[1] ?? '');
  return `timer of ${names
    .filter((name) => name !== '' && !INNER.test(name))
    .slice(0, 2)
    .join(' < ')}`;
}

const INNER = /^(timerName|ProcessWorld\.|Object\.|Promise|Array\.)|schedule$/;

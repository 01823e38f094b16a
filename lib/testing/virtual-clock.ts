import type { Clock, Timer } from '../core/clock.js';
import { MillraceError } from '../core/errors.js';
import { IndexedHeap } from '../emulator/structures/indexed-heap.js';

/** What a virtual clock starts with. */
export interface VirtualClockOptions {
  /** Wall time it starts at, epoch milliseconds. @default 2026-01-01T00:00:00Z */
  readonly startAt?: number;
  /**
   * Turns of the event loop that settling takes. More turns let longer chains of callbacks end before time goes on; a
   * transaction of the local DynamoDB takes about ten.
   * @default 16
   */
  readonly settlingTurns?: number;
}

/** Defaults of {@link VirtualClockOptions}. */
export const VIRTUAL_CLOCK_DEFAULTS = Object.freeze({ startAt: Date.UTC(2026, 0, 1), settlingTurns: 16 });

/**
 * A clock that stands still until it is told to move. Timers fire in the order of their time, equal times in the order
 * they were set, each at exactly its own time; what they start gets to run before time goes on.
 */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by `delayMs`, firing what becomes due on the way, also what is set on the way.
   * @throws {INVALID_OPTIONS} when it is negative or no number: time doesn't go back
   */
  advanceBy(delayMs: number): Promise<void>;
  /** Lets everything run that can run without time going on. */
  settle(): Promise<void>;
  /** Moves time to the next timer and fires it; false when none is set. Nothing is awaited: for simulators with a loop of their own. */
  step(): boolean;
  /** Turns the wall clock by so much, as an operator or NTP may; {@link Clock.monotonic} and timers don't notice. */
  skewBy(offsetMs: number): void;
  /** How many timers are set. */
  readonly pendingTimers: number;
}

interface VirtualTimer {
  readonly dueAt: number;
  readonly order: number;
  readonly onDue: () => void;
  slot: number;
}

/** Makes a virtual clock. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new SteppedClock({ ...VIRTUAL_CLOCK_DEFAULTS, ...withoutUndefined(options) });
}

const withoutUndefined = (options: VirtualClockOptions): VirtualClockOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

class SteppedClock implements VirtualClock {
  #elapsed = 0;
  #wallOffset: number;
  readonly #settlingTurns: number;
  #nextOrder = 0;
  readonly #timers = new IndexedHeap<VirtualTimer>({
    before: (a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order),
    place: (timer, slot) => {
      timer.slot = slot;
    },
    slotOf: (timer) => timer.slot,
  });

  constructor({ startAt, settlingTurns }: Required<VirtualClockOptions>) {
    this.#wallOffset = startAt;
    this.#settlingTurns = settlingTurns;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#wallOffset + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  schedule(delayMs: number, onDue: () => void): Timer {
    const dueAt = this.#elapsed + Math.max(0, delayMs);
    const timer: VirtualTimer = { dueAt, order: this.#nextOrder, onDue, slot: -1 };
    this.#nextOrder += 1;
    this.#timers.push(timer);
    return { cancel: () => this.#timers.remove(timer) };
  }

  skewBy(offsetMs: number): void {
    this.#wallOffset += offsetMs;
  }

  step(): boolean {
    const timer = this.#timers.peek();
    if (timer === undefined) return false;
    this.#timers.remove(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.dueAt);
    timer.onDue();
    return true;
  }

  async advanceBy(delayMs: number): Promise<void> {
    if (!(delayMs >= 0))
      throw new MillraceError('INVALID_OPTIONS', `time goes on by 0 or more milliseconds, got ${delayMs}`);
    const target = this.#elapsed + delayMs;
    await this.settle();
    for (
      let next = this.#timers.peek();
      next !== undefined && next.dueAt <= target;
      next = this.#timers.peek()
    ) {
      this.step();
      await this.settle();
    }
    this.#elapsed = target;
  }

  /** Turns of the event loop, not time: nothing waits for a moment to come. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < this.#settlingTurns; turn += 1)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

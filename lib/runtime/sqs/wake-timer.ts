import type { Clock, Timer } from '../../core/clock.js';

/** What a wake timer is made of. */
export interface WakeTimerParts {
  readonly clock: Clock;
  /** From this lateness on, milliseconds, nothing else can have run either. */
  readonly stallMs: number;
  readonly onDue: () => void;
  readonly onStall: (lateMs: number) => void;
}

/** The one timer of a worker. One that is set too early is left, and set anew when it fires: most wakes are put off again and again. */
export class WakeTimer {
  readonly #parts: WakeTimerParts;
  #wanted: number | undefined;
  #set: { readonly timer: Timer; readonly at: number; readonly expectedAt: number } | undefined;

  constructor(parts: WakeTimerParts) {
    this.#parts = parts;
  }

  /** How late it is, milliseconds; 0 as long as it is not. */
  get overdueMs(): number {
    return this.#set === undefined ? 0 : Math.max(0, this.#parts.clock.monotonic() - this.#set.expectedAt);
  }

  /** Wakes then, or never for undefined. */
  arm(at: number | undefined): void {
    this.#wanted = at;
    if (at === undefined) this.cancel();
    else if (this.#set === undefined || at < this.#set.at) this.#schedule(at);
  }

  cancel(): void {
    this.#wanted = undefined;
    this.#set?.timer.cancel();
    this.#set = undefined;
  }

  #schedule(at: number): void {
    this.#set?.timer.cancel();
    const { clock } = this.#parts;
    const now = clock.monotonic();
    const expectedAt = Math.max(at, now);
    this.#set = { timer: clock.schedule(expectedAt - now, () => this.#fire(expectedAt)), at, expectedAt };
  }

  #fire(expectedAt: number): void {
    const { clock, stallMs, onDue, onStall } = this.#parts;
    this.#set = undefined;
    const lateMs = clock.monotonic() - expectedAt;
    if (lateMs >= stallMs) onStall(lateMs);
    if (this.#wanted !== undefined && this.#wanted > clock.monotonic()) this.#schedule(this.#wanted);
    else onDue();
  }
}

import type { Clock, Timer } from '../../core/clock.js';

/** What a wake timer is made of. */
export interface WakeTimerParts {
  readonly clock: Clock;
  /** From this lateness on, milliseconds, nothing else can have run either. */
  readonly stallMs: number;
  readonly onDue: () => void;
  readonly onStall: (lateMs: number) => void;
}

/** The one timer of a worker: set anew whenever something else comes first. */
export class WakeTimer {
  readonly #parts: WakeTimerParts;
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
    if (at === this.#set?.at) return;
    this.cancel();
    if (at === undefined) return;
    const { clock } = this.#parts;
    const now = clock.monotonic();
    const expectedAt = Math.max(at, now);
    this.#set = { timer: clock.schedule(expectedAt - now, () => this.#fire(expectedAt)), at, expectedAt };
  }

  cancel(): void {
    this.#set?.timer.cancel();
    this.#set = undefined;
  }

  #fire(expectedAt: number): void {
    const { clock, stallMs, onDue, onStall } = this.#parts;
    this.#set = undefined;
    const lateMs = clock.monotonic() - expectedAt;
    if (lateMs >= stallMs) onStall(lateMs);
    onDue();
  }
}

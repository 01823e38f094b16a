import type { Clock } from '../../core/clock.js';
import { KeyTable } from '../../core/key-table.js';
import { LazyAbort } from '../system/lazy-abort.js';
import type { Poller, PollOutcome } from './poller.js';

interface OpenPoll {
  readonly cancellation: LazyAbort;
  readonly since: number;
}

/** The polls that have not come back. */
export class OpenPolls {
  readonly #poller: Poller;
  readonly #clock: Clock;
  readonly #open = new KeyTable<OpenPoll>();

  constructor(poller: Poller, clock: Clock) {
    this.#poller = poller;
    this.#clock = clock;
  }

  /** Age of the oldest, milliseconds; undefined while none is open. */
  get oldestMs(): number | undefined {
    return this.#open.size === 0
      ? undefined
      : this.#clock.monotonic() - this.#open.least((poll) => poll.since);
  }

  /** Makes one poll. Never rejects. */
  async poll(receive: number, maxMessages: number): Promise<PollOutcome> {
    const cancellation = new LazyAbort();
    this.#open.set(receive, { cancellation, since: this.#clock.monotonic() });
    const outcome = await this.#poller.poll(maxMessages, cancellation);
    this.#open.delete(receive);
    return outcome;
  }

  /** Ends all of them; what one of them was just bringing comes back when its visibility timeout ends. */
  cut(): void {
    for (const { cancellation } of this.#open.values()) cancellation.abort(undefined);
  }
}

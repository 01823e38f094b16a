import type { Clock } from '../../core/clock.js';
import { KeyTable } from '../../core/key-table.js';
import type { Poller, PollOutcome } from './poller.js';

interface OpenPoll {
  readonly controller: AbortController;
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
    const controller = new AbortController();
    this.#open.set(receive, { controller, since: this.#clock.monotonic() });
    const outcome = await this.#poller.poll(maxMessages, controller.signal);
    this.#open.delete(receive);
    return outcome;
  }

  /** Ends all of them; what one of them was just bringing comes back when its visibility timeout ends. */
  cut(): void {
    for (const { controller } of this.#open.values()) controller.abort();
  }
}

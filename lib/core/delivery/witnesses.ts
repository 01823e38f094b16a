import type { HandlerSign } from './handler-sign.js';

/**
 * Tells an outage from a few messages that are themselves at fault: by how many different ones have failed since a handler
 * last succeeded. The same few can fail as often as they like.
 */
export class Witnesses {
  readonly #enough: number;
  readonly #failed = new Set<string | number>();

  /** @param enough so many different messages are an outage */
  constructor(enough: number) {
    this.#enough = enough;
  }

  /** Different messages that failed; counted no further than that is enough. */
  get count(): number {
    return this.#failed.size;
  }

  /** Whether so many different messages failed that they are not at fault themselves. */
  get areMany(): boolean {
    return this.count >= this.#enough;
  }

  /** Takes the end of a message's handler. */
  observe(sign: HandlerSign, message: string | number): void {
    if (sign === 'succeeded') this.#failed.clear();
    else if (sign === 'failed' && !this.areMany) this.#failed.add(message);
  }
}

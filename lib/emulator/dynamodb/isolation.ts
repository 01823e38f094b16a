/**
 * Keeps transactions apart from everything else: plain calls run side by side, a transaction runs alone. Whoever comes
 * later waits in line, so a stream of plain calls can't keep a transaction out.
 */
export class Isolation {
  #running = 0;
  #isExclusive = false;
  readonly #queue: { readonly isExclusive: boolean; readonly start: () => void }[] = [];

  /** Runs beside other shared work, never beside a transaction. */
  shared<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#enter(false, work);
  }

  /** Runs alone. */
  exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#enter(true, work);
  }

  async #enter<Result>(isExclusive: boolean, work: () => Promise<Result>): Promise<Result> {
    if (this.#queue.length > 0 || !this.#mayStart(isExclusive))
      await new Promise<void>((start) => this.#queue.push({ isExclusive, start }));
    else this.#begin(isExclusive);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#isExclusive = false;
      this.#startNext();
    }
  }

  #mayStart(isExclusive: boolean): boolean {
    return this.#running === 0 || (!isExclusive && !this.#isExclusive);
  }

  #begin(isExclusive: boolean): void {
    this.#running += 1;
    this.#isExclusive = isExclusive;
  }

  /** Begins before it wakes: nobody can slip in between. */
  #startNext(): void {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || !this.#mayStart(next.isExclusive)) return;
      this.#queue.shift();
      this.#begin(next.isExclusive);
      next.start();
    }
  }
}

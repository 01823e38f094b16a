const PAGE_SIZE = 64;

interface Page<Value> {
  readonly slots: (Value | undefined)[];
  held: number;
}

/**
 * A map whose keys are whole numbers that are given out one after the other and taken back in about that order. Numbers
 * that follow each other lie in one page, which goes when it is empty: a large map of the engine's own, in which they
 * would be scattered, is several times slower.
 */
export class NumberMap<Value> {
  readonly #pages = new Map<number, Page<Value>>();
  #size = 0;

  /** How many values are held. */
  get size(): number {
    return this.#size;
  }

  get(key: number): Value | undefined {
    return this.#pages.get(Math.floor(key / PAGE_SIZE))?.slots[key % PAGE_SIZE];
  }

  /** Adds a value under a key that has none. */
  add(key: number, value: Value): void {
    const page = this.#pageOf(Math.floor(key / PAGE_SIZE));
    page.slots[key % PAGE_SIZE] = value;
    page.held += 1;
    this.#size += 1;
  }

  /** Takes out the value under a key, if there is one. */
  delete(key: number): void {
    const number = Math.floor(key / PAGE_SIZE);
    const page = this.#pages.get(number);
    if (page?.slots[key % PAGE_SIZE] === undefined) return;
    page.slots[key % PAGE_SIZE] = undefined;
    page.held -= 1;
    this.#size -= 1;
    if (page.held === 0) this.#pages.delete(number);
  }

  /** Every value, page by page. */
  values(): readonly Value[] {
    return [...this.#pages.values()].flatMap(({ slots }) =>
      slots.filter((value): value is Value & {} => value !== undefined),
    );
  }

  #pageOf(number: number): Page<Value> {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page: Page<Value> = { slots: new Array<Value | undefined>(PAGE_SIZE).fill(undefined), held: 0 };
    this.#pages.set(number, page);
    return page;
  }
}

const EMPTY = -1;
const LEAST_SLOTS = 16;

/**
 * Values by ascending whole numbers, for what comes and goes all the time: a hash table with open addressing whose arrays
 * stay where they are.
 *
 * A `Map` is not for that. Each time deleted entries have filled its table it gets a new one, and the old one keeps a
 * pointer to it. Once one of them has been promoted by the garbage collector, everything that any later one held stays
 * alive until the next full collection: most messages would be copied twice and freed late.
 */
export class KeyTable<Value> {
  #keys: number[] = new Array<number>(LEAST_SLOTS).fill(EMPTY);
  #values: (Value | undefined)[] = new Array<undefined>(LEAST_SLOTS).fill(undefined);
  #mask = LEAST_SLOTS - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: number): boolean {
    return this.#keys[this.#slotOf(key)] === key;
  }

  get(key: number): Value | undefined {
    return this.#values[this.#slotOf(key)];
  }

  /** @param key 0 or more */
  set(key: number, value: Value): void {
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === EMPTY) {
      if (2 * (this.#size + 1) > this.#mask) {
        this.#grow();
        slot = this.#slotOf(key);
      }
      this.#size += 1;
      this.#keys[slot] = key;
    }
    this.#values[slot] = value;
  }

  delete(key: number): void {
    const slot = this.#slotOf(key);
    if (this.#keys[slot] !== key) return;
    this.#size -= 1;
    this.#empty(slot);
    this.#closeGap(slot);
  }

  /** The keys, ascending. */
  keys(): readonly number[] {
    return this.#keys.filter((key) => key !== EMPTY).sort((one, other) => one - other);
  }

  /** The values in the order of their keys. */
  values(): readonly Value[] {
    const values: Value[] = [];
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  /** The least of what is read off the values; Infinity where there are none. */
  least(read: (value: Value) => number): number {
    let least = Infinity;
    for (const value of this.#values) if (value !== undefined) least = Math.min(least, read(value));
    return least;
  }

  /** Where the key is, or where it would go. */
  #slotOf(key: number): number {
    let slot = key % (this.#mask + 1);
    while (this.#keys[slot] !== key && this.#keys[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #empty(slot: number): void {
    this.#keys[slot] = EMPTY;
    this.#values[slot] = undefined;
  }

  /** Brings back those that had to go beyond the slot, or they would not be found behind it. */
  #closeGap(gap: number): void {
    for (let slot = (gap + 1) & this.#mask; this.#keys[slot] !== EMPTY; slot = (slot + 1) & this.#mask) {
      const key = this.#keys[slot] ?? EMPTY;
      const value = this.#values[slot];
      this.#empty(slot);
      const home = this.#slotOf(key);
      this.#keys[home] = key;
      this.#values[home] = value;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const slots = 2 * keys.length;
    this.#keys = new Array<number>(slots).fill(EMPTY);
    this.#values = new Array<undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
    keys.forEach((key, at) => {
      if (key === EMPTY) return;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#values[slot] = values[at];
    });
  }
}

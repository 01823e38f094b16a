/** How a heap orders its items and where each item remembers its own slot. */
export interface HeapRules<T> {
  /** True when `a` must come out before `b`. */
  before(a: T, b: T): boolean;
  /** Notes the slot the item sits in now; −1 once it has left. */
  place(item: T, slot: number): void;
  /** The slot noted last. */
  slotOf(item: T): number;
}

/**
 * A binary heap whose items know their slot, so that any of them leaves in O(log n). Deadlines are held here rather
 * than in a heap with lazy deletion: a message deleted a second after its receive must not stay in memory for the
 * rest of a twelve-hour visibility timeout.
 */
export class IndexedHeap<T> {
  readonly #items: T[] = [];
  readonly #rules: HeapRules<T>;

  constructor(rules: HeapRules<T>) {
    this.#rules = rules;
  }

  /** How many items are held. */
  get size(): number {
    return this.#items.length;
  }

  /** The item due first, left where it is. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds an item that is not in this heap. */
  push(item: T): void {
    this.#items.push(item);
    this.#siftUp(item, this.#items.length - 1);
  }

  /** Takes an item out; one that is not in is left alone. */
  remove(item: T): void {
    const slot = this.#rules.slotOf(item);
    if (slot < 0) return;
    const last = this.#items.pop();
    this.#rules.place(item, -1);
    if (last === undefined || last === item) return;
    this.#settle(last, slot);
  }

  /** Puts an item back in order after its key changed; adds it when it is not in. */
  reorder(item: T): void {
    const slot = this.#rules.slotOf(item);
    if (slot < 0) this.push(item);
    else this.#settle(item, slot);
  }

  /** Every item, in no order. */
  items(): readonly T[] {
    return this.#items;
  }

  #settle(item: T, slot: number): void {
    const parent = this.#items[(slot - 1) >> 1];
    if (slot > 0 && parent !== undefined && this.#rules.before(item, parent)) this.#siftUp(item, slot);
    else this.#siftDown(item, slot);
  }

  #siftUp(item: T, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#rules.before(item, parent)) break;
      this.#put(parent, slot);
      slot = above;
    }
    this.#put(item, slot);
  }

  #siftDown(item: T, from: number): void {
    const size = this.#items.length;
    let slot = from;
    for (let left = 2 * slot + 1; left < size; left = 2 * slot + 1) {
      let child = this.#items[left];
      let childSlot = left;
      const right = this.#items[left + 1];
      if (child !== undefined && right !== undefined && this.#rules.before(right, child)) {
        child = right;
        childSlot = left + 1;
      }
      if (child === undefined || !this.#rules.before(child, item)) break;
      this.#put(child, slot);
      slot = childSlot;
    }
    this.#put(item, slot);
  }

  #put(item: T, slot: number): void {
    this.#items[slot] = item;
    this.#rules.place(item, slot);
  }
}

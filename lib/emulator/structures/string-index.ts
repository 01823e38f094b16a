const FIRST_SLOTS = 1_024;
/** A slot holds a hash and, beside it in the same line of the cache, the place of its text plus one. */
const SLOT_WORDS = 2;

/**
 * Gives texts places from 0 on and finds them again. It is for many texts of which most are asked for just once, and
 * are not there: the engine's own map reads the head of each text it compares with, wherever that lies in memory; this
 * one compares hashes that lie side by side.
 */
export class StringIndex {
  readonly #keys: string[] = [];
  #slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS);

  /** How many texts are held. */
  get size(): number {
    return this.#keys.length;
  }

  /** The place of a text; undefined when it is not held. */
  find(key: string): number | undefined {
    const place = (this.#slots[this.#slotOf(hashOf(key), key) + 1] ?? 0) - 1;
    return place < 0 ? undefined : place;
  }

  /** Adds a text that is not held; its place is the number of those before it. */
  add(key: string): void {
    if (this.#keys.length * SLOT_WORDS * 2 >= this.#slots.length) this.#grow();
    const hash = hashOf(key);
    const slot = this.#slotOf(hash, key);
    this.#keys.push(key);
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = this.#keys.length;
  }

  /** Where a text is, or the free slot where it would be: the next ones are tried until one is free. */
  #slotOf(hash: number, key: string): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = (hash * SLOT_WORDS) & last;
    for (;;) {
      const place = slots[slot + 1] ?? 0;
      if (place === 0 || (slots[slot] === hash && this.#keys[place - 1] === key)) return slot;
      slot = (slot + SLOT_WORDS) & last;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    const last = this.#slots.length - 1;
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      const [hash = 0, place = 0] = [old[from], old[from + 1]];
      if (place === 0) continue;
      let slot = (hash * SLOT_WORDS) & last;
      while (this.#slots[slot + 1] !== 0) slot = (slot + SLOT_WORDS) & last;
      this.#slots[slot] = hash;
      this.#slots[slot + 1] = place;
    }
  }
}

/** FNV-1a over the UTF-16 units, its high bits folded into the low ones that choose the slot. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

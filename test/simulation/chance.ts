import type { Random } from '../../lib/core/clock.js';

/** Chance that can be repeated: the same seed and purpose draw the same numbers. */
export interface Chance extends Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with this probability. */
  flip(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/**
 * A stream of its own per purpose: dropping one fault from a scenario must not shift what every other one draws, or
 * nothing could be shrunk.
 */
export function createChance(seed: number, purpose: string): Chance {
  let state = hashOf(`${seed}/${purpose}`);
  // mulberry32: 32 bits of state are plenty for schedules, and it is fast.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    flip: (probability) => next() < probability,
    pick: (items) => items[int(0, items.length - 1)]!,
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

import type { Random } from '../../core/clock.js';

/** The machine's chance, for jitter and spreading; never for secrets. */
export function createSystemRandom(): Random {
  return Object.freeze({ next: () => Math.random() });
}

import type { Figure } from './figures.js';

/** How a part is to be measured. */
export interface MeasureOptions {
  /** Runs of each case, the one for warming up not counted. */
  readonly runs: number;
  /** Whether a case is wanted, by its name. */
  readonly isWanted: (name: string) => boolean;
  /** How long a part that runs by time runs; undefined for its own default. */
  readonly minutes: number | undefined;
  /** After how many messages such a part ends; undefined for none. */
  readonly messages: number | undefined;
}

/** A part of a subject that can be measured alone. */
export interface Part {
  readonly name: string;
  readonly what: string;
  /** Gives each figure as soon as it is measured, in turn. */
  readonly measure: (options: MeasureOptions) => AsyncIterable<Figure>;
}

/** Something `npm run bench` measures. */
export interface Subject {
  readonly name: string;
  readonly what: string;
  readonly parts: readonly Part[];
}

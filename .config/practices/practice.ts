/** One practice that AWS documents, or its users learned, and how it is settled here. */
export interface Practice {
  /** Stable: the section's prefix and a number of two digits. */
  readonly id: string;
  /** In our own words. */
  readonly practice: string;
  /** At least one way; a rule and a construct often settle the same practice for different people. */
  readonly settled: readonly Settlement[];
}

/**
 * A way in which a practice is settled.
 *
 * - `rule`: a rule of `MillraceChecks` judges it, on resources of others too.
 * - `construct`, `runtime`: our construct or client does it or refuses the contrary; tests show it.
 * - `open`: no template can show it, or it is a matter of taste or of money: the reason says which.
 */
export type Settlement =
  | { readonly kind: 'rule'; readonly ids: readonly string[] }
  | { readonly kind: 'construct' | 'runtime'; readonly words: string; readonly tests: readonly string[] }
  | { readonly kind: 'open'; readonly reason: string };

/** All practices on one service. */
export interface PracticeSection {
  readonly prefix: string;
  readonly title: string;
  /** How many there are; a test holds the list against it. */
  readonly count: number;
  readonly practices: readonly Practice[];
}

/** One row of a section. */
export const practice = (id: string, words: string, ...settled: readonly Settlement[]): Practice => ({
  id,
  practice: words,
  settled,
});

/** Judged by these rules of `MillraceChecks`. */
export const byRule = (...ids: readonly string[]): Settlement => ({ kind: 'rule', ids });

/** Done or refused by a construct; tests as `test/path.test.ts › name`. */
export const byConstruct = (words: string, ...tests: readonly string[]): Settlement => ({
  kind: 'construct',
  words,
  tests,
});

/** Done or refused by a client; tests as `test/path.test.ts › name`. */
export const byRuntime = (words: string, ...tests: readonly string[]): Settlement => ({
  kind: 'runtime',
  words,
  tests,
});

/** Left open, with the reason. */
export const leftOpen = (reason: string): Settlement => ({ kind: 'open', reason });

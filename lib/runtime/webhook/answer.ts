/** What a sender is told: a status, and words that say nothing of what is inside. */
export interface Answer {
  readonly status: number;
  readonly words: string;
  /** Methods that are allowed, with 405. */
  readonly allow?: string;
}

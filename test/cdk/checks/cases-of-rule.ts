import type { Stack } from 'aws-cdk-lib';

/** What one rule says, and what it leaves alone. */
export interface CasesOfRule {
  readonly rule: string;
  readonly broken: readonly BrokenCase[];
  readonly fine: readonly FineCase[];
}

/** Constructs that break the rule, and words of its finding. */
export interface BrokenCase {
  readonly when: string;
  readonly build: (stack: Stack) => void;
  readonly says: string;
  /** Words of the remedy. */
  readonly fix?: string;
}

/** Constructs in which the rule finds nothing. */
export interface FineCase {
  readonly when: string;
  readonly build: (stack: Stack) => void;
}

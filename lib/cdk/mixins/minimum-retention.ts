import { Token } from 'aws-cdk-lib';
import { refuseAll } from '../../core/errors.js';
import type { Checked } from '../bounds.js';

/** A retention that a mixin raises resources to: one that is longer, or known at deployment only, stays. */
export class MinimumRetention {
  private readonly value: number;

  /**
   * @param mixin its name, for the refusal
   * @throws {INVALID_OPTIONS} what was wrong with the time it was given
   */
  constructor(mixin: string, { value, violations }: Checked) {
    refuseAll(`${mixin} can't be used`, violations);
    this.value = value;
  }

  /** What a resource is to have that has `given`. */
  over(given: number | undefined): number {
    if (given === undefined) return this.value;
    return Token.isUnresolved(given) ? given : Math.max(given, this.value);
  }
}

import type { Hazard } from '../engine.js';
import type { CallInput } from '../structures/call-input.js';
import type { SnsAccount } from './account.js';

/** One call of SNS. */
export interface SnsCall {
  readonly account: SnsAccount;
  readonly input: CallInput;
  readonly now: number;
  readonly hazard: Hazard | undefined;
}

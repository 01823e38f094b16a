import type { ApiFault, ApiResult } from '../engine.js';

/** Refuses a call. */
export const fault = (refusal: ApiFault): ApiResult => ({ kind: 'fault', fault: refusal });

/** Answers a call. */
export const output = (members: Readonly<Record<string, unknown>> = {}): ApiResult => ({
  kind: 'output',
  output: members,
});

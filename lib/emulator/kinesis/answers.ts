import type { ApiResult } from '../engine.js';

/** Codes of the faults Kinesis answers with. */
export type KinesisFaultCode =
  | 'DryRunOperationException'
  | 'ExpiredIteratorException'
  | 'ExpiredNextTokenException'
  | 'InvalidArgumentException'
  | 'LimitExceededException'
  | 'ProvisionedThroughputExceededException'
  | 'ResourceInUseException'
  | 'ResourceNotFoundException'
  | 'ValidationException';

/** The fault half of an answer. */
export type Refusal = Extract<ApiResult, { readonly kind: 'fault' }>;

/** Refuses a call. Every refusal of Kinesis is the caller's: status 400. */
export const refuse = (code: KinesisFaultCode, message: string): Refusal => ({
  kind: 'fault',
  fault: { code, message, status: 400 },
});

/** Answers a call. */
export const answer = (output: Readonly<Record<string, unknown>> = {}): ApiResult => ({
  kind: 'output',
  output,
});

/** Epoch milliseconds as JSON timestamps are written: epoch seconds with three decimals. */
export const toTimestamp = (epochMs: number): number => epochMs / 1_000;

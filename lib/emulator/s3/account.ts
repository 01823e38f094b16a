import type { ApiFault, ApiResult } from '../engine.js';
import type { Bucket } from './bucket.js';
import { s3Refusals } from './refusals.js';

/** What the S3 engine is given: it makes nothing up by itself. */
export interface S3EngineOptions {
  readonly region: string;
  /** Twelve digits: who owns every bucket. */
  readonly accountId: string;
}

/** One call, with the account it is made in. */
export interface S3Call {
  readonly account: S3Account;
  readonly input: S3Input;
  readonly now: number;
}

/** Input in the shape of the SDK's commands, as the protocol reads it: bodies are bytes. */
export type S3Input = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;

/** The buckets of one account. */
export class S3Account {
  readonly options: S3EngineOptions;
  readonly buckets = new Map<string, Bucket>();
  #sweptDay = -1;

  constructor(options: S3EngineOptions) {
    this.options = options;
  }

  /** Expiry falls on midnights, so one look a day finds all of it. */
  advance(now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day === this.#sweptDay) return;
    this.#sweptDay = day;
    for (const bucket of this.buckets.values()) bucket.sweep(now);
  }
}

/** A call that found its bucket. */
export interface BucketCall extends S3Call {
  readonly bucket: Bucket;
}

/** An operation on a bucket that has to be there. */
export function onBucket(perform: (call: BucketCall) => ApiResult): (call: S3Call) => ApiResult {
  return (call) => {
    const bucket = call.account.buckets.get(textOf(call.input, 'Bucket') ?? '');
    if (bucket === undefined) return refused(s3Refusals.noSuchBucket());
    const owner = textOf(call.input, 'ExpectedBucketOwner');
    if (owner !== undefined && owner !== call.account.options.accountId)
      return refused(s3Refusals.accessDenied());
    return perform({ ...call, bucket });
  };
}

/** A member of the input that is text. */
export function textOf(input: S3Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

/** An answer. */
export const answered = (output: Readonly<Record<string, unknown>> = {}): ApiResult => ({
  kind: 'output',
  output,
});

/** A refusal. */
export const refused = (fault: ApiFault): ApiResult => ({ kind: 'fault', fault });

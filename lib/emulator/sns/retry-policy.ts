import { isRecord } from '../structures/call-input.js';
import type { SnsProtocol } from './published-message.js';

/** How deliveries to HTTP(S) endpoints are tried again; seconds and counts as in AWS's delivery policy. */
export interface HttpRetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential';
}

/** What AWS does where nothing was set. */
export const DEFAULT_HTTP_RETRY_POLICY: HttpRetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  numMaxDelayRetries: 0,
  backoffFunction: 'linear',
};

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  minDelayTarget: [1, 3600],
  maxDelayTarget: [1, 3600],
  numRetries: [0, 100],
  numNoDelayRetries: [0, 100],
  numMinDelayRetries: [0, 100],
  numMaxDelayRetries: [0, 100],
};
const BACKOFFS = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;

/** Phases of the policy AWS-managed endpoints have: 100,015 tries over 23 days. */
const AWS_IMMEDIATE = 3;
const AWS_PRE_BACKOFF = 2;
const AWS_BACKOFF = 10;
const AWS_POST_BACKOFF = 100_000;
const AWS_LONGEST_MS = 20_000;

/**
 * Milliseconds until a delivery that failed `failures` times is tried again; undefined when it is given up.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export function retryDelay(
  protocol: SnsProtocol,
  failures: number,
  policy: HttpRetryPolicy,
): number | undefined {
  return protocol === 'http' || protocol === 'https'
    ? httpRetryDelay(failures, policy)
    : awsRetryDelay(failures);
}

function awsRetryDelay(failures: number): number | undefined {
  if (failures < AWS_IMMEDIATE) return 0;
  const preBackoff = failures - AWS_IMMEDIATE;
  if (preBackoff < AWS_PRE_BACKOFF) return 1000;
  const step = preBackoff - AWS_PRE_BACKOFF;
  if (step < AWS_BACKOFF) return 1000 * 20 ** (step / (AWS_BACKOFF - 1));
  return step - AWS_BACKOFF < AWS_POST_BACKOFF ? AWS_LONGEST_MS : undefined;
}

function httpRetryDelay(failures: number, policy: HttpRetryPolicy): number | undefined {
  if (failures > policy.numRetries) return undefined;
  const at = failures - 1;
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (at < numNoDelayRetries) return 0;
  const min = policy.minDelayTarget * 1000;
  const max = policy.maxDelayTarget * 1000;
  if (at < numNoDelayRetries + numMinDelayRetries) return min;
  const steps = policy.numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const step = at - numNoDelayRetries - numMinDelayRetries;
  if (step >= steps) return max;
  return min + (max - min) * growth(policy.backoffFunction, steps <= 1 ? 1 : step / (steps - 1));
}

/** Share of the way from the shortest to the longest delay. */
function growth(backoff: HttpRetryPolicy['backoffFunction'], share: number): number {
  switch (backoff) {
    case 'linear':
      return share;
    case 'arithmetic':
      return share ** 1.5;
    case 'geometric':
      return share ** 2;
    case 'exponential':
      return (2 ** (10 * share) - 1) / (2 ** 10 - 1);
  }
}

/** Reads the `http.defaultHealthyRetryPolicy` (topic) or `healthyRetryPolicy` (subscription) of a delivery policy. */
export function readDeliveryPolicy(text: string): HttpRetryPolicy | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const http = isRecord(json['http']) ? json['http']['defaultHealthyRetryPolicy'] : undefined;
  const given = json['healthyRetryPolicy'] ?? http ?? {};
  if (!isRecord(given)) return undefined;
  const backoff = BACKOFFS.find((name) => name === (given['backoffFunction'] ?? 'linear'));
  const isInRange = Object.entries(RANGES).every(([name, [min, max]]) => {
    const value = given[name];
    return (
      value === undefined || value === null || (typeof value === 'number' && value >= min && value <= max)
    );
  });
  if (backoff === undefined || !isInRange) return undefined;
  const numberOf = (name: keyof HttpRetryPolicy, fallback: number): number => {
    const value = given[name];
    return typeof value === 'number' ? value : fallback;
  };
  const defaults = DEFAULT_HTTP_RETRY_POLICY;
  const policy: HttpRetryPolicy = {
    minDelayTarget: numberOf('minDelayTarget', defaults.minDelayTarget),
    maxDelayTarget: numberOf('maxDelayTarget', defaults.maxDelayTarget),
    numRetries: numberOf('numRetries', defaults.numRetries),
    numNoDelayRetries: numberOf('numNoDelayRetries', 0),
    numMinDelayRetries: numberOf('numMinDelayRetries', 0),
    numMaxDelayRetries: numberOf('numMaxDelayRetries', 0),
    backoffFunction: backoff,
  };
  const planned = policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries;
  return policy.minDelayTarget <= policy.maxDelayTarget && planned <= policy.numRetries ? policy : undefined;
}

import { MillraceError, type ErrorCode } from '../../core/errors.js';

/**
 * What kind of failure an AWS call ended in, told by the error's `name`, `$retryable`, HTTP status and system error code
 * (never by its words).
 *
 * | kind               | means                                                                | try again? |
 * |--------------------|----------------------------------------------------------------------|------------|
 * | `aborted`          | our own AbortSignal ended the call                                   | no         |
 * | `throttled`        | the service asked to slow down                                       | yes, later |
 * | `unreachable`      | no answer: DNS, connection refused or reset, TLS, timeout             | yes, later |
 * | `unavailable`      | the service answered 5xx                                             | yes        |
 * | `denied`           | credentials missing, expired or without the permission               | by a human |
 * | `missing`          | the queue, topic, stream or table does not exist                      | by a human |
 * | `condition-failed` | a DynamoDB condition did not hold: an answer, not a fault            | no         |
 * | `refused`          | any other 4xx: this very request will never be taken                 | no         |
 * | `unknown`          | nothing AWS-like about it: a bug or a foreign middleware             | no         |
 */
export type AwsFailureKind =
  | 'aborted'
  | 'throttled'
  | 'unreachable'
  | 'unavailable'
  | 'denied'
  | 'missing'
  | 'condition-failed'
  | 'refused'
  | 'unknown';

/** A classified failure of an AWS call. */
export interface AwsFailure {
  readonly kind: AwsFailureKind;
  /** The error's name, e.g. `QueueDoesNotExist`; `Error` where it had none. */
  readonly name: string;
  /** Whether the same request may succeed later without anybody doing anything. */
  readonly isRetryable: boolean;
  readonly status?: number;
  readonly requestId?: string;
  /** The system error code of a network failure, e.g. `ECONNREFUSED`. */
  readonly systemCode?: string;
  /** The error itself, for `cause`. */
  readonly error: unknown;
}

const THROTTLES = new Set([
  'BandwidthLimitExceeded',
  'KMSThrottlingException',
  'KmsThrottled',
  'LimitExceededException',
  'OverLimit',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const DENIALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSecurity',
  'InvalidSecurityException',
  'InvalidSignatureException',
  'KmsAccessDenied',
  'KMSAccessDeniedException',
  'KMSOptInRequired',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

const ABSENCES = new Set([
  'AWS.SimpleQueueService.NonExistentQueue',
  'KMSNotFoundException',
  'KmsNotFound',
  'NoSuchBucket',
  'NotFound',
  'NotFoundException',
  'QueueDoesNotExist',
  'ResourceNotFoundException',
  'TableNotFoundException',
]);

const NETWORK_CODES = new Set([
  'EADDRNOTAVAIL', // no local port is free
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO', // TLS broke off
  'ETIMEDOUT',
]);

/** An answer, or a request, that did not come in time; S3 says so with status 400. */
const TIMEOUTS = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);

const RETRYABLE_KINDS: readonly AwsFailureKind[] = ['throttled', 'unreachable', 'unavailable'];

/** Classifies whatever an AWS call threw. Total: every value has a kind. */
export function classifyAwsError(error: unknown): AwsFailure {
  const shape = shapeOf(error);
  const kind = kindOf(shape);
  return {
    kind,
    name: shape.name,
    isRetryable: RETRYABLE_KINDS.includes(kind),
    ...(shape.status !== undefined && { status: shape.status }),
    ...(shape.requestId !== undefined && { requestId: shape.requestId }),
    ...(shape.systemCode !== undefined && { systemCode: shape.systemCode }),
    error,
  };
}

/**
 * Why a `TransactWriteItems` was cancelled, one code per item in the request's order (`None` where the item was fine), or
 * undefined when the error is something else.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function cancellationCodes(error: unknown): readonly string[] | undefined {
  if (nameOf(error) !== 'TransactionCanceledException') return undefined;
  const reasons = (error as { readonly CancellationReasons?: unknown }).CancellationReasons;
  if (!Array.isArray(reasons)) return [];
  return reasons.map((reason: unknown) => textIn(reason, 'Code') ?? 'None');
}

const CODES: Readonly<Partial<Record<AwsFailureKind, ErrorCode>>> = {
  unreachable: 'ENDPOINT_UNREACHABLE',
  denied: 'ACCESS_DENIED',
  missing: 'RESOURCE_NOT_FOUND',
};

/** Where a call went, so that an error can say what to look at. */
export interface CallTarget {
  /** What was attempted, e.g. `receive from queue 'Builds'`. */
  readonly action: string;
  readonly region: string;
  readonly endpoint?: string;
}

/**
 * Turns a classified failure into the error a user sees: what was attempted, what came back and what to do.
 * Codes: `ENDPOINT_UNREACHABLE`, `ACCESS_DENIED`, `RESOURCE_NOT_FOUND`, else `SERVICE_REFUSED`.
 */
export function awsFailureError(failure: AwsFailure, target: CallTarget): MillraceError {
  const where =
    target.endpoint === undefined ? `AWS in ${target.region}` : `${target.endpoint} (${target.region})`;
  const got = [failure.systemCode ?? failure.name, failure.status !== undefined && `HTTP ${failure.status}`]
    .filter((part) => part !== false)
    .join(', ');
  return new MillraceError(
    CODES[failure.kind] ?? 'SERVICE_REFUSED',
    `can't ${target.action}: ${where} answered ${got}; ${REMEDIES[failure.kind]}`,
    { cause: failure.error },
  );
}

const REMEDIES: Readonly<Record<AwsFailureKind, string>> = {
  aborted: 'the call was ended by this process',
  throttled: 'lower the rate or raise the quota',
  unreachable:
    "check that the endpoint is up and reachable from here, and that the binding's endpoint or AWS_ENDPOINT_URL names it",
  unavailable: 'try again later',
  denied: "check the credentials, and that the role has the construct's grant",
  missing:
    "check that the stack is deployed in this account and region, and that the binding is this deployment's",
  'condition-failed': 'somebody else wrote first',
  refused: 'the request breaks a rule of the service, see the cause',
  unknown: 'see the cause',
};

interface ErrorShape {
  readonly name: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly systemCode?: string;
  readonly isThrottling: boolean;
  readonly isMarkedRetryable: boolean;
}

function kindOf(shape: ErrorShape): AwsFailureKind {
  const { name, status, systemCode } = shape;
  if (name === 'AbortError') return 'aborted';
  if (name === 'ConditionalCheckFailedException') return 'condition-failed';
  if (shape.isThrottling || status === 429 || THROTTLES.has(name)) return 'throttled';
  if (DENIALS.has(name)) return 'denied';
  if (ABSENCES.has(name)) return 'missing';
  if (status !== undefined && status >= 500) return 'unavailable';
  if (TIMEOUTS.has(name) || (systemCode !== undefined && NETWORK_CODES.has(systemCode))) return 'unreachable';
  if (status !== undefined && status >= 400) return shape.isMarkedRetryable ? 'unavailable' : 'refused';
  return shape.isMarkedRetryable ? 'unavailable' : 'unknown';
}

function shapeOf(error: unknown): ErrorShape {
  const metadata = memberOf(error, '$metadata');
  const retryable = memberOf(error, '$retryable');
  const status = memberOf(metadata, 'httpStatusCode');
  const requestId = textIn(metadata, 'requestId');
  const systemCode = textIn(error, 'code') ?? textIn(memberOf(error, 'cause'), 'code');
  return {
    name: nameOf(error),
    ...(typeof status === 'number' && { status }),
    ...(requestId !== undefined && { requestId }),
    ...(systemCode !== undefined && { systemCode }),
    isThrottling: memberOf(retryable, 'throttling') === true,
    isMarkedRetryable: retryable !== undefined,
  };
}

/** The name of an error; `Error` where it has none. */
export function nameOf(error: unknown): string {
  return textIn(error, 'name') ?? 'Error';
}

function textIn(value: unknown, member: string): string | undefined {
  const found = memberOf(value, member);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[member]
    : undefined;
}

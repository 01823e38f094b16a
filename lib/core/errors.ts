/**
 * Everything that can go wrong in a way a user can act on. Each code has a row in `docs/errors.md`: meaning, likely
 * cause, remedy, retryable or not.
 */
export type ErrorCode =
  | 'INVALID_OPTIONS'
  | 'INVALID_CONTRACT'
  | 'INVALID_PAYLOAD'
  | 'BINDING_MISSING'
  | 'BINDING_INVALID'
  | 'BINDING_MISMATCH'
  | 'EVENT_INVALID'
  | 'ENDPOINT_UNREACHABLE'
  | 'ACCESS_DENIED'
  | 'RESOURCE_NOT_FOUND'
  | 'SERVICE_REFUSED'
  | 'PORT_IN_USE'
  | 'MESSAGE_TOO_LARGE'
  | 'PUBLISH_FAILED'
  | 'PUT_FAILED'
  | 'CLAIM_CHECK_UNAVAILABLE'
  | 'OWNERSHIP_LOST'
  | 'HANDLER_TIMEOUT'
  | 'TRANSACTION_REFUSED'
  | 'DUPLICATE_IN_PROGRESS'
  | 'STORE_UNAVAILABLE'
  | 'DRAIN_TIMEOUT'
  | 'STOPPED'
  | 'DEPENDENCY_MISSING'
  | 'ASSEMBLY_INVALID'
  | 'DEPLOY_FAILED';

const BRAND = Symbol.for('millrace.error');

/** What an error carries beside its words. */
export interface MillraceErrorOptions {
  /** What caused it, kept whole. @default - nothing else failed */
  readonly cause?: unknown;
  /** Every single violation, where several were found in one pass. @default - none */
  readonly violations?: readonly string[];
}

/**
 * The one base of every error millrace throws. The message says what happened, what was got, what is allowed and what
 * to do, in lower case and without a full stop; it never carries message bodies or secrets.
 *
 * Recognise it with {@link isMillraceError}: the brand survives duplicate copies of the package and jest's realms,
 * which `instanceof` does not.
 */
export class MillraceError extends Error {
  /** What went wrong, for code to tell it by; `docs/errors.md` has cause and remedy of each. */
  readonly code: ErrorCode;

  /** Every single violation, where several were found in one pass; empty otherwise. */
  readonly violations: readonly string[];

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.violations = options.violations ?? [];
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Tells millrace's own errors from everything else, across copies and realms; give a code to ask for just that one. */
export function isMillraceError(error: unknown, code?: ErrorCode): error is MillraceError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as unknown as MillraceError).code === code;
}

/**
 * One error for all violations of one options object, so that nobody mends them one run at a time.
 * @throws {INVALID_OPTIONS} (or the given code) when there is at least one violation
 */
export function refuseAll(
  what: string,
  violations: readonly string[],
  code: ErrorCode = 'INVALID_OPTIONS',
): void {
  if (violations.length === 0) return;
  const list = violations.length === 1 ? ` ${violations.join('')}` : `\n  - ${violations.join('\n  - ')}`;
  throw new MillraceError(code, `${what}:${list}`, { violations });
}

/** What is done with a message whose handler threw. */
export type ErrorDecision =
  /** Again, after a wait that grows with the receive count: what happens without a rule. */
  | { readonly then: 'retry' }
  /**
   * Again, after exactly this long (0-43200 s): for errors that name their own time, like a rate limit. SQS hides a message
   * for 12 hours from its receive at most: what goes beyond that is cut.
   */
  | { readonly then: 'snooze'; readonly seconds: number }
  /** It will never succeed: to the dead-letter queue at once, with the reason beside it. */
  | { readonly then: 'dead-letter' }
  /** It is of no interest any more: deleted, told through `onEvent`. */
  | { readonly then: 'drop' };

/** One row of an error policy. */
export interface ErrorRule {
  /** Whether the rule is for an error, by the error's class or name. */
  readonly matches: (error: unknown) => boolean;
  /** What becomes of the message then. */
  readonly decision: ErrorDecision;
}

/** An error class, or the `name` its errors carry. */
export type ErrorKind = string | (abstract new (...args: never[]) => Error);

/**
 * A row of an error policy: what to do with errors of one class. A class matches its subclasses, also by name, so that
 * errors of another copy of a package are recognised.
 * @example
 * errors: [
 *   whenError('RateLimited', { then: 'snooze', seconds: 60 }),
 *   whenError(RepositoryGone, { then: 'dead-letter' }),
 * ]
 */
export function whenError(kind: ErrorKind, decision: ErrorDecision): ErrorRule {
  return Object.freeze({ matches: (error: unknown) => isOfKind(error, kind), decision });
}

/** The first rule that matches decides; without one, the message is tried again. */
export function decideOnError(rules: readonly ErrorRule[], error: unknown): ErrorDecision {
  return rules.find(({ matches }) => matches(error))?.decision ?? { then: 'retry' };
}

/** What is wrong with a policy, if anything. */
export function errorPolicyViolations(rules: readonly ErrorRule[]): string[] {
  return rules.flatMap(({ decision }, index) => {
    if (decision.then !== 'snooze') return [];
    const { seconds } = decision;
    const isRight = Number.isFinite(seconds) && seconds >= 0 && seconds <= MAX_SNOOZE_SECONDS;
    return isRight
      ? []
      : [`errors[${index}] snoozes for ${seconds} s, allowed are 0 to ${MAX_SNOOZE_SECONDS} (seconds)`];
  });
}

/** The longest visibility timeout. */
const MAX_SNOOZE_SECONDS = 43_200;

function isOfKind(error: unknown, kind: ErrorKind): boolean {
  if (!(typeof error === 'object' && error !== null)) return false;
  if (typeof kind === 'string') return (error as { readonly name?: unknown }).name === kind;
  return error instanceof kind || namesOf(error).includes(kind.name);
}

/** The names of an error's class and those it extends. */
function namesOf(error: object): string[] {
  const names: string[] = [];
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    typeof prototype === 'object' && prototype !== null && prototype !== Error.prototype;
    prototype = Object.getPrototypeOf(prototype)
  )
    names.push((prototype as { readonly constructor: { readonly name: string } }).constructor.name);
  return names;
}

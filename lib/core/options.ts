/**
 * The checks that `compileX` functions are made of. Each returns the violations it found (none, mostly), so that a
 * compiler concatenates them and refuses all at once through `refuseAll`:
 *
 * ```ts
 * refuseAll("createX can't be used", [
 *   ...unknownNames(options, X_OPTION_NAMES),
 *   ...numberViolations('concurrency', concurrency, { min: 1, max: 1_000, whole: true, unit: 'messages' }),
 * ]);
 * ```
 */

/** Bounds of a numeric option, both inclusive. */
export interface NumberBounds {
  readonly min: number;
  /** @default - no upper bound */
  readonly max?: number;
  /** Whether 1.5 is refused. @default false */
  readonly whole?: boolean;
  /** What is counted: `seconds`, `messages`, `bytes`. */
  readonly unit: string;
}

/**
 * Names in `given` that are no option, each with the nearest right name where one is near. `undefined` values count as
 * left out, so a misspelt name set to undefined is still said: it never did anything.
 * @param prefix where nested options live, e.g. `retry.`
 */
export function unknownNames(given: object, known: readonly string[], prefix = ''): string[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      const advice =
        nearest === undefined
          ? `known options are ${known.join(', ')}`
          : `did you mean '${prefix}${nearest}'?`;
      return `'${prefix}${name}' is no option: ${advice}`;
    });
}

/** Violations of a numeric option: not a number, NaN, out of bounds, not whole. */
export function numberViolations(name: string, value: unknown, bounds: NumberBounds): string[] {
  const { min, max = Infinity, whole = false, unit } = bounds;
  const isRight =
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (isRight) return [];
  const kind = whole ? 'a whole number' : 'a number';
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  return [`${name} must be ${kind} ${range} (${unit}), got ${show(value)}`];
}

/** Violations of an option that takes one of a few words. */
export function choiceViolations(name: string, value: unknown, allowed: readonly string[]): string[] {
  if (typeof value === 'string' && allowed.includes(value)) return [];
  const nearest = typeof value === 'string' ? nearestName(value, allowed) : undefined;
  const advice = nearest === undefined ? '' : `: did you mean '${nearest}'?`;
  return [`${name} must be one of ${allowed.join(', ')}, got ${show(value)}${advice}`];
}

/** Violations of a text option: not a string, or empty. */
export function textViolations(name: string, value: unknown): string[] {
  return typeof value === 'string' && value !== ''
    ? []
    : [`${name} must be text that is not empty, got ${show(value)}`];
}

/** Violations of an option that is true or false, which may be left out. */
export function flagViolations(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'boolean'
    ? []
    : [`${name} must be true or false, got ${show(value)}`];
}

/** Violations of a callback option, which may be left out. */
export function callbackViolations(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'function'
    ? []
    : [`${name} must be a function, got ${show(value)}`];
}

/** The name at the smallest edit distance, if it is near enough to be what was meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const farthest = Math.max(2, Math.floor(name.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= farthest && (best === undefined || distance < best.distance))
      best = { candidate, distance };
  }
  return best?.candidate;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Shows what was got without risking a secret's length in the log: text is cut, objects are named by kind. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

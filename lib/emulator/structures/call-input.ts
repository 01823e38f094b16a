import type { ApiFault } from '../engine.js';

/** The words a service refuses input with. */
export interface InputRefusals {
  missing(name: string): ApiFault;
  invalid(name: string, value: unknown, reason: string): ApiFault;
}

/** Bounds of a whole number in a call. */
export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** Absent, or empty as the query protocol writes an empty list or map. */
const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Tells a plain JSON object from everything else. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads members of a call's input by type. The first violation is kept in `fault`, as the services report one at a
 * time; a reader that has met one keeps answering with empty values, so that a caller checks `fault` once, at the end.
 */
export class CallInput {
  fault: ApiFault | undefined;
  readonly #input: Readonly<Record<string, unknown>>;
  readonly #refusals: InputRefusals;

  constructor(input: Readonly<Record<string, unknown>>, refusals: InputRefusals) {
    this.#input = input;
    this.#refusals = refusals;
  }

  /** A string that must be there; it may be empty. */
  string(name: string): string {
    const value = this.optionalString(name);
    if (value === undefined) this.refuse(this.#refusals.missing(name));
    return value ?? '';
  }

  optionalString(name: string): string | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    this.refuse(this.#refusals.invalid(name, value, 'must be a string'));
    return undefined;
  }

  /** A whole number within the range. */
  optionalInteger(name: string, range: IntegerRange): number | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max)
      return value;
    this.refuse(this.#refusals.invalid(name, value, `must be >= ${range.min} and <= ${range.max}`));
    return undefined;
  }

  /** A flag; AWS's query protocol sends it as text. */
  optionalBoolean(name: string): boolean | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    this.refuse(this.#refusals.invalid(name, value, 'must be true or false'));
    return undefined;
  }

  /** A list of strings; absent is empty. */
  strings(name: string): readonly string[] {
    const value = this.#input[name];
    if (isNothing(value)) return [];
    if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
    this.refuse(this.#refusals.invalid(name, value, 'must be a list of strings'));
    return [];
  }

  /** A list of objects; absent is empty. */
  records(name: string): readonly Readonly<Record<string, unknown>>[] {
    const value = this.#input[name];
    if (isNothing(value)) return [];
    if (Array.isArray(value) && value.every(isRecord)) return value;
    this.refuse(this.#refusals.invalid(name, value, 'must be a list of structures'));
    return [];
  }

  /** A map; absent is empty. */
  map(name: string): Readonly<Record<string, unknown>> {
    return this.optionalMap(name) ?? {};
  }

  optionalMap(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#input[name];
    if (isNothing(value)) return undefined;
    if (isRecord(value)) return value;
    this.refuse(this.#refusals.invalid(name, value, 'must be a map'));
    return undefined;
  }

  /** A map of strings; absent is empty. */
  stringMap(name: string): Readonly<Record<string, string>> {
    const strings: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.map(name))) {
      if (typeof value === 'string') strings[key] = value;
      else this.refuse(this.#refusals.invalid(`${name}.${key}`, value, 'must be a string'));
    }
    return strings;
  }

  /** Notes a violation found by the caller; the first one stays. */
  refuse(fault: ApiFault): void {
    this.fault ??= fault;
  }
}

import type { ApiFault } from '../engine.js';

/** What was found wrong with an input: a wrong JSON type, or a right type outside its constraint. */
export type FieldProblem =
  | { readonly kind: 'type'; readonly message: string }
  | { readonly kind: 'constraint'; readonly message: string };

/** A member of an input shape: takes the JSON value, gives the typed one, adds what is wrong to `problems`. */
export interface Field<Value> {
  readonly isRequired: boolean;
  readonly read: (value: unknown, path: string, problems: FieldProblem[]) => Value | undefined;
}

/** A member that must be given. */
export interface RequiredField<Value> extends Field<Value> {
  readonly isRequired: true;
}

/** The members of an input. */
export type Shape = Readonly<Record<string, Field<unknown>>>;

/** The typed input that a shape describes. */
export type InputOf<S extends Shape> = {
  readonly [Name in keyof S as S[Name] extends RequiredField<unknown> ? Name : never]: S[Name] extends Field<
    infer Value
  >
    ? Value
    : never;
} & {
  readonly [Name in keyof S as S[Name] extends RequiredField<unknown> ? never : Name]?: S[Name] extends Field<
    infer Value
  >
    ? Value | undefined
    : never;
};

/** Why a value can't be taken. A right value is returned as it is: records come by the million. */
class Misfit {
  readonly kind: FieldProblem['kind'];
  readonly demand: string;
  readonly shown: string | undefined;

  constructor(kind: FieldProblem['kind'], demand: string, shown?: string) {
    this.kind = kind;
    this.demand = demand;
    this.shown = shown;
  }
}

const misfit = (demand: string, shown?: string): Misfit => new Misfit('constraint', demand, shown);
const wrongType = (wanted: string): Misfit => new Misfit('type', `must be ${wanted}`);

/** Makes a member of the judgement about its value; what is inside a value is judged through `inner`. */
function member<Value>(
  judge: (value: unknown, path: string, inner: FieldProblem[]) => Value | Misfit,
): Field<Value> {
  return {
    isRequired: false,
    read: (value, path, problems) => {
      const verdict = judge(value, path, problems);
      if (!(verdict instanceof Misfit)) return verdict;
      problems.push(
        verdict.kind === 'type'
          ? { kind: 'type', message: `${path} ${verdict.demand}` }
          : constraintProblem(path, verdict.shown ?? String(value), verdict.demand),
      );
      return undefined;
    },
  };
}

const LONGEST_SHOWN = 256;

function constraintProblem(memberPath: string, value: string | undefined, demand: string): FieldProblem {
  const path = memberPath.replace(/(^|\.)[A-Z]/g, (initial) => initial.toLowerCase());
  const cut = value?.slice(0, LONGEST_SHOWN);
  const got = cut === undefined ? 'Value null' : `Value '${cut}'`;
  return { kind: 'constraint', message: `${got} at '${path}' failed to satisfy constraint: ${demand}` };
}

/** Makes a member mandatory. */
export const required = <Value>(field: Field<Value>): RequiredField<Value> => ({
  ...field,
  isRequired: true,
});

const tooShort = (min: number): string => `Member must have length greater than or equal to ${min}`;
const tooLong = (max: number): string => `Member must have length less than or equal to ${max}`;

/** Text, with its length in characters, its form, or the words it may be. */
export function text<const Word extends string = string>(bounds: {
  readonly min?: number;
  readonly max?: number;
  readonly form?: RegExp;
  readonly oneOf?: readonly Word[];
}): Field<Word> {
  const { min = 0, max = Infinity, form, oneOf } = bounds;
  return member((value) => {
    if (typeof value !== 'string') return wrongType('a string');
    if (value.length < min) return misfit(tooShort(min));
    if (value.length > max) return misfit(tooLong(max));
    if (form?.test(value) === false)
      return misfit(`Member must satisfy regular expression pattern: ${form.source}`);
    if (oneOf !== undefined && !oneOf.some((word) => word === value))
      return misfit(`Member must satisfy enum value set: [${oneOf.join(', ')}]`);
    return value as Word;
  });
}

/** A whole number. */
export function whole(bounds: { readonly min: number; readonly max: number }): Field<number> {
  return member((value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType('an integer');
    if (value < bounds.min) return misfit(`Member must have value greater than or equal to ${bounds.min}`);
    if (value > bounds.max) return misfit(`Member must have value less than or equal to ${bounds.max}`);
    return value;
  });
}

/** True or false. */
export const flag: Field<boolean> = member((value) =>
  typeof value === 'boolean' ? value : wrongType('a boolean'),
);

/** A point in time: epoch seconds on the wire, epoch milliseconds here. */
export const timestamp: Field<number> = member((value) =>
  typeof value === 'number' ? Math.round(value * 1_000) : wrongType('a timestamp'),
);

/** A blob in base64, with its decoded size. */
export interface Blob {
  readonly base64: string;
  readonly bytes: number;
}

/** Binary data of at most `maxBytes` decoded bytes; kept as the base64 text it came as. */
export function blob(maxBytes: number): Field<Blob> {
  return member((value) => {
    if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      return wrongType('a base64 string');
    const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
    const bytes = (value.length / 4) * 3 - padding;
    return bytes > maxBytes ? misfit(tooLong(maxBytes), '[bytes]') : { base64: value, bytes };
  });
}

/** A list, with how many it may hold. */
export function list<Value>(
  field: Field<Value>,
  bounds: { readonly min: number; readonly max: number },
): Field<readonly Value[]> {
  return member((value, path, inner) => {
    if (!Array.isArray(value)) return wrongType('a list');
    if (value.length < bounds.min) return misfit(tooShort(bounds.min), '[list]');
    if (value.length > bounds.max) return misfit(tooLong(bounds.max), '[list]');
    const items: Value[] = [];
    for (const [index, item] of value.entries()) {
      const read = field.read(item, `${path}.${index + 1}.member`, inner);
      if (read !== undefined) items.push(read);
    }
    return items;
  });
}

/** A map of text to text. */
export function textMap(bounds: { readonly min: number; readonly max: number }): Field<Map<string, string>> {
  return member((value) => {
    if (!isObject(value)) return wrongType('a map');
    const entries = Object.entries(value);
    if (entries.length < bounds.min) return misfit(tooShort(bounds.min), '[map]');
    if (entries.length > bounds.max) return misfit(tooLong(bounds.max), '[map]');
    const map = new Map<string, string>();
    for (const [key, item] of entries) {
      if (typeof item !== 'string') return wrongType('a map of strings');
      map.set(key, item);
    }
    return map;
  });
}

/** A structure within an input. */
export function structure<S extends Shape>(shape: S): Field<InputOf<S>> {
  return member((value, path, inner) =>
    isObject(value) ? readMembers(shape, value, `${path}.`, inner) : wrongType('a structure'),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readMembers<S extends Shape>(
  shape: S,
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  problems: FieldProblem[],
): InputOf<S> {
  const result: Record<string, unknown> = {};
  for (const name in shape) {
    const field = shape[name];
    if (field === undefined) continue;
    const given = value[name];
    const path = `${prefix}${name}`;
    if (given !== undefined && given !== null) result[name] = field.read(given, path, problems);
    else if (field.isRequired) problems.push(constraintProblem(path, undefined, 'Member must not be null'));
  }
  return result as InputOf<S>;
}

/** An input that keeps its shape, or the fault AWS answers with. */
export type ReadInput<S extends Shape> =
  | { readonly kind: 'read'; readonly input: InputOf<S> }
  | { readonly kind: 'fault'; readonly fault: ApiFault };

/** Reads a whole input; all constraint violations are told at once, as the service does. */
export function readInput<S extends Shape>(shape: S, value: Readonly<Record<string, unknown>>): ReadInput<S> {
  const problems: FieldProblem[] = [];
  const input = readMembers(shape, value, '', problems);
  const [first] = problems;
  if (first === undefined) return { kind: 'read', input };
  const mistyped = problems.find((problem) => problem.kind === 'type');
  if (mistyped !== undefined)
    return {
      kind: 'fault',
      fault: { code: 'SerializationException', message: mistyped.message, status: 400 },
    };
  const noun = problems.length === 1 ? 'error' : 'errors';
  const message = `${problems.length} validation ${noun} detected: ${problems.map((problem) => problem.message).join('; ')}`;
  return { kind: 'fault', fault: { code: 'ValidationException', message, status: 400 } };
}

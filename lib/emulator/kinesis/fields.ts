import type { ApiFault } from '../engine.js';

/** What was found wrong with an input: a wrong JSON type, or a right type outside its constraint. */
export type FieldProblem =
  | { readonly kind: 'type'; readonly message: string }
  | { readonly kind: 'constraint'; readonly message: string };

/** A member of an input shape: takes the JSON value, gives the typed one, adds what is wrong to `problems`. */
export interface Field<Value> {
  readonly isRequired: boolean;
  read(value: unknown, path: string, problems: FieldProblem[]): Value | undefined;
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

type Read<Value> = Field<Value>['read'];

const optional = <Value>(read: Read<Value>): Field<Value> => ({ isRequired: false, read });

/** Makes a member mandatory. */
export const required = <Value>(field: Field<Value>): RequiredField<Value> => ({
  isRequired: true,
  read: field.read,
});

const constraint = (problems: FieldProblem[], path: string, value: unknown, demand: string): undefined => {
  const shown = typeof value === 'string' && value.length > 256 ? `${value.slice(0, 256)}…` : String(value);
  const got = value === null || value === undefined ? 'Value null' : `Value '${shown}'`;
  problems.push({
    kind: 'constraint',
    message: `${got} at '${path}' failed to satisfy constraint: ${demand}`,
  });
  return undefined;
};

const wrongType = (problems: FieldProblem[], path: string, wanted: string): undefined => {
  problems.push({ kind: 'type', message: `${path} must be ${wanted}` });
  return undefined;
};

/** Text, with its length in characters, its form, or the words it may be. */
export function text<const Word extends string = string>(bounds: {
  readonly min?: number;
  readonly max?: number;
  readonly form?: RegExp;
  readonly oneOf?: readonly Word[];
}): Field<Word> {
  const { min = 0, max = Infinity, form, oneOf } = bounds;
  return optional((value, path, problems) => {
    if (typeof value !== 'string') return wrongType(problems, path, 'a string');
    if (value.length < min)
      return constraint(
        problems,
        path,
        value,
        `Member must have length greater than or equal to ${String(min)}`,
      );
    if (value.length > max)
      return constraint(
        problems,
        path,
        value,
        `Member must have length less than or equal to ${String(max)}`,
      );
    if (form?.test(value) === false)
      return constraint(
        problems,
        path,
        value,
        `Member must satisfy regular expression pattern: ${form.source}`,
      );
    if (oneOf !== undefined && !oneOf.some((word) => word === value))
      return constraint(problems, path, value, `Member must satisfy enum value set: [${oneOf.join(', ')}]`);
    return value as Word;
  });
}

/** A whole number. */
export function whole(bounds: { readonly min: number; readonly max: number }): Field<number> {
  return optional((value, path, problems) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(problems, path, 'an integer');
    if (value < bounds.min)
      return constraint(
        problems,
        path,
        value,
        `Member must have value greater than or equal to ${bounds.min}`,
      );
    if (value > bounds.max)
      return constraint(problems, path, value, `Member must have value less than or equal to ${bounds.max}`);
    return value;
  });
}

/** True or false. */
export const flag: Field<boolean> = optional((value, path, problems) =>
  typeof value === 'boolean' ? value : wrongType(problems, path, 'a boolean'),
);

/** A point in time: epoch seconds on the wire, epoch milliseconds here. */
export const timestamp: Field<number> = optional((value, path, problems) =>
  typeof value === 'number' ? Math.round(value * 1_000) : wrongType(problems, path, 'a timestamp'),
);

/** A blob in base64, with its decoded size. */
export interface Blob {
  readonly base64: string;
  readonly bytes: number;
}

/** Binary data of at most `maxBytes` decoded bytes; kept as the base64 text it came as. */
export function blob(maxBytes: number): Field<Blob> {
  return optional((value, path, problems) => {
    if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      return wrongType(problems, path, 'a base64 string');
    const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
    const bytes = (value.length / 4) * 3 - padding;
    if (bytes > maxBytes)
      return constraint(
        problems,
        path,
        '[bytes]',
        `Member must have length less than or equal to ${maxBytes}`,
      );
    return { base64: value, bytes };
  });
}

/** A list, with how many it may hold. */
export function list<Value>(
  field: Field<Value>,
  bounds: { readonly min: number; readonly max: number },
): Field<readonly Value[]> {
  return optional((value, path, problems) => {
    if (!Array.isArray(value)) return wrongType(problems, path, 'a list');
    if (value.length < bounds.min)
      return constraint(
        problems,
        path,
        '[list]',
        `Member must have length greater than or equal to ${bounds.min}`,
      );
    if (value.length > bounds.max)
      return constraint(
        problems,
        path,
        '[list]',
        `Member must have length less than or equal to ${bounds.max}`,
      );
    const items: Value[] = [];
    for (const [index, item] of value.entries()) {
      const read = field.read(item, `${path}.${index + 1}.member`, problems);
      if (read !== undefined) items.push(read);
    }
    return items;
  });
}

/** A map of text to text. */
export function textMap(bounds: { readonly min: number; readonly max: number }): Field<Map<string, string>> {
  return optional((value, path, problems) => {
    if (!isObject(value)) return wrongType(problems, path, 'a map');
    const entries = Object.entries(value);
    if (entries.length < bounds.min || entries.length > bounds.max)
      return constraint(
        problems,
        path,
        '[map]',
        `Member must have length from ${bounds.min} to ${bounds.max}`,
      );
    const map = new Map<string, string>();
    for (const [key, member] of entries) {
      if (typeof member !== 'string') return wrongType(problems, `${path}.${key}`, 'a string');
      map.set(key, member);
    }
    return map;
  });
}

/** A structure within an input. */
export function structure<S extends Shape>(shape: S): Field<InputOf<S>> {
  return optional((value, path, problems) => {
    if (!isObject(value)) return wrongType(problems, path, 'a structure');
    return readMembers(shape, value, `${path}.`, problems);
  });
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
    const member = value[name];
    const path = `${prefix}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    if (member !== undefined && member !== null) result[name] = field.read(member, path, problems);
    else if (field.isRequired) constraint(problems, path, null, 'Member must not be null');
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
  const misfit = problems.find((problem) => problem.kind === 'type');
  if (misfit !== undefined)
    return { kind: 'fault', fault: { code: 'SerializationException', message: misfit.message, status: 400 } };
  const noun = problems.length === 1 ? 'error' : 'errors';
  const message = `${problems.length} validation ${noun} detected: ${problems.map((problem) => problem.message).join('; ')}`;
  return { kind: 'fault', fault: { code: 'ValidationException', message, status: 400 } };
}

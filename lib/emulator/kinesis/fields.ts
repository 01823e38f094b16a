import type { ApiFault } from '../engine.js';
import { base64Bytes } from '../structures/message-attributes.js';

/** What was found wrong with an input: a wrong JSON type, or a right type outside its constraint. */
export interface FieldProblem {
  readonly kind: 'type' | 'constraint';
  /** Names and places from the outermost member inwards; each level adds its own as it finds a problem inside. */
  readonly path: readonly string[];
  readonly demand: string;
  readonly shown: string | undefined;
}

/**
 * A member of an input shape: takes the JSON value, gives the typed one, adds what is wrong to `problems`. Where a
 * value stands is written only when it is wrong: records come by the million.
 */
export interface Field<Value> {
  readonly isRequired: boolean;
  readonly read: (value: unknown, problems: FieldProblem[]) => Value | undefined;
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

/** Why a value can't be taken. A right value is returned as it is. */
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
function member<Value>(judge: (value: unknown, inner: FieldProblem[]) => Value | Misfit): Field<Value> {
  return {
    isRequired: false,
    read: (value, problems) => {
      const verdict = judge(value, problems);
      if (!(verdict instanceof Misfit)) return verdict;
      const { kind, demand, shown } = verdict;
      problems.push({ kind, path: [], demand, shown: shown ?? String(value) });
      return undefined;
    },
  };
}

const LONGEST_SHOWN = 256;

function messageOf({ kind, path, demand, shown }: FieldProblem): string {
  const member = path.join('.');
  if (kind === 'type') return `${member} ${demand}`;
  const place = member.replace(/(^|\.)[A-Z]/g, (initial) => initial.toLowerCase());
  const got = shown === undefined ? 'Value null' : `Value '${shown.slice(0, LONGEST_SHOWN)}'`;
  return `${got} at '${place}' failed to satisfy constraint: ${demand}`;
}

/** Says of the problems from `first` on that they were found inside the given member. */
function placeWithin(problems: FieldProblem[], first: number, member: string): void {
  for (let at = first; at < problems.length; at += 1) {
    const problem = problems[at];
    if (problem !== undefined) problems[at] = { ...problem, path: [member, ...problem.path] };
  }
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
    if (typeof value !== 'string') return wrongType('a base64 string');
    const bytes = base64Bytes(value);
    if (bytes === undefined) return wrongType('a base64 string');
    return bytes > maxBytes ? misfit(tooLong(maxBytes), '[bytes]') : { base64: value, bytes };
  });
}

/** A list, with how many it may hold. */
export function list<Value>(
  field: Field<Value>,
  bounds: { readonly min: number; readonly max: number },
): Field<readonly Value[]> {
  return member((value, inner) => {
    if (!Array.isArray(value)) return wrongType('a list');
    if (value.length < bounds.min) return misfit(tooShort(bounds.min), '[list]');
    if (value.length > bounds.max) return misfit(tooLong(bounds.max), '[list]');
    const items: Value[] = [];
    for (let at = 0; at < value.length; at += 1) {
      const found = inner.length;
      const read = field.read(value[at], inner);
      if (read !== undefined) items.push(read);
      if (inner.length > found) placeWithin(inner, found, `${at + 1}.member`);
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
  const members = membersOf(shape);
  return member((value, inner) =>
    isObject(value) ? (readMembers(members, value, inner) as InputOf<S>) : wrongType('a structure'),
  );
}

type Member = readonly [name: string, field: Field<unknown>];

const membersOf = (shape: Shape): readonly Member[] => Object.entries(shape);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readMembers(
  members: readonly Member[],
  value: Readonly<Record<string, unknown>>,
  problems: FieldProblem[],
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of members) {
    const given = value[name];
    const found = problems.length;
    if (given !== undefined && given !== null) result[name] = field.read(given, problems);
    else if (field.isRequired)
      problems.push({ kind: 'constraint', path: [], demand: 'Member must not be null', shown: undefined });
    if (problems.length > found) placeWithin(problems, found, name);
  }
  return result;
}

/** An input that keeps its shape, or the fault AWS answers with. */
export type ReadInput<S extends Shape> =
  | { readonly kind: 'read'; readonly input: InputOf<S> }
  | { readonly kind: 'fault'; readonly fault: ApiFault };

/** Makes the reader of a whole input; all constraint violations are told at once, as the service does. */
export function inputReader<S extends Shape>(
  shape: S,
): (value: Readonly<Record<string, unknown>>) => ReadInput<S> {
  const members = membersOf(shape);
  return (value) => {
    const problems: FieldProblem[] = [];
    const input = readMembers(members, value, problems);
    return problems.length === 0 ? { kind: 'read', input: input as InputOf<S> } : refusalOf(problems);
  };
}

function refusalOf(problems: readonly FieldProblem[]): Extract<ReadInput<Shape>, { readonly kind: 'fault' }> {
  const mistyped = problems.find((problem) => problem.kind === 'type');
  if (mistyped !== undefined)
    return {
      kind: 'fault',
      fault: { code: 'SerializationException', message: messageOf(mistyped), status: 400 },
    };
  const noun = problems.length === 1 ? 'error' : 'errors';
  const message = `${problems.length} validation ${noun} detected: ${problems.map(messageOf).join('; ')}`;
  return { kind: 'fault', fault: { code: 'ValidationException', message, status: 400 } };
}

/** A piece of WebAssembly in its binary form. Instructions are nested as expressions and flatten into it. */
export type Code = readonly number[];

/** Value types. */
export const I32 = 0x7f;
export const V128 = 0x7b;

const unsigned = (value: number): Code =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

function signed(value: number): Code {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Alignment is only a hint; none is promised. */
const memoryArgument = (offset: number): Code => [0, ...unsigned(offset)];
const unary =
  (opcode: Code) =>
  (value: Code): Code => [...value, ...opcode];
const binary =
  (opcode: Code) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode];
const loadBy =
  (opcode: Code) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, ...memoryArgument(offset)];
const storeBy =
  (opcode: Code) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    ...memoryArgument(offset),
  ];

/** Locals, parameters first. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** Whole numbers of 32 bits. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: loadBy([0x28]),
  store: storeBy([0x36]),
  store8: storeBy([0x3a]),
  add: binary([0x6a]),
  and: binary([0x71]),
  shl: binary([0x74]),
  shr: binary([0x76]),
  notEqual: binary([0x47]),
  below: binary([0x49]),
  above: binary([0x4b]),
  atLeast: binary([0x4f]),
  popcnt: unary([0x69]),
} as const;

/** Vectors of 128 bits, as bytes (`u8`) or as four words. */
export const v128 = {
  /** Every byte the same. */
  ofBytes: (byte: number): Code => [...simd(0x0c), ...Array.from({ length: 16 }, () => byte)],
  load: loadBy(simd(0x00)),
  loadSplat: loadBy(simd(0x09)),
  store: storeBy(simd(0x0b)),
  splat: unary(simd(0x11)),
  not: unary(simd(0x4d)),
  and: binary(simd(0x4e)),
  or: binary(simd(0x50)),
  xor: binary(simd(0x51)),
  add: binary(simd(0xae)),
  shl: binary(simd(0xab)),
  shr: binary(simd(0xad)),
  above: binary(simd(0x3b)),
  anyTrue: unary(simd(0x53)),
  bitmask: unary(simd(0x64)),
  u8Equal: binary(simd(0x23)),
  u8Below: binary(simd(0x26)),
  u8Above: binary(simd(0x28)),
  u8Subtract: binary(simd(0x71)),
  /** The bits of `one` where the mask has them, of `other` elsewhere. */
  select: (one: Code, other: Code, mask: Code): Code => [...one, ...other, ...mask, ...simd(0x52)],
  lane: (vector: Code, lane: number): Code => [...vector, ...simd(0x1b), lane],
  withLane: (vector: Code, lane: number, value: Code): Code => [...vector, ...value, ...simd(0x1c), lane],
  /** Four words out of the eight of two vectors. */
  words: (left: Code, right: Code, words: readonly number[]): Code => [
    ...left,
    ...right,
    ...simd(0x0d),
    ...words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)),
  ],
} as const;

/** One of two numbers. */
export const choose = (one: Code, other: Code, condition: Code): Code => [
  ...one,
  ...other,
  ...condition,
  0x1b,
];

/** Runs the body as long as the condition, asked before each round, holds. */
export const loopWhile = (condition: Code, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...condition, 0x45, 0x0d, 1],
  ...[...body, 0x0c, 0, 0x0b, 0x0b],
];

/** A function of numbers; its locals follow its parameters, and its code leaves the result. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly hasResult: boolean;
  readonly locals: readonly { readonly count: number; readonly type: typeof I32 | typeof V128 }[];
  readonly code: Code;
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => sized(vector(items), [id]);
const sized = (content: Code, before: Code = []): Code => [
  ...before,
  ...unsigned(content.length),
  ...content,
];
const text = (value: string): Code => sized([...Buffer.from(value)]);

/** A module of the functions and of a memory of so many pages of 64 KiB, both exported. */
export function wasmModule(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const types = functions.map(({ parameters, hasResult }): Code => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [I32])),
    ...vector(hasResult ? [[I32]] : []),
  ]);
  const bodies = functions.map(({ locals, code }) =>
    sized([...vector(locals.map(({ count, type }) => [...unsigned(count), type])), ...code, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(
      3,
      functions.map((_, at) => unsigned(at)),
    ),
    ...section(5, [[0x00, ...unsigned(pages)]]),
    ...section(7, [
      [...text('memory'), 0x02, 0x00],
      ...functions.map(({ name }, at): Code => [...text(name), 0x00, ...unsigned(at)]),
    ]),
    ...section(10, bodies),
  ]);
}

import { get, i32, I32, loopWhile, set, V128, v128, type Code, type WasmFunction } from './wasm-code.js';

/** Which locals are what. */
const AT = 0;
const END = 1;
const COUNT = 2;
const CHUNK = 3;
const ODD = 4;

const n = i32.const;
const byte = (character: string): Code => v128.ofBytes(character.charCodeAt(0));
const isBelow = (value: Code, limit: number): Code => v128.u8Below(value, v128.ofBytes(limit));
const anyOf = (first: Code, ...others: readonly Code[]): Code =>
  others.reduce((all, one) => v128.or(all, one), first);
const isOneOf = (characters: string): Code => {
  const [first = '', ...others] = characters;
  return anyOf(
    v128.u8Equal(get(CHUNK), byte(first)),
    ...others.map((one) => v128.u8Equal(get(CHUNK), byte(one))),
  );
};

/** Goes over the bytes from `AT` to `END`, 16 at a time; what is beyond the end is made an `A`, which nothing minds. */
const overChunks = (look: Code): Code => [
  ...v128.store(get(END), byte('A')),
  ...loopWhile(i32.below(get(AT), get(END)), [
    ...set(CHUNK, v128.load(get(AT))),
    ...look,
    ...set(AT, i32.add(get(AT), n(16))),
  ]),
];

const LOCALS: WasmFunction['locals'] = [
  { count: 1, type: I32 },
  { count: 2, type: V128 },
];

/** `isPlain(from, end)`: 1 when every byte is printable ASCII, a tab or the end of a line. */
export const PLAIN_PROGRAM: WasmFunction = {
  name: 'isPlain',
  parameters: 2,
  hasResult: true,
  locals: LOCALS,
  code: [
    ...overChunks(
      set(
        ODD,
        anyOf(
          get(ODD),
          v128.and(isBelow(get(CHUNK), 0x20), v128.not(isOneOf('\t\n\r'))),
          v128.u8Above(get(CHUNK), v128.ofBytes(0x7e)),
        ),
      ),
    ),
    ...[...v128.anyTrue(get(ODD)), 0x45],
  ],
};

const isBase64: Code = anyOf(
  isBelow(v128.u8Subtract(v128.or(get(CHUNK), v128.ofBytes(0x20)), byte('a')), 26),
  isBelow(v128.u8Subtract(get(CHUNK), byte('/')), 11),
  isOneOf('+='),
);

/** `countPads(from, end)`: how many `=` there are; -1 when a byte is none of base64's. */
export const PADS_PROGRAM: WasmFunction = {
  name: 'countPads',
  parameters: 2,
  hasResult: true,
  locals: LOCALS,
  code: [
    ...overChunks([
      ...set(ODD, anyOf(get(ODD), v128.not(isBase64))),
      ...set(COUNT, i32.add(get(COUNT), i32.popcnt(v128.bitmask(isOneOf('='))))),
    ]),
    ...n(-1),
    ...get(COUNT),
    ...[...v128.anyTrue(get(ODD)), 0x1b],
  ],
};

import {
  choose,
  get,
  i32,
  I32,
  loopWhile,
  set,
  V128,
  v128,
  type Code,
  type WasmFunction,
} from './wasm-code.js';

/** Where the digests' program finds its input in memory and leaves its output. */
export interface Md5Layout {
  /** 64 words: the sines' constants. */
  readonly sines: number;
  /** {@link LANES} times {@link TAIL_BYTES} of scratch space. */
  readonly tails: number;
  /** Address and length of each text, a word each. */
  readonly table: number;
  /** 16 bytes per text. */
  readonly digests: number;
}

/** Texts that are digested side by side: two vectors of four words, whose chains fill each other's pauses. */
export const LANES = 8;
/** The rest of a text, its end mark and its length take two blocks; zeros are stored somewhat beyond. */
export const TAIL_BYTES = 192;

const SETS = LANES / 4;
const SET_LANES = LANES / SETS;
const BLOCK = 64;
const FIRST = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476] as const;
const TURNS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** Which locals are what. */
const TEXTS = 0;
const ENTRY = 1;
const OUT = 2;
const AT = 3;
const MOST = 4;
const LENGTH = 5;
const REST = 6;
const TAIL = 7;
const BLOCKS = 8;
const source = (lane: number): number => 9 + lane;
const whole = (lane: number): number => source(LANES) + lane;
const NUMBERS = whole(LANES) - 1;
const PER_SET = 29;
const inSet = (set: number, at: number): number => 1 + NUMBERS + set * PER_SET + at;
/** Blocks of each text of a set. */
const counts = (set: number): number => inSet(set, 0);
/** What the blocks so far came to. */
const total = (set: number, register: number): number => inSet(set, 1 + register);
const register = (set: number, at: number): number => inSet(set, 5 + (at & 3));
const word = (set: number, at: number): number => inSet(set, 9 + (at & 15));
const spare = (set: number, at: number): number => inSet(set, 25 + at);

const times = (count: number, emit: (at: number) => Code): Code =>
  Array.from({ length: count }, (_, at) => emit(at)).flat();
const n = i32.const;

/** Reads where a lane's text is and writes its tail: the bytes after the last whole block, the end mark, the length. */
const prepareLane = ({ tails }: Md5Layout, lane: number): Code => [
  ...set(source(lane), i32.load(get(ENTRY), 8 * lane)),
  ...set(LENGTH, i32.load(get(ENTRY), 8 * lane + 4)),
  ...set(whole(lane), i32.shr(get(LENGTH), n(6))),
  ...set(REST, i32.and(get(LENGTH), n(BLOCK - 1))),
  ...set(TAIL, n(tails + lane * TAIL_BYTES)),
  ...times(4, (at) =>
    v128.store(
      get(TAIL),
      v128.load(i32.add(get(source(lane)), i32.and(get(LENGTH), n(-BLOCK))), 16 * at),
      16 * at,
    ),
  ),
  ...set(REST, i32.add(get(TAIL), get(REST))),
  ...times(5, (at) => v128.store(get(REST), v128.ofBytes(0), 16 * at)),
  ...i32.store8(get(REST), n(0x80)),
  ...set(REST, i32.atLeast(get(REST), i32.add(get(TAIL), n(56)))),
  ...i32.store(i32.add(get(TAIL), i32.shl(get(REST), n(6))), i32.shl(get(LENGTH), n(3)), 56),
  ...set(BLOCKS, i32.add(get(whole(lane)), i32.add(get(REST), n(1)))),
  ...set(MOST, choose(get(BLOCKS), get(MOST), i32.above(get(BLOCKS), get(MOST)))),
  ...set(counts(lane >> 2), v128.withLane(get(counts(lane >> 2)), lane & 3, get(BLOCKS))),
];

/** Where a lane's block is: in its text, then in its tail; a lane that is done reads its tail again, for nothing. */
const blockOf = ({ tails }: Md5Layout, lane: number): Code =>
  choose(
    i32.add(get(source(lane)), i32.shl(get(AT), n(6))),
    i32.add(n(tails + lane * TAIL_BYTES), i32.shl(i32.notEqual(get(AT), get(whole(lane))), n(6))),
    i32.below(get(AT), get(whole(lane))),
  );

/** Loads the words of four lanes' blocks so that each vector has the same word of all four. */
const loadWords = (layout: Md5Layout, at: number): Code =>
  times(4, (quarter) => [
    ...times(4, (lane) => set(spare(at, lane), v128.load(blockOf(layout, 4 * at + lane), 16 * quarter))),
    ...times(4, (step) => {
      const [left, right] = step < 2 ? [0, 1] : [2, 3];
      const words = step % 2 === 0 ? [0, 4, 1, 5] : [2, 6, 3, 7];
      return set(
        word(at, 4 * quarter + step),
        v128.words(get(spare(at, left)), get(spare(at, right)), words),
      );
    }),
    ...times(4, (step) => set(spare(at, step), get(word(at, 4 * quarter + step)))),
    ...times(4, (step) => {
      const words = step % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7];
      const pair = step >> 1;
      return set(
        word(at, 4 * quarter + step),
        v128.words(get(spare(at, pair)), get(spare(at, pair + 2)), words),
      );
    }),
  ]);

/** The four mixing functions of RFC 1321. */
const mixed = (round: number, [b, c, d]: readonly [Code, Code, Code]): Code => {
  if (round === 0) return v128.xor(d, v128.and(b, v128.xor(c, d)));
  if (round === 1) return v128.xor(c, v128.and(d, v128.xor(b, c)));
  return round === 2 ? v128.xor(v128.xor(c, d), b) : v128.xor(c, v128.or(b, v128.not(d)));
};

const WORD_OF_STEP = [
  (step: number): number => step,
  (step: number): number => 5 * step + 1,
  (step: number): number => 3 * step + 5,
  (step: number): number => 7 * step,
] as const;

/** One of the 64 steps, for one set of lanes. */
function stepOf({ sines }: Md5Layout, step: number, at: number): Code {
  const round = step >> 4;
  const name = (place: number): number => register(at, place - step + 64);
  const [a, b, c, d] = [name(0), name(1), name(2), name(3)];
  const turn = TURNS[round]?.[step & 3] ?? 0;
  const input = word(at, WORD_OF_STEP[round]?.(step) ?? 0);
  const constant = v128.loadSplat(n(0), sines + 4 * step);
  const sum = v128.add(
    v128.add(get(a), v128.add(constant, get(input))),
    mixed(round, [get(b), get(c), get(d)]),
  );
  return [
    ...set(a, sum),
    ...set(a, v128.add(v128.or(v128.shl(get(a), n(turn)), v128.shr(get(a), n(32 - turn))), get(b))),
  ];
}

/** Adds a block to the totals of the lanes that still have one. */
const addBlock = (at: number): Code =>
  times(4, (place) =>
    set(
      total(at, place),
      v128.select(
        v128.add(get(total(at, place)), get(register(at, place))),
        get(total(at, place)),
        v128.above(get(counts(at)), v128.splat(get(AT))),
      ),
    ),
  );

const oneBlock = (layout: Md5Layout, sets: number): Code => [
  ...times(sets, (at) => [
    ...loadWords(layout, at),
    ...times(4, (place) => set(register(at, place), get(total(at, place)))),
  ]),
  ...times(64, (step) => times(sets, (at) => stepOf(layout, step, at))),
  ...times(sets, addBlock),
  ...set(AT, i32.add(get(AT), n(1))),
];

/** Digests as many texts as so many sets have lanes. */
const oneGroup = (layout: Md5Layout, sets: number): Code => [
  ...set(MOST, n(0)),
  ...set(AT, n(0)),
  ...times(sets * SET_LANES, (lane) => prepareLane(layout, lane)),
  ...times(sets, (at) => times(4, (place) => set(total(at, place), v128.splat(n(FIRST[place] ?? 0))))),
  ...loopWhile(i32.below(get(AT), get(MOST)), oneBlock(layout, sets)),
  ...times(sets * SET_LANES, (lane) =>
    times(4, (place) =>
      i32.store(get(OUT), v128.lane(get(total(lane >> 2, place)), lane & 3), 16 * lane + 4 * place),
    ),
  ),
  ...set(ENTRY, i32.add(get(ENTRY), n(8 * SET_LANES * sets))),
  ...set(OUT, i32.add(get(OUT), n(16 * SET_LANES * sets))),
];

/**
 * `digest(end)`: the MD5 of every text of the table up to the address `end`, {@link LANES} at a time; up to four
 * that are left over, as of a batch of ten, take one set of lanes alone.
 * @see https://www.rfc-editor.org/rfc/rfc1321
 */
export const md5Program = (layout: Md5Layout): WasmFunction => ({
  name: 'digest',
  parameters: 1,
  hasResult: false,
  locals: [
    { count: NUMBERS, type: I32 },
    { count: SETS * PER_SET, type: V128 },
  ],
  code: [
    ...set(ENTRY, n(layout.table)),
    ...set(OUT, n(layout.digests)),
    ...loopWhile(i32.below(i32.add(get(ENTRY), n(8 * SET_LANES)), get(TEXTS)), oneGroup(layout, SETS)),
    ...loopWhile(i32.below(get(ENTRY), get(TEXTS)), oneGroup(layout, 1)),
  ],
});

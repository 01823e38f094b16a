import { LANES, md5Program, TAIL_BYTES } from './md5-program.js';
import { PADS_PROGRAM, PLAIN_PROGRAM } from './scan-programs.js';
import { wasmModule } from './wasm-code.js';

/** What of WebAssembly is used; the types of Node.js do not have it. */
interface WasmHost {
  readonly WebAssembly: {
    readonly Module: new (code: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: Programs };
  };
}

interface Programs {
  readonly memory: { readonly buffer: ArrayBuffer };
  digest(end: number): void;
  isPlain(from: number, end: number): number;
  countPads(from: number, end: number): number;
}

const MOST_TEXTS = 504;
const PAGES = 20;
const SINES = 0;
const TAILS = 256;
const TABLE = TAILS + LANES * TAIL_BYTES;
const DIGESTS = TABLE + 8 * (MOST_TEXTS + LANES);
const TEXT = DIGESTS + 16 * (MOST_TEXTS + LANES);
/** A block is copied whole, so that a text may be read somewhat beyond its end. */
const MOST_BYTES = PAGES * 65_536 - TEXT - 128;

/** From this mean length on, writing the texts one by one is quicker than joining them first. */
const LONG = 100;

/**
 * Looks at many short texts at once, with vector instructions: the MD5 of eight texts takes the time of one, and 16
 * characters are checked in the time of one. A call into native code for each text costs more than both. The texts of
 * a call lie end to end in one memory; texts that are not all ASCII, are too many or too long are left to the caller.
 */
export class TextLanes {
  readonly #programs: Programs;
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  #end = TEXT;

  constructor() {
    const { WebAssembly } = globalThis as unknown as WasmHost;
    const layout = { sines: SINES, tails: TAILS, table: TABLE, digests: DIGESTS };
    const code = wasmModule([md5Program(layout), PLAIN_PROGRAM, PADS_PROGRAM], PAGES);
    this.#programs = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
    const { buffer } = this.#programs.memory;
    this.#bytes = Buffer.from(buffer);
    this.#words = new Uint32Array(buffer);
    for (let step = 0; step < 64; step += 1)
      this.#words[SINES / 4 + step] = Math.floor(Math.abs(Math.sin(step + 1)) * 4_294_967_296);
  }

  /** Takes texts in; false when they are not for the lanes. What was taken before is overwritten. */
  take(texts: readonly string[]): boolean {
    if (texts.length > MOST_TEXTS) return false;
    let length = 0;
    for (const text of texts) length += text.length;
    if (length > MOST_BYTES) return false;
    this.#end = TEXT + length;
    return this.#write(length > LONG * texts.length ? texts : [texts.join('')]) === length;
  }

  /** Whether the texts taken have only printable ASCII, tabs and ends of lines. */
  isPlain(): boolean {
    return this.#programs.isPlain(TEXT, this.#end) === 1;
  }

  /** How many `=` the texts taken have; undefined when they have a character that is not in base64. */
  countPads(): number | undefined {
    const pads = this.#programs.countPads(TEXT, this.#end);
    return pads < 0 ? undefined : pads;
  }

  /** Digests the texts taken, which must be the same: {@link hexes} and {@link topOf} tell the results. */
  digest(texts: readonly string[]): void {
    const words = this.#words;
    let at = TABLE / 4;
    let from = TEXT;
    for (const { length } of texts) {
      words[at] = from;
      words[at + 1] = length;
      at += 2;
      from += length;
    }
    const end = at * 4;
    // Lanes without a text of their own digest an empty one.
    for (let spare = 0; spare < LANES; spare += 1) {
      words[at] = TEXT;
      words[at + 1] = 0;
      at += 2;
    }
    this.#programs.digest(end);
  }

  /** Writes texts one behind the other and gives their bytes: more than they have characters if not all are ASCII. */
  #write(texts: readonly string[]): number {
    let at = TEXT;
    for (const text of texts) at += this.#bytes.write(text, at);
    return at - TEXT;
  }

  /** The first `count` digests in hexadecimal. They are cut out of one text: to write each by itself costs five times as much. */
  hexes(count: number): readonly string[] {
    const all = this.#bytes.toString('hex', DIGESTS, DIGESTS + 16 * count);
    return Array.from({ length: count }, (_, at) => all.slice(32 * at, 32 * at + 32));
  }

  /** The first 52 bits of a digest as a number. */
  topOf(at: number): number {
    const from = (DIGESTS + 16 * at) / 4;
    return swapped(this.#words[from] ?? 0) * 1_048_576 + (swapped(this.#words[from + 1] ?? 0) >>> 12);
  }
}

const swapped = (word: number): number =>
  ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0;

let shared: TextLanes | undefined;

/** The lanes of this process: their memory holds nothing from one call to the next. Made when first asked for. */
export const textLanes = (): TextLanes => (shared ??= new TextLanes());

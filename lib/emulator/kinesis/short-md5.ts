/** Steps' constants of RFC 1321: the whole parts of 2^32 times the sine of 1 to 64. */
const SINES = Int32Array.from({ length: 64 }, (_, step) =>
  Math.floor(Math.abs(Math.sin(step + 1)) * 4_294_967_296),
);
const [A, B, C, D] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];

/** Bytes that fit into one block beside the end mark and the length. */
const MOST_BYTES = 55;
const words = new Int32Array(16);

/** Fills the one block of a short text; false when the text is longer, or not all ASCII. */
function fillBlock(text: string): boolean {
  const { length } = text;
  if (length > MOST_BYTES) return false;
  const tail = length & ~3;
  let seen = 0;
  for (let at = 0; at < tail; at += 4) {
    const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
    const [third, fourth] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)];
    seen |= first | second | third | fourth;
    words[at >> 2] = first | (second << 8) | (third << 16) | (fourth << 24);
  }
  let last = 0x80 << ((length & 3) << 3);
  for (let at = tail; at < length; at += 1) {
    const code = text.charCodeAt(at);
    seen |= code;
    last |= code << ((at & 3) << 3);
  }
  words[tail >> 2] = last;
  for (let word = (tail >> 2) + 1; word < 16; word += 1) words[word] = 0;
  words[14] = length << 3;
  return seen <= 0x7f;
}

const turned = (sum: number, by: number): number => (sum << by) | (sum >>> (32 - by));

const sum = (register: number, mixed: number, step: number, word: number): number =>
  (register + mixed + (SINES[step] ?? 0) + (words[word & 15] ?? 0)) | 0;

/** The digest's first eight bytes as two big-endian numbers, the second shortened to 20 bits, put together. */
function digestTop(): number {
  let [a, b, c, d] = [A, B, C, D];
  for (let step = 0; step < 16; step += 4) {
    a = (b + turned(sum(a, d ^ (b & (c ^ d)), step, step), 7)) | 0;
    d = (a + turned(sum(d, c ^ (a & (b ^ c)), step + 1, step + 1), 12)) | 0;
    c = (d + turned(sum(c, b ^ (d & (a ^ b)), step + 2, step + 2), 17)) | 0;
    b = (c + turned(sum(b, a ^ (c & (d ^ a)), step + 3, step + 3), 22)) | 0;
  }
  for (let step = 16; step < 32; step += 4) {
    a = (b + turned(sum(a, c ^ (d & (b ^ c)), step, 5 * step + 1), 5)) | 0;
    d = (a + turned(sum(d, b ^ (c & (a ^ b)), step + 1, 5 * step + 6), 9)) | 0;
    c = (d + turned(sum(c, a ^ (b & (d ^ a)), step + 2, 5 * step + 11), 14)) | 0;
    b = (c + turned(sum(b, d ^ (a & (c ^ d)), step + 3, 5 * step), 20)) | 0;
  }
  for (let step = 32; step < 48; step += 4) {
    a = (b + turned(sum(a, b ^ c ^ d, step, 3 * step + 5), 4)) | 0;
    d = (a + turned(sum(d, a ^ b ^ c, step + 1, 3 * step + 8), 11)) | 0;
    c = (d + turned(sum(c, d ^ a ^ b, step + 2, 3 * step + 11), 16)) | 0;
    b = (c + turned(sum(b, c ^ d ^ a, step + 3, 3 * step + 14), 23)) | 0;
  }
  for (let step = 48; step < 64; step += 4) {
    a = (b + turned(sum(a, c ^ (b | ~d), step, 7 * step), 6)) | 0;
    d = (a + turned(sum(d, b ^ (a | ~c), step + 1, 7 * step + 7), 10)) | 0;
    c = (d + turned(sum(c, a ^ (d | ~b), step + 2, 7 * step + 14), 15)) | 0;
    b = (c + turned(sum(b, d ^ (c | ~a), step + 3, 7 * step + 21), 21)) | 0;
  }
  return swapped(a + A) * 1_048_576 + (swapped(b + B) >>> 12);
}

const swapped = (word: number): number =>
  ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0;

/**
 * The first 52 bits of the MD5 of a text of at most 55 ASCII characters, as a number; undefined for other texts. A
 * stream routes every record by such a digest, and the way to the native one and back, a string of hex digits at its
 * end, takes twice as long as the digest itself.
 * @see https://www.rfc-editor.org/rfc/rfc1321
 */
export const shortMd5Top = (text: string): number | undefined => (fillBlock(text) ? digestTop() : undefined);

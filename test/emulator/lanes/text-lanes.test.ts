import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { textLanes } from '../../../lib/emulator/lanes/text-lanes.js';

const character = (max: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max }).map((code) => String.fromCharCode(code));
const ascii = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: character(127), maxLength });

const digests = (texts: readonly string[]): readonly string[] => {
  const lanes = textLanes();
  expect(lanes.take(texts)).toBe(true);
  lanes.digest(texts);
  return lanes.hexes(texts.length);
};

test.each([
  ['short', 70, 40],
  ['long', 400, 12],
])('gives the MD5 of %s ASCII texts of all lengths side by side', (_, maxLength, maxTexts) => {
  fc.assert(
    fc.property(fc.array(ascii(maxLength), { minLength: 1, maxLength: maxTexts }), (texts) => {
      expect(digests(texts)).toEqual(texts.map((text) => hash('md5', text)));
    }),
    { numRuns: 300 },
  );
});

test('gives the MD5 of every length around the ends of blocks', () => {
  const texts = Array.from({ length: 200 }, (_, length) => 'x'.repeat(length));
  expect(digests(texts)).toEqual(texts.map((text) => hash('md5', text)));
});

test.each(Array.from({ length: 21 }, (_, count) => count))(
  'gives the MD5 of %d texts of all lengths',
  (count) => {
    const texts = Array.from({ length: count }, (_, at) => 'y'.repeat((at * 97) % 260));
    expect(digests(texts)).toEqual(texts.map((text) => hash('md5', text)));
  },
);

test('gives the first 52 bits of a digest as a number', () => {
  const texts = Array.from({ length: 20 }, (_, at) => `device-${at}`);
  digests(texts);
  const tops = texts.map((text) => Number.parseInt(hash('md5', text).slice(0, 13), 16));
  expect(texts.map((_, at) => textLanes().topOf(at))).toEqual(tops);
});

test('tells plain texts by every character', () => {
  const verdicts = Array.from({ length: 128 }, (_, code) => {
    const lanes = textLanes();
    expect(lanes.take([`${'x'.repeat(code % 33)}${String.fromCharCode(code)}yz`])).toBe(true);
    return lanes.isPlain();
  });
  const plain = (code: number): boolean => [9, 10, 13].includes(code) || (code >= 32 && code < 127);
  expect(verdicts).toEqual(Array.from({ length: 128 }, (_, code) => plain(code)));
});

test('tells base64 by every character and counts its padding', () => {
  const pads = Array.from({ length: 128 }, (_, code) => {
    const lanes = textLanes();
    lanes.take(['x'.repeat(code % 33), `${String.fromCharCode(code)}yz=`]);
    return lanes.countPads();
  });
  const expected = Array.from({ length: 128 }, (_, code) => {
    const one = String.fromCharCode(code);
    if (one === '=') return 2;
    return /[A-Za-z0-9+/]/.test(one) ? 1 : undefined;
  });
  expect(pads).toEqual(expected);
});

test('looks at nothing that an earlier, longer text left behind', () => {
  const lanes = textLanes();
  lanes.take(['\u0001'.repeat(100)]);
  expect(lanes.isPlain()).toBe(false);
  lanes.take(['x'.repeat(50)]);
  expect(lanes.isPlain()).toBe(true);
});

test('leaves texts that are not all ASCII, too many or too long to the caller', () => {
  const lanes = textLanes();
  expect(lanes.take(['plain', 'né'])).toBe(false);
  expect(lanes.take([`${'x'.repeat(300)}\u0141`])).toBe(false);
  expect(lanes.take(Array.from({ length: 505 }, () => 'x'))).toBe(false);
  expect(lanes.take(['x'.repeat(1_300_000)])).toBe(false);
});

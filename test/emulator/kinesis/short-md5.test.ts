import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { topOf } from '../../../lib/emulator/kinesis/hash-key.js';
import { shortMd5Top } from '../../../lib/emulator/kinesis/short-md5.js';

const ascii = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 55,
});

test('gives the first 52 bits of the MD5 of short ASCII texts', () => {
  fc.assert(
    fc.property(ascii, (text) => {
      expect(shortMd5Top(text)).toBe(topOf(hash('md5', text, 'hex')));
    }),
    { numRuns: 2_000 },
  );
});

test('leaves longer texts and other characters to others', () => {
  expect(shortMd5Top('x'.repeat(55))).toBe(topOf(hash('md5', 'x'.repeat(55), 'hex')));
  expect(shortMd5Top('x'.repeat(56))).toBeUndefined();
  expect(shortMd5Top('né')).toBeUndefined();
});

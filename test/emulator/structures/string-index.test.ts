import * as fc from 'fast-check';
import { StringIndex } from '../../../lib/emulator/structures/string-index.js';

test('gives every text its place and finds no other', () => {
  const texts = fc.uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(texts, (all) => {
      const index = new StringIndex();
      const held = all.slice(0, Math.ceil(all.length / 2));
      held.forEach((text) => {
        index.add(text);
      });
      expect(index.size).toBe(held.length);
      expect(all.map((text) => index.find(text))).toEqual(
        all.map((_, at) => (at < held.length ? at : undefined)),
      );
    }),
  );
});

test('finds all of tens of thousands of texts that differ in a few digits', () => {
  const index = new StringIndex();
  const texts = Array.from({ length: 40_000 }, (_, at) => `id-${at}`);
  texts.forEach((text) => {
    index.add(text);
  });
  expect(texts.every((text, at) => index.find(text) === at)).toBe(true);
  expect(index.find('id-40000')).toBeUndefined();
});

test('tells texts apart whose hashes are the same', () => {
  const [one, other] = ['costarring', 'liquid'];
  const index = new StringIndex();
  index.add(one);
  expect(index.find(other)).toBeUndefined();
  index.add(other);
  expect([index.find(one), index.find(other)]).toEqual([0, 1]);
});

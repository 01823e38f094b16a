import * as fc from 'fast-check';
import { NumberMap } from '../../../lib/emulator/structures/number-map.js';

test('holds what a map holds, in order of its keys', () => {
  const take = fc.record({ kind: fc.constant('take'), number: fc.nat(200) });
  const give = fc.record({ kind: fc.constant('give'), number: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(take, give)), (steps) => {
      const map = new NumberMap<string>();
      const model = new Map<number, string>();
      let last = 0;
      for (const { kind, number } of steps) {
        if (kind === 'take') {
          map.delete(number);
          model.delete(number);
          continue;
        }
        for (const end = last + number; last < end;) {
          last += 1;
          map.add(last, `value ${last}`);
          model.set(last, `value ${last}`);
        }
      }
      expect(map.size).toBe(model.size);
      expect(map.values()).toEqual([...model.values()]);
      expect(Array.from({ length: last + 1 }, (_, key) => map.get(key))).toEqual(
        Array.from({ length: last + 1 }, (_, key) => model.get(key)),
      );
    }),
  );
});

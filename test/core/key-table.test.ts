import fc from 'fast-check';
import { KeyTable } from '../../lib/core/key-table.js';

type Command =
  | { readonly kind: 'set'; readonly key: number; readonly value: number }
  | { readonly kind: 'delete'; readonly key: number };

const key = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((n) => n * 16),
  fc.maxSafeNat(),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);

const ascending = (one: number, other: number): number => one - other;

describe('KeyTable', () => {
  it('holds what a Map would after any sets and deletes, in the order of the keys', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const table = new KeyTable<number>();
        const model = new Map<number, number>();
        for (const each of commands) {
          if (each.kind === 'set') {
            table.set(each.key, each.value);
            model.set(each.key, each.value);
          } else {
            table.delete(each.key);
            model.delete(each.key);
          }
        }
        const keys = [...model.keys()].sort(ascending);
        expect(table.size).toBe(model.size);
        expect(table.keys()).toEqual(keys);
        expect(table.values()).toEqual(keys.map((each) => model.get(each)));
        for (const { key: asked } of commands) {
          expect(table.has(asked)).toBe(model.has(asked));
          expect(table.get(asked)).toBe(model.get(asked));
        }
      }),
    );
  });

  it('says the least of what is read off its values, and Infinity of none', () => {
    const table = new KeyTable<{ readonly at: number }>();
    expect(table.least(({ at }) => at)).toBe(Infinity);
    table.set(1, { at: 7 });
    table.set(2, { at: 3 });
    expect(table.least(({ at }) => at)).toBe(3);
    table.delete(2);
    expect(table.least(({ at }) => at)).toBe(7);
  });
});

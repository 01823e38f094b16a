import fc from 'fast-check';
import { IndexedHeap } from '../../../lib/emulator/structures/indexed-heap.js';

interface Item {
  key: number;
  slot: number;
}

const heapOfItems = (): IndexedHeap<Item> =>
  new IndexedHeap<Item>({
    before: (a, b) => a.key < b.key,
    place: (item, slot) => {
      item.slot = slot;
    },
    slotOf: (item) => item.slot,
  });

const drain = (heap: IndexedHeap<Item>): readonly number[] => {
  const keys: number[] = [];
  for (let item = heap.peek(); item !== undefined; item = heap.peek()) {
    keys.push(item.key);
    heap.remove(item);
  }
  return keys;
};

const ascending = (a: number, b: number): number => a - b;

describe('indexed heap', () => {
  it('gives items out in order after any items left or changed their key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(50), { nil: undefined })), { maxLength: 20 }),
        (keys, changes) => {
          const heap = heapOfItems();
          const items = keys.map((key) => ({ key, slot: -1 }));
          for (const item of items) heap.push(item);
          for (const [pick, key] of changes) {
            const item = items[pick % Math.max(1, items.length)];
            if (item === undefined) continue;
            if (key === undefined) {
              heap.remove(item);
            } else {
              item.key = key;
              heap.reorder(item);
            }
          }
          const held = items.filter(({ slot }) => slot >= 0).map(({ key }) => key);
          expect(heap.size).toBe(held.length);
          expect(drain(heap)).toEqual(held.sort(ascending));
          expect(items.every(({ slot }) => slot === -1)).toBe(true);
        },
      ),
    );
  });

  it('leaves an item alone that is not in', () => {
    const heap = heapOfItems();
    heap.push({ key: 1, slot: -1 });
    heap.remove({ key: 1, slot: -1 });
    expect(heap.size).toBe(1);
  });
});

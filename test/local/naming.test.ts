import fc from 'fast-check';
import { orderByNeed } from '../../lib/local/dependency-order.js';
import { createGate } from '../../lib/local/gate.js';
import { physicalName } from '../../lib/local/physical-name.js';

describe('physicalName', () => {
  it('is stack, logical id and suffix', () => {
    expect(
      physicalName({ stack: 'app', logicalId: 'Dlq1', suffix: 'XY', maxLength: 80, ending: '.fifo' }),
    ).toBe('app-Dlq1-XY.fifo');
  });

  it('never exceeds the limit, and always keeps suffix and ending', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{1,200}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.constantFrom(80, 128, 255),
        fc.constantFrom('', '.fifo'),
        (stack, logicalId, maxLength, ending) => {
          const name = physicalName({ stack, logicalId, suffix: 'ABCDEFGHIJKL', maxLength, ending });
          return name.length <= maxLength && name.endsWith(`-ABCDEFGHIJKL${ending}`);
        },
      ),
    );
  });
});

describe('orderByNeed', () => {
  it('puts everything after what it needs, whatever the graph', () => {
    const graph = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 });
    fc.assert(
      fc.property(graph, (edges) => {
        // An edge to a smaller number only: such a graph has no circle.
        const needs = new Map(
          edges.map((to, from) => [`${from}`, to.filter((each) => each < from).map(String)]),
        );
        const order = orderByNeed(needs);
        const place = new Map(order.ids.map((id, index) => [id, index]));
        return (
          order.kind === 'ordered' &&
          order.ids.length === needs.size &&
          [...needs].every(([id, ids]) => ids.every((needed) => place.get(needed)! < place.get(id)!))
        );
      }),
    );
  });

  it('tells a circle as the path that closes it', () => {
    const needs = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(orderByNeed(needs)).toEqual({ kind: 'cycle', ids: ['b', 'c', 'b'] });
  });
});

describe('createGate', () => {
  it('lets no more through at once than it is wide, and everything in the end', async () => {
    const gate = createGate(3);
    let inside = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
      return item;
    };
    const items = [...Array(20).keys()];
    expect(await Promise.all(items.map((item) => gate(() => work(item))))).toEqual(items);
    expect(most).toBe(3);
  });
});

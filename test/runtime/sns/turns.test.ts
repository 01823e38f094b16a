import { createTurns } from '../../../lib/runtime/sns/turns.js';

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('admit in the order of the calls, whoever is ready first', async () => {
    const turns = createTurns();
    const slow = gate();
    const order: string[] = [];
    const first = turns.admit(slow.opened, () => Promise.resolve(void order.push('first')));
    const second = turns.admit(Promise.resolve(), () => Promise.resolve(void order.push('second')));
    await settle();
    expect(order).toEqual([]);
    slow.open();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('go on after one that is refused', async () => {
    const turns = createTurns();
    const refused = turns.admit(Promise.reject(new Error('no')), () => Promise.resolve());
    const next = turns.admit(Promise.resolve('next'), () => Promise.resolve());
    await expect(refused).rejects.toThrow('no');
    await expect(next).resolves.toBe('next');
  });

  it('prepare side by side, and join in order inside a lane only', async () => {
    const turns = createTurns();
    const [a1, b1] = [gate(), gate()];
    const order: string[] = [];
    const join = (name: string) => () => void order.push(name);
    const joins = [
      turns.inLane('a', () => a1.opened, join('a1')),
      turns.inLane('a', undefined, join('a2')),
      turns.inLane('b', () => b1.opened, join('b1')),
      turns.inLane('c', undefined, join('c1')),
      turns.inLane(undefined, undefined, join('free')),
    ];
    expect(order).toEqual(['c1', 'free']);
    b1.open();
    await settle();
    expect(order).toEqual(['c1', 'free', 'b1']);
    a1.open();
    await Promise.all(joins);
    expect(order).toEqual(['c1', 'free', 'b1', 'a1', 'a2']);
  });

  it('let a lane go on when the preparation of one failed', async () => {
    const turns = createTurns();
    const failed = turns.inLane(
      'a',
      () => Promise.reject(new Error('lost')),
      () => 'never',
    );
    const next = turns.inLane('a', undefined, () => 'joined');
    await expect(failed).rejects.toThrow('lost');
    await expect(next).resolves.toBe('joined');
  });
});

import fc from 'fast-check';
import {
  createArrivalQueue,
  createGroupQueue,
  type Waiting,
} from '../../../lib/core/delivery/ready-queue.js';

const waiting = (group: string, key: number): Waiting => ({ key, group });

describe('createArrivalQueue', () => {
  it('is first come, first served, whatever the group', () => {
    const queue = createArrivalQueue();
    [1, 2, 3].forEach((key) => queue.add(waiting('g', key)));
    queue.remove(waiting('g', 2));
    expect([queue.take()?.key, queue.take()?.key, queue.take()]).toEqual([1, 3, undefined]);
  });
});

describe('createGroupQueue', () => {
  it('starts heads of groups in parallel and followers only after the one ahead', () => {
    const queue = createGroupQueue();
    [waiting('x', 1), waiting('x', 2), waiting('y', 3)].forEach((message) => queue.add(message));
    expect([queue.take()?.key, queue.take()?.key, queue.take()]).toEqual([1, 3, undefined]);
    queue.finish(waiting('x', 1));
    expect(queue.take()?.key).toBe(2);
    expect(queue.size).toBe(0);
  });

  it('takes a whole group out in order, and a later arrival waits for the one still running', () => {
    const queue = createGroupQueue();
    [1, 2, 3].forEach((key) => queue.add(waiting('x', key)));
    queue.take();
    expect(queue.takeGroup('x').map(({ key }) => key)).toEqual([2, 3]);
    queue.add(waiting('x', 4));
    expect(queue.take()).toBeUndefined();
    queue.finish(waiting('x', 1));
    expect(queue.take()?.key).toBe(4);
  });

  it('keeps the order of every group and never runs two of one, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), group: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('finish' as const), pick: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = createGroupQueue();
        const running: Waiting[] = [];
        const lastTaken = new Map<string, number>();
        let key = 0;
        let size = 0;
        let isBroken = false;
        for (const action of steps) {
          if (action.kind === 'add') {
            queue.add(waiting(action.group, (key += 1)));
            size += 1;
          } else if (action.kind === 'take') {
            const taken = queue.take();
            if (taken === undefined) continue;
            size -= 1;
            isBroken ||= running.some(({ group }) => group === taken.group);
            isBroken ||= taken.key <= (lastTaken.get(taken.group!) ?? 0);
            lastTaken.set(taken.group!, taken.key);
            running.push(taken);
          } else if (running.length > 0) {
            queue.finish(running.splice(action.pick % running.length, 1)[0]!);
          }
          isBroken ||= queue.size !== size;
        }
        expect(isBroken).toBe(false);
      }),
    );
  });
});

describe('the queue of a standard queue with tenants', () => {
  const take = (queue: ReturnType<typeof createArrivalQueue>): (number | undefined)[] => [
    queue.take()?.key,
    queue.take()?.key,
    queue.take()?.key,
    queue.take()?.key,
  ];

  it('serves tenants in turns, each in order of arrival', () => {
    const queue = createArrivalQueue();
    for (const [key, group] of [
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
      [4, 'b'],
    ] as const)
      queue.add({ key, group });
    expect(take(queue)).toEqual([1, 4, 2, 3]);
  });

  it('lets nobody wait for one that runs', () => {
    const queue = createArrivalQueue();
    queue.add({ key: 1, group: 'a' });
    queue.add({ key: 2, group: 'a' });
    expect([queue.take()?.key, queue.take()?.key]).toEqual([1, 2]);
  });

  it('knows its bytes and its largest tenant, whatever is taken out', () => {
    const queue = createArrivalQueue();
    queue.add({ key: 1, bytes: 10 });
    queue.add({ key: 2, group: 'a', bytes: 20 });
    queue.add({ key: 3, group: 'a', bytes: 30 });
    expect([queue.bytes, queue.largestGroup, queue.size]).toEqual([60, 2, 3]);
    queue.remove({ key: 2, group: 'a' });
    expect([queue.bytes, queue.largestGroup, queue.size]).toEqual([40, 1, 2]);
    queue.takeAll();
    expect([queue.bytes, queue.largestGroup, queue.size]).toEqual([0, 0, 0]);
  });
});

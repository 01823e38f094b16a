import type * as ReadyQueueModule from '../../lib/core/delivery/ready-queue.js';
import { drawScenario } from './draw-scenario.js';
import type { Rule } from './history.js';
import { MUTANTS, type Mutant } from './mutants.js';
import { simulate } from './simulation.js';

interface Kill {
  readonly name: Mutant['name'];
  readonly seed: number;
  /** The promise that is seen to be broken there. */
  readonly rule: Rule;
}

/** Which seeds kill which mutants. */
const KILLS: readonly Kill[] = [
  { name: 'drop-the-fence', seed: 1, rule: 'twin-handlers' },
  { name: 'drop-the-fence', seed: 13, rule: 'effect-doubled' },
  { name: 'delete-with-the-old-handle', seed: 1, rule: 'right-over' },
  { name: 'heartbeat-after-backoff', seed: 2, rule: 'changed-after-release' },
  { name: 'complete-before-the-handler-ends', seed: 1, rule: 'deleted-unhandled' },
  { name: 'renew-without-the-lease', seed: 25, rule: 'renewed-alone' },
  { name: 'ack-poison-silently', seed: 1, rule: 'deleted-unhandled' },
  { name: 'forget-groups', seed: 2, rule: 'order' },
  { name: 'forget-the-record', seed: 4, rule: 'handled-again' },
  { name: 'lose-a-publish', seed: 1, rule: 'lost' },
];
const FOLLOWERS_SEED = 2;

describe('a build that is broken on purpose', () => {
  it.each(KILLS)('is caught: $name, by seed $seed as $rule', async ({ name, seed, rule }) => {
    const scenario = drawScenario(seed);
    const broken = await simulate(
      scenario,
      MUTANTS.find((mutant) => mutant.name === name),
    );
    expect(broken.violations.map((violation) => violation.rule)).toContain(rule);
    // The build as it is keeps every promise there: it is the mutation that was seen.
    expect((await simulate(scenario)).violations).toEqual([]);
  });

  it('has a seed for every mutant', () => {
    expect(new Set(KILLS.map(({ name }) => name))).toEqual(new Set(MUTANTS.map(({ name }) => name)));
  });

  it('is caught: followers of a failed FIFO message that are not held back, by seed 2 as order', async () => {
    jest.resetModules();
    jest.doMock('../../lib/core/delivery/ready-queue.js', () => {
      const actual = jest.requireActual<typeof ReadyQueueModule>('../../lib/core/delivery/ready-queue.js');
      return { ...actual, createGroupQueue: () => withoutFollowers(actual.createGroupQueue()) };
    });
    const changed = await import('./simulation.js');
    const { violations } = await changed.simulate(drawScenario(FOLLOWERS_SEED));
    jest.dontMock('../../lib/core/delivery/ready-queue.js');
    expect(violations.map(({ rule }) => rule)).toContain('order');
    expect((await simulate(drawScenario(FOLLOWERS_SEED))).violations).toEqual([]);
  });
});

/** A failure takes nobody else out of the group: those behind it start as if it had succeeded. */
const withoutFollowers = (queue: ReadyQueueModule.ReadyQueue): ReadyQueueModule.ReadyQueue =>
  new Proxy(queue, {
    get: (target, name): unknown => (name === 'takeGroup' ? () => [] : Reflect.get(target, name)),
  });

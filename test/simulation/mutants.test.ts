import type * as MachineModule from '../../lib/core/delivery/machine.js';
import type { Effect } from '../../lib/core/delivery/machine-types.js';
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
  { name: 'forget-the-record', seed: 8, rule: 'handled-again' },
  { name: 'forget-receives', seed: 11, rule: 'receive-inflation' },
  { name: 'lose-a-publish', seed: 1, rule: 'lost' },
];
const CHANGED_MODULE_SEED = 2;
const MACHINE = '../../lib/core/delivery/machine.js';
const READY_QUEUE = '../../lib/core/delivery/ready-queue.js';

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

  it('is caught: a worker that never says that nothing is left, by seed 2 as stop-hangs', async () => {
    jest.resetModules();
    jest.doMock(MACHINE, () => {
      const actual = jest.requireActual<typeof MachineModule>(MACHINE);
      return { ...actual, QueueMachine: neverQuiet(actual.QueueMachine) };
    });
    await expectCaught(MACHINE, 'stop-hangs');
  });

  it('is caught: followers of a failed FIFO message that are not held back, by seed 2 as order', async () => {
    jest.resetModules();
    jest.doMock(READY_QUEUE, () => {
      const actual = jest.requireActual<typeof ReadyQueueModule>(READY_QUEUE);
      return { ...actual, createGroupQueue: () => withoutFollowers(actual.createGroupQueue()) };
    });
    await expectCaught(READY_QUEUE, 'order');
  });
});

/** Runs the simulation with the changed module, and with the one as it is. */
async function expectCaught(module: string, rule: Rule): Promise<void> {
  const changed = await import('./simulation.js');
  const { violations } = await changed.simulate(drawScenario(CHANGED_MODULE_SEED));
  jest.dontMock(module);
  expect(violations.map((violation) => violation.rule)).toContain(rule);
  expect((await simulate(drawScenario(CHANGED_MODULE_SEED))).violations).toEqual([]);
}

/** It stops, and keeps that to itself. */
const neverQuiet = (Machine: typeof MachineModule.QueueMachine): typeof MachineModule.QueueMachine =>
  class extends Machine {
    override apply(...given: Parameters<MachineModule.QueueMachine['apply']>): readonly Effect[] {
      return super.apply(...given).filter(({ kind }) => kind !== 'quiet');
    }
  };

/** A failure takes nobody else out of the group: those behind it start as if it had succeeded. */
const withoutFollowers = (queue: ReadyQueueModule.ReadyQueue): ReadyQueueModule.ReadyQueue =>
  new Proxy(queue, {
    get: (target, name): unknown => {
      if (name === 'takeGroup') return () => [];
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

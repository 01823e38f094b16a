import { bundleSeedProcess } from './bundle.js';
import { drawScenario } from './draw-scenario.js';
import type { Rule } from './history.js';
import { MUTANTS, type Mutant } from './mutants.js';
import { SeedFleet } from './seed-fleet.js';
import type { SeedOutcome } from './seed-process.js';
import { simulate } from './simulation.js';
import { SOURCE_MUTANTS } from './source-mutants.js';

interface Kill {
  readonly name: Mutant['name'];
  readonly seed: number;
  /** The promise that is seen to be broken there. */
  readonly rule: Rule;
}

/** Which seeds kill which mutants. */
const KILLS: readonly Kill[] = [
  { name: 'drop-the-fence', seed: 15, rule: 'twin-handlers' },
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
/** What `npm test` runs of the build as it is: a mutant has to show within these. */
const SEEDS_OF_THE_SUITE = 200;

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

  it.each(SOURCE_MUTANTS)(
    'is caught: source with $name, by seed $seed or one after it, as $rule',
    async ({ name, seed, rule }) => {
      let caught: SeedOutcome | undefined;
      await using fleet = await SeedFleet.start({ jobs: 1, mutant: name });
      // A change of the package shifts what a seed comes to: the next ones have to show it then.
      await fleet.run({
        from: seed,
        count: SEEDS_OF_THE_SUITE - seed + 1,
        onOutcome: (outcome) => {
          if (outcome.violations.some((violation) => violation.rule === rule)) caught = outcome;
          return caught === undefined;
        },
      });
      expect(caught).toBeDefined();
    },
    120_000,
  );

  it('shows within the seeds in which the build as it is keeps every promise', () => {
    for (const { seed } of [...KILLS, ...SOURCE_MUTANTS])
      expect(seed).toBeLessThanOrEqual(SEEDS_OF_THE_SUITE);
  });

  it('rejects a mutant whose text is no longer in the source', async () => {
    const stale = { ...SOURCE_MUTANTS[0]!, find: 'this text stands nowhere' };
    await expect(bundleSeedProcess(stale)).rejects.toThrow(/stands 0 times/);
  });
});

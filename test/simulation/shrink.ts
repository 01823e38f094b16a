import type { Build } from './build.js';
import type { Rule } from './history.js';
import type { Scenario } from './scenario.js';
import { simulate } from './simulation.js';

/** Runs that shrinking may take. */
const MAX_RUNS = 300;

/**
 * Leaves out what a failure does not need: disturbances, then messages, then workers, while the same promise is still
 * broken. What is left is what the reader has to understand.
 */
export async function shrink(scenario: Scenario, rule: Rule, build: Build): Promise<Scenario> {
  let runs = 0;
  const stillFails = async (candidate: Scenario): Promise<boolean> => {
    runs += 1;
    const { violations } = await simulate(candidate, build);
    return violations.some((violation) => violation.rule === rule);
  };
  let smallest = scenario;
  for (const part of ['disturbances', 'messages', 'workers'] as const) {
    for (
      let size = Math.ceil(smallest[part].length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let from = 0; from < smallest[part].length && runs < MAX_RUNS;) {
        const rest = [...smallest[part].slice(0, from), ...smallest[part].slice(from + size)];
        const candidate: Scenario = { ...smallest, [part]: rest };
        if (rest.length > 0 || part === 'disturbances') {
          if (await stillFails(candidate)) {
            smallest = candidate;
            continue;
          }
        }
        from += size;
      }
    }
  }
  return smallest;
}

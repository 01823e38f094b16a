import { SOUND_BUILD } from './build.js';
import type { CoverageReport } from './coverage-report.js';
import { Coverage } from './coverage.js';
import { drawScenario } from './draw-scenario.js';
import type { Violation } from './history.js';
import { MUTANTS } from './mutants.js';
import { shrink } from './shrink.js';
import { simulate } from './simulation.js';
import { traceOf } from './trace.js';
import type { Scenario } from './scenario.js';

/** What the process is told to do; it does one thing at a time. */
export type SeedOrder =
  | {
      readonly kind: 'run';
      readonly seed: number;
      /** A broken build of {@link MUTANTS}; undefined for the build as it is. */
      readonly mutant: string | undefined;
      readonly isCovered: boolean;
    }
  /** The whole history of a seed. */
  | { readonly kind: 'trace'; readonly seed: number; readonly mutant: string | undefined }
  /** The least that still breaks the first promise a seed broke. */
  | { readonly kind: 'shrink'; readonly seed: number; readonly mutant: string | undefined }
  | { readonly kind: 'coverage' };

/** What came of a seed. */
export interface SeedOutcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly handlerRuns: number;
  /** Simulated milliseconds. */
  readonly durationMs: number;
}

/** What came of an order. */
export type SeedReport =
  | { readonly kind: 'outcome'; readonly outcome: SeedOutcome }
  | { readonly kind: 'trace'; readonly outcome: SeedOutcome; readonly trace: string }
  | {
      readonly kind: 'shrunk';
      readonly scenario: Scenario;
      readonly violations: readonly Violation[];
      readonly trace: string;
    }
  | { readonly kind: 'coverage'; readonly coverage: CoverageReport }
  | { readonly kind: 'error'; readonly detail: string };

let coverage: Coverage | undefined;

const buildOf = (mutant: string | undefined) => MUTANTS.find(({ name }) => name === mutant) ?? SOUND_BUILD;

async function carryOut(order: SeedOrder): Promise<SeedReport> {
  switch (order.kind) {
    case 'run': {
      if (order.isCovered) coverage ??= await Coverage.start();
      const report = await simulate(drawScenario(order.seed), buildOf(order.mutant), coverage);
      return { kind: 'outcome', outcome: { ...report, seed: order.seed } };
    }
    case 'trace': {
      const report = await simulate(drawScenario(order.seed), buildOf(order.mutant));
      return { kind: 'trace', outcome: { ...report, seed: order.seed }, trace: traceOf(report) };
    }
    case 'shrink': {
      const build = buildOf(order.mutant);
      const { scenario, violations } = await simulate(drawScenario(order.seed), build);
      const [first] = violations;
      const smallest = first === undefined ? scenario : await shrink(scenario, first.rule, build);
      const report = await simulate(smallest, build);
      return { kind: 'shrunk', scenario: smallest, violations: report.violations, trace: traceOf(report) };
    }
    case 'coverage':
      coverage ??= await Coverage.start();
      return { kind: 'coverage', coverage: await coverage.report() };
  }
}

process.on('message', (order) => {
  carryOut(order as SeedOrder).then(
    (report) => process.send?.(report),
    (error: unknown) =>
      process.send?.({
        kind: 'error',
        detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies SeedReport),
  );
});
// Whoever gave orders is gone: nobody is left to answer.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group: the parent decides when to end.
process.on('SIGINT', () => undefined);

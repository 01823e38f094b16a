import { parseArgs } from 'node:util';
import { SOUND_BUILD, type Build } from './build.js';
import { drawScenario } from './draw-scenario.js';
import { MUTANTS } from './mutants.js';
import { shrink } from './shrink.js';
import { simulate, type RunReport } from './simulation.js';
import { traceOf } from './trace.js';

const USAGE = `npm run simulate -- [--scope queue] [--seeds N] [--from N] [--seed N [--trace]] [--mutant name] [--json]

  --scope    what is simulated: queue (worker, publisher and stores)
  --seeds    how many seeds (default: 1000)
  --from     the first of them (default: 1)
  --seed     this seed only
  --trace    print the whole history of --seed, also when it keeps every promise
  --mutant   run a build that is broken on purpose: ${MUTANTS.map(({ name }) => name).join(', ')}
  --json     one line of JSON per failing seed, and one at the end`;

const PROGRESS_EVERY = 100;

const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const writeProgress = (line: string): void => void process.stderr.write(`${line}\n`);

interface Totals {
  seeds: number;
  handlerRuns: number;
  simulatedMs: number;
}

interface Request {
  readonly from: number;
  readonly seeds: number;
  readonly build: Build;
  readonly isJson: boolean;
  readonly isTraced: boolean;
}

/** Runs seeds one after the other; stops at the first that fails, shrunk. */
async function runSeeds({ from, seeds, build, isJson, isTraced }: Request): Promise<number> {
  const totals: Totals = { seeds: 0, handlerRuns: 0, simulatedMs: 0 };
  const startedAt = performance.now();
  const summary = (): object => ({
    ...totals,
    realMs: Math.round(performance.now() - startedAt),
    simulatedHours: Number((totals.simulatedMs / 3_600_000).toFixed(1)),
  });
  for (let seed = from; seed < from + seeds; seed += 1) {
    const report = await simulate(drawScenario(seed), build);
    totals.seeds += 1;
    totals.handlerRuns += report.handlerRuns;
    totals.simulatedMs += report.durationMs;
    if (report.violations.length > 0) {
      if (isTraced) writeLine(traceOf(report));
      else await tellFailure(report, build, isJson);
      return 1;
    }
    if (isTraced) writeLine(traceOf(report));
    if (totals.seeds % PROGRESS_EVERY === 0) writeProgress(JSON.stringify(summary()));
  }
  writeLine(
    isJson
      ? JSON.stringify({ kind: 'passed', ...summary() })
      : `every promise was kept: ${JSON.stringify(summary())}`,
  );
  return 0;
}

async function tellFailure(report: RunReport, build: Build, isJson: boolean): Promise<void> {
  const { seed } = report.scenario;
  const [first] = report.violations;
  if (first === undefined) return;
  writeProgress(`seed ${seed} breaks '${first.rule}' (${first.detail}); leaving out what it does not need`);
  const smallest = await shrink(report.scenario, first.rule, build);
  const shrunk = await simulate(smallest, build);
  writeLine(
    isJson
      ? JSON.stringify({ kind: 'failed', seed, violations: shrunk.violations, scenario: smallest })
      : traceOf(shrunk),
  );
  writeProgress(`the whole of it: npm run simulate -- --scope queue --seed ${seed} --trace`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new RangeError(`--${name} must be a whole number, got '${text}'`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scope: { type: 'string', default: 'queue' },
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      mutant: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    writeLine(USAGE);
    return 0;
  }
  if (values.scope !== 'queue') throw new RangeError(`--scope is queue, got '${values.scope}'`);
  const build =
    values.mutant === undefined ? SOUND_BUILD : MUTANTS.find(({ name }) => name === values.mutant);
  if (build === undefined) throw new RangeError(`no mutant '${values.mutant ?? ''}'; see --help`);
  return runSeeds({
    from: wholeNumber('from', values.seed ?? values.from),
    seeds: values.seed === undefined ? wholeNumber('seeds', values.seeds) : 1,
    build,
    isJson: values.json,
    isTraced: values.trace,
  });
}

process.exitCode = await main();

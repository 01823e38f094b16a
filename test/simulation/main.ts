import { parseArgs } from 'node:util';
import { coverageText } from './coverage-report.js';
import { MUTANTS } from './mutants.js';
import { SeedFleet } from './seed-fleet.js';
import type { SeedOutcome } from './seed-process.js';
import { SOURCE_MUTANTS } from './source-mutants.js';

const MUTANT_NAMES = [...MUTANTS, ...SOURCE_MUTANTS].map(({ name }) => name);

const USAGE = `npm run simulate -- [--scope queue] [--seeds N] [--from N] [--jobs N] [--coverage] [--mutant name] [--json]
npm run simulate -- --seed N [--trace] [--mutant name]

  --scope     what is simulated: queue (worker, publisher, outbox and stores)
  --seeds     how many seeds (default: 1000)
  --from      the first of them (default: 1)
  --jobs      how many processes share them (default: 1)
  --seed      this seed only
  --trace     print the whole history of --seed, also when it keeps every promise
  --coverage  print which await points, faults and mechanisms the seeds met
  --mutant    run a build that is broken on purpose: ${MUTANT_NAMES.join(', ')}
  --json      one line of JSON per failing seed, and one at the end`;

const PROGRESS_EVERY = 100;

const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const writeProgress = (line: string): void => void process.stderr.write(`${line}\n`);

interface Request {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly mutant: string | undefined;
  readonly isJson: boolean;
  readonly isCovered: boolean;
}

/** What all seeds so far came to. */
class Totals {
  readonly #startedAt = performance.now();
  #seeds = 0;
  #handlerRuns = 0;
  #simulatedMs = 0;

  get seeds(): number {
    return this.#seeds;
  }

  add({ handlerRuns, durationMs }: SeedOutcome): void {
    this.#seeds += 1;
    this.#handlerRuns += handlerRuns;
    this.#simulatedMs += durationMs;
  }

  toJSON(): object {
    const realMs = performance.now() - this.#startedAt;
    return {
      seeds: this.#seeds,
      handlerRuns: this.#handlerRuns,
      realMs: Math.round(realMs),
      seedsPerSecond: Number((this.#seeds / (realMs / 1_000)).toFixed(1)),
      simulatedHours: Number((this.#simulatedMs / 3_600_000).toFixed(1)),
    };
  }
}

/** Runs seeds, stops at the first that fails and shrinks it; Ctrl-C ends after the seeds that are under way. */
async function runSeeds(fleet: SeedFleet, { from, seeds, isJson, isCovered }: Request): Promise<number> {
  const totals = new Totals();
  const seen: { failed: SeedOutcome | undefined; isInterrupted: boolean } = {
    failed: undefined,
    isInterrupted: false,
  };
  const interrupt = (): void => {
    seen.isInterrupted = true;
    fleet.end();
  };
  process.once('SIGINT', interrupt);
  await fleet.run({
    from,
    count: seeds,
    onOutcome: (outcome) => {
      totals.add(outcome);
      if (outcome.violations.length > 0) seen.failed ??= outcome;
      if (totals.seeds % PROGRESS_EVERY === 0) writeProgress(JSON.stringify(totals));
      return seen.failed === undefined;
    },
  });
  process.off('SIGINT', interrupt);
  if (isCovered) {
    const coverage = await fleet.coverage();
    writeLine(isJson ? JSON.stringify({ kind: 'coverage', ...coverage }) : coverageText(coverage));
  }
  const { failed, isInterrupted } = seen;
  if (failed !== undefined) {
    await tellFailure(fleet, failed, isJson);
    return 1;
  }
  const kind = isInterrupted ? 'interrupted' : 'passed';
  const summary = { kind, ...totals.toJSON() };
  const words = isInterrupted ? 'interrupted, every promise was kept so far' : 'every promise was kept';
  writeLine(isJson ? JSON.stringify(summary) : `${words}: ${JSON.stringify(totals)}`);
  return isInterrupted ? 130 : 0;
}

async function tellFailure(
  fleet: SeedFleet,
  { seed, violations }: SeedOutcome,
  isJson: boolean,
): Promise<void> {
  const [first] = violations;
  writeProgress(`seed ${seed} breaks '${first?.rule}' (${first?.detail}); leaving out what it does not need`);
  const shrunk = await fleet.shrink(seed);
  if (shrunk.kind !== 'shrunk') return;
  const { kind: _kind, trace, ...rest } = shrunk;
  writeLine(isJson ? JSON.stringify({ kind: 'failed', seed, ...rest }) : trace);
  writeProgress(`the whole of it: npm run simulate -- --scope queue --seed ${seed} --trace`);
}

async function traceSeed(fleet: SeedFleet, seed: number): Promise<number> {
  const report = await fleet.trace(seed);
  if (report.kind !== 'trace') return 1;
  writeLine(report.trace);
  return report.outcome.violations.length === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`--${name} must be a whole number from ${least}, got '${text}'`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scope: { type: 'string', default: 'queue' },
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
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
  const { mutant } = values;
  if (mutant !== undefined && !MUTANT_NAMES.includes(mutant))
    throw new RangeError(`no mutant '${mutant}'; see --help`);
  const request: Request = {
    from: wholeNumber('from', values.seed ?? values.from),
    seeds: values.seed === undefined ? wholeNumber('seeds', values.seeds) : 1,
    jobs: values.seed === undefined ? wholeNumber('jobs', values.jobs, 1) : 1,
    mutant,
    isJson: values.json,
    isCovered: values.coverage,
  };
  await using fleet = await SeedFleet.start(request);
  return values.seed !== undefined && values.trace
    ? await traceSeed(fleet, request.from)
    : await runSeeds(fleet, request);
}

process.exitCode = await main();

import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { ALL_CASES } from './cases/index.js';
import type { ConformanceCase } from './conformance-case.js';
import { cacheFolder } from './engines/cache-folder.js';
import type { EngineAdapter } from './engines/engine.js';
import { ENGINES } from './engines/index.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { markdownTable, printMatrix, summaryRows } from './matrix.js';
import { runEngine, type EngineReport } from './run-engine.js';
import { runStores, storeLines } from './stores/run-stores.js';

const OURS = 'millrace';
const ENGINES_AT_ONCE = 2;
const CASES_AT_ONCE = 8;
const DEFAULT_MINUTES = '12';

const USAGE = `npm run conformance -- [--engine a,b] [--only sqs.fifo,sns] [--list] [--json | --markdown]

  --engine    run these engines only (default: all; 'aws' needs MILLRACE_CONFORMANCE_AWS=1)
  --only      run cases whose id starts with one of these
  --stores    run the suite of idempotency stores on Redis and PostgreSQL, and nothing else
  --list      print the cases and their pages, run nothing
  --json      print outcomes as JSON
  --markdown  print the summary as Markdown
  --minutes   begin no further engine or case of another engine after this long (default: 12)`;

const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const writeProgress = (line: string): void => void process.stderr.write(`${line}\n`);

const namesIn = (list: string | undefined): readonly string[] | undefined =>
  list?.split(',').map((name) => name.trim());

function chooseEngines(asked: readonly string[] | undefined): readonly EngineAdapter[] {
  const engines = ENGINES;
  const wanted =
    asked ??
    engines
      .map(({ name }) => name)
      .filter((name) => name !== 'aws' || process.env.MILLRACE_CONFORMANCE_AWS === '1');
  const unknown = wanted.filter((name) => !engines.some((engine) => engine.name === name));
  if (unknown.length > 0) {
    throw new RangeError(
      `no engine ${unknown.join(', ')}; there are ${engines.map(({ name }) => name).join(', ')}`,
    );
  }
  return engines.filter(({ name }) => wanted.includes(name));
}

async function runAll(
  engines: readonly EngineAdapter[],
  cases: readonly ConformanceCase[],
  minutes: number,
): Promise<readonly EngineReport[]> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const options = { cache, concurrency: CASES_AT_ONCE, onProgress: writeProgress };
  const reports = new Map<string, EngineReport>();
  // Ours is asked first and alone: its cases are judged, and neighbours that fill the machine are no fault of its own.
  for (const own of engines.filter(({ name }) => name === OURS))
    reports.set(OURS, await runEngine(own, cases, options));
  const outOfTime = AbortSignal.timeout(minutes * 60_000);
  const waiting = engines.filter(({ name }) => name !== OURS);
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reports.set(next.name, await runEngine(next, cases, { ...options, outOfTime }));
    }
  };
  await Promise.all(Array.from({ length: ENGINES_AT_ONCE }, lane));
  return engines.flatMap(({ name }) => reports.get(name) ?? []);
}

interface OwnCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Our column in numbers; a known difference counts as skipped, once it has a reason. */
function countOurs(reports: readonly EngineReport[]): OwnCount {
  const own = reports.find(({ name }) => name === OURS);
  if (own === undefined) return { passed: 0, failed: 0, skipped: 0 };
  if (own.kind === 'not-available') return { passed: 0, failed: 1, skipped: 0 };
  const outcomes = [...own.outcomes];
  const passed = outcomes.filter(([, { kind }]) => kind === 'pass').length;
  const skipped = outcomes.filter(([id, { kind }]) => kind !== 'pass' && id in KNOWN_DIFFERENCES).length;
  return { passed, skipped, failed: outcomes.length - passed - skipped };
}

const asJson = (reports: readonly EngineReport[]): string =>
  JSON.stringify(
    reports.map((report) =>
      report.kind === 'ran' ? { ...report, outcomes: Object.fromEntries(report.outcomes) } : report,
    ),
    undefined,
    2,
  );

/** Our stores on other people's databases: every red is ours. */
async function judgeStores(): Promise<number> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const reports = await runStores(cache);
  for (const line of storeLines(reports)) writeLine(line);
  return reports.some((report) => report.kind === 'ran' && report.failed.length > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string' },
      only: { type: 'string' },
      stores: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      minutes: { type: 'string', default: DEFAULT_MINUTES },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    writeLine(USAGE);
    return 0;
  }
  const only = namesIn(values.only);
  const cases = ALL_CASES.filter(({ id }) => only?.some((start) => id.startsWith(start)) ?? true);
  if (values.list) {
    for (const { id, page } of cases) writeLine(`${id}  ${page}`);
    writeLine(`${cases.length} cases`);
    return 0;
  }
  if (values.stores) return judgeStores();
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new RangeError(`--minutes must be a number above 0, got '${values.minutes}'`);
  const reports = await runAll(chooseEngines(namesIn(values.engine)), cases, minutes);
  if (values.json) writeLine(asJson(reports));
  else if (values.markdown) writeLine(markdownTable(summaryRows(cases, reports)));
  else writeLine(printMatrix(cases, reports, OURS));
  const { passed, failed, skipped } = countOurs(reports);
  writeLine(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkApiReports } from './api-reports.js';
import { build } from './build.js';
import { checkBundles } from './bundles.js';
import { checkPack } from './pack-test.js';
import { ROOT, runTool, type ToolResult } from './tool.js';

interface Step {
  readonly name: string;
  readonly what: string;
  readonly run: () => Promise<ToolResult> | ToolResult;
}

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, update: { type: 'boolean', default: false } },
});

const PRETTIER = ['--config', '.config/prettier.json', '--ignore-path', '.config/prettierignore'];
const LINTED = ['lib', 'bin', 'test', 'examples', 'bench', '.config'];

/** A folder that is not there yet is no reason to check none. */
const CRUISED = ['lib', 'bin', 'examples'].filter((folder) => existsSync(path.join(ROOT, folder)));

const STEPS: readonly Step[] = [
  { name: 'format', what: 'prettier', run: () => runTool('prettier', [...PRETTIER, '--check', '.']) },
  {
    name: 'types',
    what: 'tsc --noEmit',
    run: () => runTool('tsc', ['-p', 'tsconfig.json'], { from: 'typescript' }),
  },
  {
    name: 'lint',
    what: 'eslint',
    run: () =>
      runTool('eslint', [
        '--config',
        '.config/eslint.config.js',
        '--max-warnings',
        '0',
        '--no-error-on-unmatched-pattern',
        ...LINTED,
      ]),
  },
  {
    name: 'layers',
    what: 'dependency-cruiser',
    run: () =>
      runTool('depcruise', ['--config', '.config/dependency-cruiser.cjs', ...CRUISED], {
        from: 'dependency-cruiser',
      }),
  },
  {
    name: 'dead',
    what: 'knip: files, exports and dependencies that nobody uses',
    run: () => runTool('knip', ['--config', '.config/knip.json']),
  },
  { name: 'sizes', what: 'what each door bundles, against its budget', run: checkBundles },
  { name: 'build', what: 'dist/esm and dist/cjs', run: build },
  { name: 'api', what: 'public API against docs/api', run: () => checkApiReports(options.update) },
  { name: 'pack', what: 'the tarball, installed and used', run: checkPack },
];

/** Linting takes as long as all the rest, so it has a lane of its own; what needs the build comes after it in its lane. */
const LANES: readonly (readonly Step[])[] = [
  STEPS.filter(({ name }) => name === 'lint'),
  STEPS.filter(({ name }) => name !== 'lint'),
];

/** Runs every step, also after one has failed: whoever mends things wants to see them all. */
async function verify(): Promise<boolean> {
  const wanted = options.only?.split(',') ?? STEPS.map(({ name }) => name);
  const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no such step: ${unknown.join(', ')}; there are ${STEPS.map(({ name }) => name).join(', ')}\n`,
    );
    return false;
  }
  const failed = await Promise.all(
    LANES.map((lane) => runLane(lane.filter(({ name }) => wanted.includes(name)))),
  );
  const names = failed.flat();
  process.stdout.write(
    names.length === 0 ? 'verify: all steps passed\n' : `verify: failed: ${names.join(', ')}\n`,
  );
  return names.length === 0;
}

async function runLane(steps: readonly Step[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, what, run } of steps) {
    const start = performance.now();
    const { ok, output } = await run();
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    const details = !ok || name === 'sizes' || name === 'api' ? output.replace(/^(?=.)/gm, '      ') : '';
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)}${seconds.padStart(6)} s  ${what}\n${details}`,
    );
    if (!ok) failed.push(name);
  }
  return failed;
}

process.exitCode = (await verify()) ? 0 : 1;

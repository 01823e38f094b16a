import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { doorsOf, readManifest, ROOT, runProgram, runTool, type ToolResult } from './tool.js';

/**
 * Packs the package as npm would publish it, installs the tarball into an empty project, and uses it there: every door
 * by `import` and by `require`, its types under both, the command, and that there is no root to import by accident.
 */
export async function checkPack(): Promise<ToolResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-pack-'));
  try {
    const packed = await runProgram('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
    if (!packed.ok) return packed;
    const tarball = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
    const project = path.join(folder, 'project');
    const installed = await install(project, tarball);
    if (!installed.ok) return installed;
    const alone = await useDoor(project, 'contract'); // before any peer is there: this door needs none
    providePeers(project);
    const results = [
      alone,
      await useAllDoors(project),
      await compileAgainst(project),
      await runTool('publint', [
        '--strict',
        '--pack',
        'false',
        path.join(project, 'node_modules', 'millrace'),
      ]),
      await runTool(
        'attw',
        [tarball, '--profile', 'node16', '--format', 'table-flipped', '--no-emoji', '--no-color'],
        {
          from: '@arethetypeswrong/cli',
        },
      ),
    ];
    return {
      ok: results.every(({ ok }) => ok),
      output: results
        .filter(({ ok }) => !ok)
        .map(({ output }) => output)
        .join(''),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(project: string, tarball: string): Promise<ToolResult> {
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "name": "empty", "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel', 'error'];
  return runProgram('npm', ['install', ...quiet, tarball], { cwd: project });
}

/** Optional peers are the user's to install; here the ones of this repository serve, so that nothing is downloaded. */
function providePeers(project: string): void {
  for (const peer of [...Object.keys(readManifest().peerDependencies), '@types/node']) {
    const link = path.join(project, 'node_modules', peer);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', peer), link);
  }
}

function useDoor(project: string, door: string): Promise<ToolResult> {
  writeFileSync(path.join(project, 'one.mjs'), `await import('millrace/${door}');\n`);
  return runProgram(process.execPath, ['one.mjs'], { cwd: project });
}

async function useAllDoors(project: string): Promise<ToolResult> {
  const doors = doorsOf(readManifest());
  writeFileSync(
    path.join(project, 'all.mjs'),
    `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
let failures = 0;
const check = (isSo, what) => { if (!isSo) { failures += 1; console.error(what); } };
for (const door of ${JSON.stringify(doors)}) {
  const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports' && name !== '__esModule').sort().join();
  const imported = await import('millrace/' + door);
  const required = require('millrace/' + door);
  check(names(imported) !== '', 'millrace/' + door + ' exports nothing');
  check(names(imported) === names(required), 'millrace/' + door + ': import and require give different names');
}
const root = await import('millrace').then(() => 'found', (error) => error.code);
check(root === 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'the package must have no root export, got ' + root);
process.exitCode = failures === 0 ? 0 : 1;
`,
  );
  const used = await runProgram(process.execPath, ['all.mjs'], { cwd: project });
  const version = await runProgram(path.join(project, 'node_modules', '.bin', 'millrace'), ['--version'], {
    cwd: project,
  });
  const isRight = version.ok && version.output.trim() === readManifest().version;
  return {
    ok: used.ok && isRight,
    output: used.output + (isRight ? '' : `millrace --version: ${version.output}`),
  };
}

/** Compiles a file that imports every door, once as an ES module and once as CommonJS. */
function compileAgainst(project: string): Promise<ToolResult> {
  const source = doorsOf(readManifest())
    .map(
      (door) =>
        `import * as ${door} from 'millrace/${door}';\nexport const ${door}Names: string[] = Object.keys(${door});\n`,
    )
    .join('');
  for (const file of ['consumer.mts', 'consumer.cts']) writeFileSync(path.join(project, file), source);
  const options = ['--noEmit', '--strict', '--target', 'ES2022', '--module', 'NodeNext', '--types', 'node'];
  return runTool('tsc', [...options, '--skipLibCheck', '--ignoreConfig', 'consumer.mts', 'consumer.cts'], {
    from: 'typescript',
    cwd: project,
  });
}

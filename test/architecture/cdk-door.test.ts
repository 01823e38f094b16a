import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { joinCdkDoor } from '../../.config/cdk-door.js';

/** As an ES module, where an import of a service's names would load all of it. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  await import('./lib/cdk/index.ts');
  console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));
`;

describe('the door for stacks', () => {
  it('loads no service of aws-cdk-lib before it is used, but those of every policy and topic', () => {
    const { stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
      { encoding: 'utf8' },
    );
    const services = stdout.matchAll(/aws-cdk-lib\/(aws-[^/]+)\/lib\//g);
    expect([...new Set(Array.from(services, ([, service]) => service))].sort()).toEqual([
      'aws-iam',
      'aws-sns',
    ]);
  });

  it.each(['cjs', 'esm'] as const)(
    'is one file that shares core and contract with others, as %s',
    async (format) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'millrace-door-'));
      try {
        const file = path.join(folder, 'index.js');
        await joinCdkDoor(file, format);
        const imports = readFileSync(file, 'utf8').matchAll(
          /^(?:import|\}|var \w+ =) .*(?:from |require\()"(\.\.\/\w+|node:|[^"]+)/gm,
        );
        expect([...new Set(Array.from(imports, ([, specifier]) => specifier))].sort()).toEqual([
          '../contract',
          '../core',
          'aws-cdk-lib',
          'constructs',
          'node:',
        ]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

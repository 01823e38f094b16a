import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = process.cwd();
const DEPCRUISE = path.join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** Cruises a little tree of sources under the real rules, and gives the rules each file breaks. */
function cruise(files: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-layers-'));
  try {
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), source);
    }
    for (const file of ['package.json', 'tsconfig.json'])
      copyFileSync(path.join(ROOT, file), path.join(folder, file));
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    const config = path.join(ROOT, '.config', 'dependency-cruiser.cjs');
    const { stdout } = spawnSync(
      process.execPath,
      [DEPCRUISE, '--config', config, '--output-type', 'json', 'lib'],
      {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 64 * 1_024 * 1_024,
      },
    );
    const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } };
    const broken: Record<string, string[]> = {};
    for (const { from, rule } of summary.violations) (broken[from] ??= []).push(rule.name);
    return broken;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const use = (specifier: string): string => `import * as used from '${specifier}';\nexport const it = used;\n`;

describe('the layers', () => {
  const broken = cruise({
    'lib/core/pure.ts': 'export const pure = 1;\n',
    'lib/core/reads-files.ts': use('node:fs'),
    'lib/core/calls-aws.ts': use('@aws-sdk/client-sqs'),
    'lib/contract/knows-runtime.ts': use('../runtime/fine.js'),
    'lib/contract/fine.ts': use('../core/pure.js'),
    'lib/runtime/fine.ts': `${use('../core/pure.js')}import { SQSClient } from '@aws-sdk/client-sqs';\nexport const client = SQSClient;\n`,
    'lib/runtime/makes-stacks.ts': use('aws-cdk-lib'),
    'lib/runtime/only-a-type.ts': "import type { Stack } from 'aws-cdk-lib';\nexport type It = Stack;\n",
    'lib/runtime/uses-the-test-kit.ts': use('../testing/kit.js'),
    'lib/runtime/goes-around.ts': use('./makes-stacks.js'),
    'lib/testing/kit.ts': use('../runtime/fine.js'),
    'lib/cdk/calls-aws.ts': use('@aws-sdk/client-sqs'),
    'lib/cdk/makes-stacks.ts': use('aws-cdk-lib'),
    'lib/emulator/knows-local.ts': use('../local/fine.js'),
    'lib/local/fine.ts': use('../core/pure.js'),
    'lib/local/circle-a.ts': use('./circle-b.js'),
    'lib/local/circle-b.ts': use('./circle-a.js'),
    'lib/local/nowhere.ts': use('./not-there.js'),
  });

  it.each([
    ['lib/core/reads-files.ts', 'core-and-contract-touch-no-node-and-no-aws'],
    ['lib/core/calls-aws.ts', 'core-and-contract-touch-no-node-and-no-aws'],
    ['lib/contract/knows-runtime.ts', 'contract-imports-core'],
    ['lib/runtime/makes-stacks.ts', 'only-cdk-reaches-aws-cdk-lib'],
    ['lib/runtime/only-a-type.ts', 'only-cdk-reaches-aws-cdk-lib'],
    ['lib/runtime/goes-around.ts', 'only-cdk-reaches-aws-cdk-lib'],
    ['lib/runtime/uses-the-test-kit.ts', 'runtime-imports-core-contract'],
    ['lib/cdk/calls-aws.ts', 'cdk-never-reaches-the-sdk'],
    ['lib/emulator/knows-local.ts', 'emulator-imports-core-contract'],
    ['lib/local/circle-a.ts', 'no-circular'],
    ['lib/local/nowhere.ts', 'not-to-unresolvable'],
  ])('refuse %s by %s', (file, rule) => {
    expect(broken[file] ?? []).toContain(rule);
  });

  it.each([
    'lib/core/pure.ts',
    'lib/contract/fine.ts',
    'lib/runtime/fine.ts',
    'lib/testing/kit.ts',
    'lib/cdk/makes-stacks.ts',
    'lib/local/fine.ts',
  ])('let %s be', (file) => {
    expect(broken[file]).toBeUndefined();
  });
});

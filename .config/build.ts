import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { joinCdkDoor } from './cdk-door.js';
import { readManifest, ROOT, runTool, type ToolResult } from './tool.js';

/**
 * Builds `dist/esm` and `dist/cjs` from the same sources. Each gets its own `package.json` with its module type, so that
 * Node and TypeScript read the very same file names the right way in both. The door `cdk` is one file in each.
 */
export async function build(): Promise<ToolResult> {
  const dist = path.join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const kinds = [
    { folder: 'esm', type: 'module' },
    { folder: 'cjs', type: 'commonjs' },
  ] as const;
  const results = await Promise.all(
    kinds.map(async ({ folder, type }) => {
      const result = await runTool('tsc', ['-p', `.config/tsconfig.${folder}.json`], { from: 'typescript' });
      mkdirSync(path.join(dist, folder), { recursive: true });
      writeFileSync(path.join(dist, folder, 'package.json'), `${JSON.stringify({ type })}\n`);
      await replaceCdkDoor(path.join(dist, folder, 'lib', 'cdk'), folder);
      return result;
    }),
  );
  const ok = results.every((result) => result.ok);
  if (ok) for (const file of Object.values(readManifest().bin)) chmodSync(path.join(ROOT, file), 0o755);
  return { ok, output: results.map(({ output }) => output).join('') };
}

/** Declarations stay file by file: compilers read only those they come to. */
async function replaceCdkDoor(folder: string, format: 'cjs' | 'esm'): Promise<void> {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js')) rmSync(path.join(folder, file));
  }
  await joinCdkDoor(path.join(folder, 'index.js'), format);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { ok, output } = await build();
  process.stdout.write(output);
  process.exitCode = ok ? 0 : 1;
}

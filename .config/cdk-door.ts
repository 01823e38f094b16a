import { build } from 'esbuild';
import path from 'node:path';
import { ROOT } from './tool.js';

const FOLDER = path.join(ROOT, 'lib', 'cdk');

/**
 * Joins the modules of `lib/cdk` into one file of a format: a synth is short, and to find, read and link two hundred
 * modules takes a good part of it. What other doors use too stays outside, so that it is there once.
 */
export async function joinCdkDoor(outfile: string, format: 'cjs' | 'esm'): Promise<void> {
  await build({
    entryPoints: [path.join(FOLDER, 'index.ts')],
    outfile,
    format,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [
      {
        name: 'other-layers-stay-outside',
        setup: (bundling) => {
          bundling.onResolve({ filter: /^\./ }, ({ path: specifier, resolveDir }) => {
            const fromDoor = path.relative(FOLDER, path.join(resolveDir, specifier));
            return fromDoor.startsWith('..') ? { path: fromDoor, external: true } : undefined;
          });
        },
      },
    ],
  });
}

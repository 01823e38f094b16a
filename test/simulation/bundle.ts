import { build, type Plugin } from 'esbuild';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SourceMutant } from './source-mutants.js';

/** Commands and tests are started there. */
const ROOT = process.cwd();
/** Inside the repository, so that packages are found, and where nobody commits or packs it. */
const OUT = path.join(ROOT, '.cache', 'simulation');

/** A program that runs seeds, as one file. */
export interface Bundle {
  readonly file: string;
  remove(): Promise<void>;
}

let bundles = 0;

/**
 * Bundles the program that runs seeds with the package's sources as they are, or broken in one place: a mutant is then a
 * build of its own, and nothing in the package knows of it.
 */
export async function bundleSeedProcess(mutant: SourceMutant | undefined): Promise<Bundle> {
  bundles += 1;
  const outfile = path.join(OUT, `${mutant?.name ?? 'sound'}-${process.pid}-${bundles}.mjs`);
  await build({
    entryPoints: [path.join(ROOT, 'test/simulation/seed-process.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20',
    logLevel: 'silent',
    plugins: mutant === undefined ? [] : [patching(mutant)],
  });
  return { file: outfile, remove: () => rm(outfile, { force: true }) };
}

const patching = ({ name, file, find, replace }: SourceMutant): Plugin => ({
  name,
  setup: ({ onLoad }) => {
    const broken = path.join(ROOT, file);
    onLoad({ filter: /\.ts$/ }, async (args) => {
      if (args.path !== broken) return undefined;
      const source = await readFile(broken, 'utf8');
      const [before = '', after, ...more] = source.split(find);
      if (after === undefined || more.length > 0)
        throw new Error(
          `mutant '${name}': its text stands ${more.length + 1 - Number(after === undefined)} times in ${file}, not once`,
        );
      return { contents: `${before}${replace}${after}`, loader: 'ts' };
    });
  },
});

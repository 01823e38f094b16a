import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { joinCdkDoor } from '../../.config/cdk-door.js';

/** The forms the package has. */
export const FORMATS = ['cjs', 'esm'] as const;

/** One of them. */
export type Format = (typeof FORMATS)[number];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The package beside its door for stacks, which the example imports by its name, and the programs that use it. */
const PACKAGE = ['lib/contract', 'lib/core'];
const PROGRAMS = ['examples/fan-out', 'bench/synth', 'bench/figures.ts'];
/** These run here and not there. */
const OURS = /bench\/synth\/(compiled|parts)\.ts$/;
const run = promisify(execFile);

/** A program of this folder, and the package as it is published: neither a bundler nor a loader blurs what imports cost. */
export class CompiledProgram {
  private readonly file: string;

  private constructor(file: string) {
    this.file = file;
  }

  /** Compiles `synth-process.ts` and all it needs, beside the package as it would be installed. */
  static async create(format: Format): Promise<CompiledProgram> {
    // Inside the repository, so that other packages are found, and among what is built, so that nobody commits it.
    const folder = path.join(ROOT, 'dist', 'bench-synth', format);
    const installed = path.join(folder, 'node_modules', 'millrace');
    await Promise.all([
      compile(PACKAGE, { format, outdir: installed, exports: EXPORTS }),
      joinCdkDoor(path.join(installed, 'lib', 'cdk', 'index.js'), format),
      compile(PROGRAMS, { format, outdir: folder }),
    ]);
    return new CompiledProgram(path.join(folder, 'bench', 'synth', 'synth-process.js'));
  }

  /** Runs it in a process of its own; resolves with what it wrote. */
  async run<Report>(...args: readonly string[]): Promise<Report> {
    const { stdout } = await run(process.execPath, ['--no-warnings', this.file, ...args], { cwd: ROOT });
    return JSON.parse(stdout) as Report;
  }
}

const EXPORTS = { './cdk': './lib/cdk/index.js', './contract': './lib/contract/index.js' };

interface Target {
  readonly format: Format;
  readonly outdir: string;
  readonly exports?: Readonly<Record<string, string>>;
}

async function compile(sources: readonly string[], { format, outdir, exports }: Target): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  const type = format === 'esm' ? 'module' : 'commonjs';
  writeFileSync(path.join(outdir, 'package.json'), JSON.stringify({ type, exports }));
  await build({
    entryPoints: sources.flatMap(filesOf),
    outbase: ROOT,
    outdir,
    format,
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': format === 'esm' },
  });
}

function filesOf(source: string): readonly string[] {
  if (source.endsWith('.ts')) return [path.join(ROOT, source)];
  return readdirSync(path.join(ROOT, source), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(ROOT, source, file))
    .filter((file) => file.endsWith('.ts') && !OURS.test(file));
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const ROOT = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** How a tool ended. */
export interface ToolResult {
  readonly ok: boolean;
  /** Everything it printed, in the order it came. */
  readonly output: string;
}

/** Where and how long a tool runs. */
export interface ToolOptions {
  /** @default - the root of the repository */
  readonly cwd?: string;
  /** @default 300 */
  readonly timeoutSeconds?: number;
}

/** Runs a program to its end, collecting what it prints; a program that can't be started is a failed one. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const { cwd = ROOT, timeoutSeconds = 300 } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      timeout: timeoutSeconds * 1_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      resolve({ ok: false, output: `${output}${error.message}\n` });
    });
    child.on('close', (code, signal) => {
      const ending = signal === null ? '' : `${command} ended by ${signal} (limit ${timeoutSeconds} s)\n`;
      resolve({ ok: code === 0, output: output + ending });
    });
  });
}

/** Runs the command line of an installed package with this Node, without a shell or npx in between. */
export function runTool(
  name: string,
  args: readonly string[],
  options: ToolOptions & { readonly from?: string } = {},
): Promise<ToolResult> {
  return runProgram(process.execPath, [binOf(options.from ?? name, name), ...args], options);
}

function binOf(packageName: string, command: string): string {
  const manifest = path.join(ROOT, 'node_modules', packageName, 'package.json');
  const { bin } = createRequire(import.meta.url)(manifest) as { bin: string | Record<string, string> };
  const file = typeof bin === 'string' ? bin : bin[command];
  if (file === undefined) throw new Error(`${packageName} has no command '${command}'`);
  return path.join(path.dirname(manifest), file);
}

/** What package.json says, as far as the tools here need it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, string | Readonly<Record<string, Readonly<Record<string, string>>>>>
  >;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Reads package.json. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

/** The doors of the package: `cdk`, `runtime`, … */
export function doorsOf(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => entry.replace('./', ''));
}

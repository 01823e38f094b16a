import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { NotAvailable } from './engine.js';

const run = promisify(execFile);

const INSTALL_TIMEOUT_MS = 240_000;
const START_TIMEOUT_MS = 45_000;
const STOP_GRACE_MS = 1_500;

/** Runs a tool to its end and answers what it printed. @throws {NotAvailable} when it is missing, fails or takes too long */
export async function runTool(command: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await run(command, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') throw new NotAvailable(`${command} is not installed`);
    const lastWords = stderr.trim().split('\n').at(-1) ?? '';
    throw new NotAvailable(`${command} ${args[0] ?? ''} failed: ${lastWords.slice(0, 160)}`);
  }
}

/** A folder that is filled once: `fill` runs in an empty folder, and not again once it succeeded. */
export async function installedFolder(
  cache: string,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name);
  const stamp = join(folder, '.installed');
  if (existsSync(stamp)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await fill(folder);
  await writeFile(stamp, '');
  return folder;
}

/** Installs npm packages at pinned versions, without their install scripts. */
export const npmFolder = (
  cache: string,
  name: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<string> =>
  installedFolder(cache, name, async (folder) => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
    await runTool('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  });

/** Installs a Python package, as `pip` is to be told it, into a virtual environment of its own. */
export const pipFolder = (cache: string, name: string, requirement: string): Promise<string> =>
  installedFolder(cache, name, async (folder) => {
    await runTool('python3', ['-m', 'venv', join(folder, 'venv')]);
    await runTool(join(folder, 'venv', 'bin', 'pip'), ['install', '--quiet', requirement]);
  });

/**
 * A command of such a package and its arguments. The interpreter is named, since the command's own first line names the
 * folder it was installed in, which may have moved.
 */
export const pythonCommand = (
  folder: string,
  command: string,
  ...args: readonly string[]
): Pick<ProcessPlan, 'command' | 'args' | 'folder'> => {
  const bin = join(folder, 'venv', 'bin');
  return { command: join(bin, 'python3'), args: [join(bin, command), ...args], folder };
};

/** Copies a Maven artefact and what it needs into `<folder>/lib`. */
export const mavenFolder = (
  cache: string,
  {
    group,
    artifact,
    version,
  }: { readonly group: string; readonly artifact: string; readonly version: string },
): Promise<string> =>
  installedFolder(cache, `${artifact}-${version}`, async (folder) => {
    await runTool('java', ['-version']);
    const coordinates = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`;
    const project = '<groupId>conformance</groupId><artifactId>engine</artifactId><version>1</version>';
    await writeFile(
      join(folder, 'pom.xml'),
      `<project><modelVersion>4.0.0</modelVersion>${project}<dependencies><dependency>${coordinates}</dependency></dependencies></project>`,
    );
    const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`];
    await runTool('mvn', copy, folder);
  });

/** A loopback port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });

/** A child process of ours. */
export interface EngineProcess {
  /** Ends it by its id: asks first, then insists. */
  readonly stop: () => Promise<void>;
  /** Whether it is gone, by itself or stopped. */
  readonly hasEnded: () => boolean;
}

/** What to start, and the port that tells when it is ready. */
export interface ProcessPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as. @default - who runs this */
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts an engine and waits until its port answers. @throws {NotAvailable} when it dies or stays silent */
export async function startProcess(plan: ProcessPlan): Promise<EngineProcess> {
  const logFile = join(plan.folder, 'engine.log');
  const log = await open(logFile, 'w');
  const child = spawn(plan.command, [...plan.args], {
    cwd: plan.folder,
    env: { ...process.env, ...plan.env },
    ...(plan.uid !== undefined && { uid: plan.uid }),
    ...(plan.gid !== undefined && { gid: plan.gid }),
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it exited with ${code ?? signal ?? 'nothing'}`));
  });
  await log.close();
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const grace = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(grace);
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isListening(plan.port))) {
    const outcome = await Promise.race([ended, sleep(50).then(() => undefined)]);
    if (outcome !== undefined) throw new NotAvailable(`${outcome}: ${await lastLine(logFile)}`);
    if (performance.now() > deadline) {
      await stop();
      throw new NotAvailable(`not listening after ${START_TIMEOUT_MS / 1_000} s: ${await lastLine(logFile)}`);
    }
  }
  return { stop, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

const lastLine = async (file: string): Promise<string> =>
  ((await readFile(file, 'utf8')).trim().split('\n').at(-1) ?? '').slice(0, 160);

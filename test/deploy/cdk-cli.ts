import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CloudEngine } from './engine.js';

const TIMEOUT_MS = 180_000;

/** How a command of the CLI ended. */
export interface CliResult {
  readonly isDone: boolean;
  /** Everything it printed. */
  readonly output: string;
  readonly seconds: number;
}

/** The CDK's own command line, as `npx cdk` runs it, talking to an engine. */
export interface CdkCli {
  /** Runs one command to its end. Never rejects for what the command does. */
  run(...args: readonly string[]): Promise<CliResult>;
}

/** Opens the CLI of this checkout on an engine; `signal` ends a command that is running. */
export function createCdkCli(engine: CloudEngine, signal: AbortSignal): CdkCli {
  const manifest = createRequire(join(process.cwd(), 'package.json')).resolve('aws-cdk/package.json');
  const command = join(dirname(manifest), 'bin', 'cdk');
  const env = { ...withoutAws(process.env), ...environmentOf(engine) };
  return {
    run: (...args) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        const parts: Buffer[] = [];
        const child = spawn(process.execPath, [command, ...args, '--no-notices'], {
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const end = (isDone: boolean, words = ''): void =>
          resolve({
            isDone,
            output: Buffer.concat(parts).toString('utf8') + words,
            seconds: (performance.now() - startedAt) / 1_000,
          });
        child.stdout.on('data', (part: Buffer) => parts.push(part));
        child.stderr.on('data', (part: Buffer) => parts.push(part));
        child.once('error', (error) => end(false, error.message));
        child.once('close', (code) => end(code === 0));
      }),
  };
}

/** What the CLI, and clients of what it deployed, need to find the engine. */
export function environmentOf(engine: CloudEngine): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: engine.endpoint,
    AWS_ENDPOINT_URL_S3: engine.endpoint,
    AWS_REGION: engine.region,
    AWS_DEFAULT_REGION: engine.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NO_COLOR: '1',
    CI: '1',
  };
}

/** Nothing of the developer's own account may be used by mistake. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

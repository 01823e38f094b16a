import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A line a program wrote: its event, as it put it. */
export interface ProgramEvent {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** How a program is started. */
export interface ProgramOptions {
  /** Name in the report and in errors, e.g. `delays`. */
  readonly name: string;
  /** Path of the program, from the root of the project. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly onEvent: (event: ProgramEvent) => void;
  /** Ends the program with SIGTERM. @default - it ends by itself or by stop() and kill() */
  readonly signal?: AbortSignal;
}

const TERM_PATIENCE_MS = 15_000;

/** A worker as a real child process that says what it does in JSON lines. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #errors = '';
  #isExpectedToEnd = false;

  constructor(options: ProgramOptions) {
    const { name, program, args = [], environment, onEvent } = options;
    this.name = name;
    this.#child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    options.signal?.addEventListener('abort', () => void this.stop(), { once: true });
    this.#child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(-4_000)),
    );
    const lines = createInterface({ input: this.#child.stdout ?? process.stdin });
    lines.on('line', (line) => onEvent(parseEvent(line)));
    this.#exit = once(this.#child, 'close').then(() => undefined);
  }

  /** Rejects when the program ends by itself with an error; resolves when it ends as it should. */
  async ended(): Promise<void> {
    await this.#exit;
    const { exitCode, signalCode } = this.#child;
    if (exitCode === 0 || this.#isExpectedToEnd) return;
    throw new Error(
      `${this.name} ended with ${signalCode ?? `exit code ${exitCode}`}:\n${this.#errors.trim() || '(it said nothing)'}`,
    );
  }

  /** SIGKILL: no handler runs, nothing is flushed, as when a machine is lost. */
  async kill(): Promise<void> {
    this.#isExpectedToEnd = true;
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** SIGTERM and the drain; false when it had to be killed after all. */
  async stop(): Promise<boolean> {
    this.#isExpectedToEnd = true;
    this.#child.kill('SIGTERM');
    const isDrained = await Promise.race([
      this.#exit.then(() => true),
      sleep(TERM_PATIENCE_MS, false, { ref: false }),
    ]);
    if (!isDrained) await this.kill();
    return isDrained;
  }
}

function parseEvent(line: string): ProgramEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null && 'kind' in event && typeof event.kind === 'string')
      return { ...event, kind: event.kind };
  } catch {
    // The last line of a killed process may be cut off; it is told on as text, like any other.
  }
  return { kind: 'text', text: line };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerProcess, type ProgramOptions } from './worker-process.js';

/** One worker at a time, and the one that takes over after a kill. */
export class Crew {
  readonly #options: ProgramOptions;
  readonly #failure: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #worker: WorkerProcess;
  #isKilled = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#failure = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    this.#failure.catch(() => undefined); // whoever awaits failed() hears of it
    this.#worker = this.#start();
  }

  get name(): string {
    return this.#options.name;
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Never resolves; rejects when a worker ends by itself. */
  failed(): Promise<never> {
    return this.#failure;
  }

  /**
   * SIGKILL to the worker after `delayMs`, and a new one at once; only the first call does anything. The delay makes the kill fall
   * anywhere: without it, it would always follow the line of output that asked for it.
   */
  async replace(delayMs: number): Promise<void> {
    if (this.#isKilled) return;
    this.#isKilled = true;
    await sleep(delayMs);
    const victim = this.#worker;
    this.#worker = this.#start();
    await victim.kill();
  }

  /** SIGTERM and the drain. Says what went wrong, if anything. */
  async stop(): Promise<string | undefined> {
    return (await this.#worker.stop()) ? undefined : `${this.name} did not drain in time`;
  }

  #start(): WorkerProcess {
    const worker = new WorkerProcess(this.#options);
    worker.ended().catch(this.#fail);
    return worker;
  }
}

/**
 * Does the work with the crews on duty. A worker that ends by itself ends the work, and so does `signal`; the work hears of either through the
 * signal it is given. In the end all crews drain. Gives the drain faults.
 */
export async function withCrews(
  crews: readonly Crew[],
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<string[]> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const faults: string[] = [];
  const working = work(until);
  try {
    await Promise.race([working, ...crews.map((crew) => crew.failed())]);
  } finally {
    over.abort();
    const said = await Promise.all([...crews.map((crew) => crew.stop()), working.catch(() => undefined)]);
    faults.push(...said.filter((fault) => typeof fault === 'string'));
  }
  return faults;
}

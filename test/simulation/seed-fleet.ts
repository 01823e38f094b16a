import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bundleSeedProcess, type Bundle } from './bundle.js';
import { mergeCoverage, type CoverageReport } from './coverage-report.js';
import type { SeedOrder, SeedOutcome, SeedReport } from './seed-process.js';
import { SOURCE_MUTANTS } from './source-mutants.js';

/** What a fleet runs, and with how many. */
export interface FleetOptions {
  /** Processes, each of which runs one seed at a time. */
  readonly jobs: number;
  /** A broken build, of either kind; undefined for the build as it is. */
  readonly mutant?: string | undefined;
  readonly isCovered?: boolean;
}

/** Which seeds, and what to do with what comes of them. */
export interface SeedRun {
  readonly from: number;
  readonly count: number;
  /** Told in the order in which seeds end; `false` ends the run. */
  readonly onOutcome: (outcome: SeedOutcome) => boolean;
}

/** Processes that run seeds side by side: a simulation keeps one core busy and shares nothing. */
export class SeedFleet implements AsyncDisposable {
  readonly #bundle: Bundle;
  readonly #processes: readonly ChildProcess[];
  readonly #options: FleetOptions;
  #isEnding = false;

  private constructor(bundle: Bundle, options: FleetOptions) {
    this.#bundle = bundle;
    this.#options = options;
    this.#processes = Array.from({ length: options.jobs }, () =>
      fork(bundle.file, { execArgv: ['--no-warnings'] }),
    );
  }

  /** Builds and starts. */
  static async start(options: FleetOptions): Promise<SeedFleet> {
    const mutant = SOURCE_MUTANTS.find(({ name }) => name === options.mutant);
    return new SeedFleet(await bundleSeedProcess(mutant), options);
  }

  /** Runs seeds until all are done, `onOutcome` has enough, or {@link end} is called. */
  async run({ from, count, onOutcome }: SeedRun): Promise<void> {
    let next = from;
    const work = async (process: ChildProcess): Promise<void> => {
      while (!this.#isEnding && next < from + count) {
        const seed = next;
        next += 1;
        const report = await this.#give(process, {
          kind: 'run',
          seed,
          mutant: this.#options.mutant,
          isCovered: this.#options.isCovered ?? false,
        });
        if (report.kind === 'outcome' && !onOutcome(report.outcome)) next = from + count;
      }
    };
    await Promise.all(this.#processes.map(work));
  }

  /** Lets the seeds that are under way end, and begins no other. */
  end(): void {
    this.#isEnding = true;
  }

  /** The whole history of a seed. */
  trace(seed: number): Promise<SeedReport> {
    return this.#give(this.#processes[0]!, { kind: 'trace', seed, mutant: this.#options.mutant });
  }

  /** The least of a seed that still breaks what it breaks. */
  shrink(seed: number): Promise<SeedReport> {
    return this.#give(this.#processes[0]!, { kind: 'shrink', seed, mutant: this.#options.mutant });
  }

  /** What all seeds so far met. */
  async coverage(): Promise<CoverageReport> {
    const reports = await Promise.all(
      this.#processes.map((process) => this.#give(process, { kind: 'coverage' })),
    );
    return mergeCoverage(reports.flatMap((report) => (report.kind === 'coverage' ? [report.coverage] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      const ended = once(process, 'exit');
      process.disconnect();
      await ended;
    }
    await this.#bundle.remove();
  }

  async #give(process: ChildProcess, order: SeedOrder): Promise<SeedReport> {
    const over = new AbortController();
    try {
      const { signal } = over;
      const ended = once(process, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process that ran seeds ended with ${String(code)}`);
      });
      ended.catch(() => undefined);
      const answered = once(process, 'message', { signal });
      process.send(order);
      const [report] = (await Promise.race([answered, ended])) as [SeedReport];
      if (report.kind === 'error') throw new Error(report.detail);
      return report;
    } finally {
      over.abort();
    }
  }
}

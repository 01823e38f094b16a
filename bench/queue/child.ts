import { build } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Long enough for the slowest peer; without it an error of a child would be waited for without end. */
const LONGEST_ORDER_MS = 240_000;

/** Inside the repository, so that packages are found, and among what is built, so that nobody commits it. */
const BUILT = fileURLToPath(new URL('../../dist/bench', import.meta.url));
const bundles = new Map<string, Promise<string>>();

/** Bundled as an application would be: a loader that compiles on the fly leaves its own cost in every function. */
function bundle(file: string): Promise<string> {
  const known = bundles.get(file);
  if (known !== undefined) return known;
  const outfile = path.join(BUILT, `${path.basename(file, '.ts')}.mjs`);
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const shared = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const;
  const built = build({ ...shared, entryPoints: [entry], outfile, target: 'node20' }).then(() => outfile);
  bundles.set(file, built);
  return built;
}

/** A process of its own that answers one order at a time. */
export class Child<Order extends object, Report extends object> implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /**
   * Starts it.
   * @param file beside this one
   * @param execPath the Node.js to run it on
   */
  static async start<Order extends object, Report extends object>(
    file: string,
    execPath = process.execPath,
  ): Promise<Child<Order, Report>> {
    const modulePath = await bundle(file);
    return new Child(fork(modulePath, { execPath, execArgv: ['--no-warnings'] }));
  }

  /** Sends an order and waits for its report. @throws when the child ends first, or reports an error */
  async give(order: Order): Promise<Report> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LONGEST_ORDER_MS);
    const { signal } = patience;
    try {
      const answered = once(this.#process, 'message', { signal });
      const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
        throw new Error(`a child process ended with ${String(code)} while it had an order`);
      });
      ended.catch(() => undefined);
      this.#process.send(order);
      const [report] = (await Promise.race([answered, ended])) as [Report | { readonly error: string }];
      if ('error' in report) throw new Error(report.error);
      return report;
    } finally {
      clearTimeout(timer);
      patience.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** The other end: carries out each order and reports what came of it. */
export function answerOrders(carryOut: (order: never) => Promise<object>): void {
  // Whoever gave orders is gone, maybe without having said so: nobody is left to work for.
  process.on('disconnect', () => process.exit());
  process.on('message', (order) => {
    carryOut(order as never).then(
      (report) => process.send?.(report),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Long enough for the slowest peer; without it an error of a child would be waited for without end. */
const LONGEST_ORDER_MS = 240_000;

/** A process of its own that answers one order at a time. */
export class Child<Order extends object, Report extends object> implements AsyncDisposable {
  readonly #process: ChildProcess;

  /**
   * @param file beside this one
   * @param execPath the Node.js to run it on
   */
  constructor(file: string, execPath = process.execPath) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      execPath,
      execArgv: ['--no-warnings', '--import', 'tsx'],
    });
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
export function answerOrders<Order extends object, Report extends object>(
  carryOut: (order: Order) => Promise<Report>,
): void {
  process.on('message', (order) => {
    carryOut(order as Order).then(
      (report) => process.send?.(report),
      (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

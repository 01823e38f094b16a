import type { WorkerHealth } from '../../core/delivery/health.js';
import { onShutdownSignal } from '../system/signals.js';
import { compileWorkerOptions, stoppedError } from './compile-worker-options.js';
import { openResources } from './resources.js';
import type { WorkerStats } from './worker-events.js';
import type { QueueWorkerOptions } from './worker-options.js';
import { NO_TOTALS } from './worker-tally.js';
import { WorkerRunner } from './worker-runner.js';

/** Handles the messages of one queue. Made by {@link createQueueWorker}. */
export interface QueueWorker extends AsyncDisposable {
  /**
   * Works until {@link stop}, SIGTERM or SIGINT, then resolves. Calling it again joins the same run.
   * @throws {ENDPOINT_UNREACHABLE} {ACCESS_DENIED} {RESOURCE_NOT_FOUND} the queue did not answer at the start; later
   * failures are waited out and told through `onEvent`
   * @throws {DEPENDENCY_MISSING} an SDK client is not installed
   * @throws {DRAIN_TIMEOUT} handlers had to be left behind at the stop; their messages come back
   * @throws {STOPPED} it was stopped before
   */
  run(): Promise<void>;
  /**
   * Stops receiving, lets handlers end within the drain time, deletes what is done, hands back what was not started, and
   * closes its own sockets. Resolves when all is quiet. Idempotent, and fine before `run()`.
   */
  stop(): Promise<void>;
  /** Running totals and what is going on right now. */
  stats(): WorkerStats;
  /** Whether it does its work, for a liveness probe: `stuck` is worth a restart, `failing` and `paused` hardly are. */
  health(): WorkerHealth;
}

/**
 * Makes a worker for a queue: receives with long polls, runs the handler of each message type with bounded concurrency,
 * keeps messages invisible while their handlers run, deletes what is done in batches, brings back what failed with a
 * growing wait, and moves what can never succeed to the dead-letter queue with the reason beside it. While most handlers fail
 * it stops receiving, so that an outage of what they depend on does not drain the queue into its dead-letter queue.
 *
 * Delivery is at least once; `idempotency` says what happens with copies. FIFO queues keep their order inside a group, also
 * through failures.
 * @example
 * const worker = createQueueWorker({
 *   queue: 'Builds',
 *   idempotency: 'transactional',
 *   handlers: [on(PushReceived, async (push, ctx) => { ctx.write({ Put: { TableName: 'builds', Item: … } }); })],
 * });
 * await worker.run(); // until SIGTERM
 * @throws {INVALID_OPTIONS} {BINDING_MISSING} {BINDING_INVALID} {BINDING_MISMATCH} before anything is started
 */
export function createQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const compiled = compileWorkerOptions(options, process.env);
  let running: Promise<void> | undefined;
  let runner: WorkerRunner | undefined;
  let isStopped = false;

  const run = async (): Promise<void> => {
    const resources = await openResources(compiled, 'queue-worker');
    try {
      if (isStopped) return;
      runner = new WorkerRunner(compiled, resources);
      const removeSignals = compiled.signals ? onShutdownSignal(() => void stop()) : () => undefined;
      runner.start();
      await runner.ended().finally(removeSignals);
    } finally {
      resources.close();
    }
  };

  const stop = async (): Promise<void> => {
    isStopped = true;
    runner?.stop();
    await running?.catch(() => undefined); // run() tells its caller; a stop only waits
  };

  return {
    run: () => {
      if (running !== undefined) return running;
      if (isStopped) return Promise.reject(stoppedError(`the worker of queue '${compiled.binding.name}'`));
      running = run().finally(() => (isStopped = true));
      return running;
    },
    stop,
    stats: () => runner?.stats() ?? IDLE_STATS,
    health: () => runner?.health() ?? { status: isStopped ? 'stopped' : 'idle' },
    [Symbol.asyncDispose]: stop,
  };
}

const IDLE_STATS: WorkerStats = Object.freeze({
  ...NO_TOTALS,
  handling: 0,
  buffered: 0,
  parked: 0,
  undeleted: 0,
  slots: 0,
  calls: Object.freeze({ receive: 0, delete: 0, changeVisibility: 0, send: 0 }),
});

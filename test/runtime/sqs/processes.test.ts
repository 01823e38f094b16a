import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createPublisher, createQueueWorker, on } from '../../../lib/runtime/index.js';
import { eventually, openLocalQueue, type LocalQueue } from '../support/local-queue.js';
import { JobQueued } from './fixtures.js';

const VISIBILITY_SECONDS = 3;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Bundle {
  readonly local: LocalQueue;
  readonly publish: (job: string) => Promise<unknown>;
  /** A worker in a process of its own, and what it has said. */
  readonly spawnWorker: (handlerMs: number) => {
    readonly child: ChildProcess;
    readonly said: () => string;
  };
}

async function setup(): Promise<Bundle> {
  const local = await openLocalQueue({ visibilityTimeoutSeconds: VISIBILITY_SECONDS });
  closers.push(() => local.close());
  const publisher = createPublisher({ queue: local.binding });
  closers.push(() => publisher.stop());
  return {
    local,
    publish: (job) => publisher.publish(JobQueued, { job }),
    spawnWorker: (handlerMs) => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'test/runtime/support/worker-process.ts'], {
        env: {
          PATH: process.env['PATH'] ?? '',
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          QUEUE: JSON.stringify(local.binding),
          HANDLER_MS: String(handlerMs),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      closers.push(() => child.kill('SIGKILL'));
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      return { child, said: () => said };
    },
  };
}

describe('a worker process', () => {
  it('that is killed in the middle of a handler leaves its message to another, within its visibility timeout', async () => {
    const { local, publish, spawnWorker } = await setup();
    const { child, said } = spawnWorker(600_000);
    await publish('a1');
    await eventually('the handler runs', () => said().includes('started a1'), 25_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const killedAt = performance.now();
    const handled: { readonly job: string; readonly receiveCount: number }[] = [];
    const other = createQueueWorker({
      queue: local.binding,
      idempotency: 'none',
      handlers: [on(JobQueued, ({ job }, { receiveCount }) => void handled.push({ job, receiveCount }))],
      signals: false,
    });
    other.run().catch(() => undefined);
    closers.push(() => other.stop());
    await eventually('another has handled it', () => handled.length > 0);
    expect(performance.now() - killedAt).toBeLessThan(VISIBILITY_SECONDS * 1_000 + 1_500);
    expect(handled).toEqual([{ job: 'a1', receiveCount: 2 }]);
    await eventually('it is deleted', async () => (await local.depth()) === 0);
  }, 60_000);

  it('that is asked to end with SIGTERM finishes its handler, deletes the message and leaves nothing running', async () => {
    const { local, publish, spawnWorker } = await setup();
    const { child, said } = spawnWorker(800);
    await publish('a1');
    await eventually('the handler runs', () => said().includes('started a1'), 25_000);
    await publish('a2'); // too late for this worker, or given back by it
    child.kill('SIGTERM');
    // It exits because nothing is left that could keep it: nobody calls process.exit.
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(said()).toMatch(/ended a1\n(.*\n)*quiet\n$/);
    const left = await local.depth();
    expect(left).toBe(said().includes('ended a2') ? 0 : 1);
  }, 60_000);
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHealthListener, type WorkerHealth } from '../../../lib/runtime/index.js';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Statuses of the two probes for workers in these states. */
async function probe(...states: readonly WorkerHealth[]) {
  const listener = createHealthListener(states.map((state) => ({ health: () => state })));
  const server = createServer(listener).listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (path: string) => {
    const response = await fetch(`${base}${path}`);
    return { status: response.status, body: await response.text() };
  };
  return { live: await get('/livez'), ready: await get('/readyz?full'), other: await get('/') };
}

describe('a health listener', () => {
  it.each([
    [{ status: 'working' }, 200, 200],
    [{ status: 'paused', failureShare: 1, retryInMs: 5 }, 200, 200],
    [{ status: 'idle' }, 200, 503],
    [{ status: 'failing', failedPolls: 3, failedDeletes: 0 }, 200, 503],
    [{ status: 'draining' }, 200, 503],
    [{ status: 'stopped' }, 200, 503],
    [{ status: 'stuck', cause: 'poll', forMs: 60_000 }, 503, 503],
  ] as const)('answers for %p', async (state, live, ready) => {
    const answers = await probe(state);
    expect([answers.live.status, answers.ready.status]).toEqual([live, ready]);
    expect(answers.live.body).toBe(JSON.stringify([state]));
  });

  it('goes by the worst of several workers', async () => {
    const answers = await probe({ status: 'working' }, { status: 'stuck', cause: 'timer', forMs: 40_000 });
    expect([answers.live.status, answers.ready.status]).toEqual([503, 503]);
  });

  it('knows no other path', async () => {
    expect((await probe({ status: 'working' })).other).toEqual({
      status: 404,
      body: '{"paths":["/livez","/readyz"]}',
    });
  });
});

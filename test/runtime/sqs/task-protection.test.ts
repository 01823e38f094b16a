import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createQueueWorker, on, type WorkerEvent } from '../../../lib/runtime/index.js';
import { TaskProtection } from '../../../lib/runtime/sqs/task-protection.js';
import type { AgentAnswer } from '../../../lib/runtime/system/task-agent.js';
import { createFakeClock, turns } from '../support/fake-clock.js';
import { scriptedAws, untilAborted } from '../support/scripted-aws.js';
import { acceptAll, eventLog, JobQueued, queueBinding, sdkMessage } from './fixtures.js';

function setup(answers: readonly AgentAnswer[] = []) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const events: WorkerEvent[] = [];
  const startedAt = clock.monotonic();
  const left = [...answers];
  const protection = new TaskProtection({
    agent: {
      protect: (minutes) => {
        asked.push(`${minutes ?? 'clear'} at ${(clock.monotonic() - startedAt) / 1_000}`);
        return Promise.resolve(left.shift() ?? { kind: 'done' });
      },
    },
    minutes: 20,
    clock,
    random: { next: () => 0.5 },
    tell: (event) => void events.push(event),
  });
  return { clock, asked, events, protection };
}

const REFUSED: AgentAnswer = { kind: 'failed', code: 'AccessDeniedException' };

describe('the protection of a task', () => {
  it('begins with the first message, is renewed after half of its time, and ends half a minute after the last', async () => {
    const { clock, asked, events, protection } = setup();
    await clock.advance(5_000);
    protection.watch(true);
    await clock.advance(25 * 60_000);
    protection.watch(false);
    await clock.advance(60 * 60_000);
    expect(asked).toEqual(['20 at 5', '20 at 605', '20 at 1205', 'clear at 1535']);
    expect(events.map(({ kind }) => kind)).toEqual([
      'taskProtected',
      'taskProtected',
      'taskProtected',
      'taskUnprotected',
    ]);
    expect(clock.pending).toBe(0);
  });

  it('outlasts a short pause between messages without a call', async () => {
    const { clock, asked, protection } = setup();
    for (let message = 0; message < 20; message += 1) {
      protection.watch(true);
      await clock.advance(1_000);
      protection.watch(false);
      await clock.advance(20_000);
    }
    expect(asked).toEqual(['20 at 0']);
    await protection.close();
  });

  it('is asked for again after a failure, ever more seldom, while there is work', async () => {
    const { clock, asked, events, protection } = setup([REFUSED, REFUSED]);
    protection.watch(true);
    await clock.advance(60_000);
    expect(asked).toEqual(['20 at 0', '20 at 0.75', '20 at 2.25']);
    expect(events.slice(0, 2)).toEqual([
      { kind: 'taskProtectionFailed', code: 'AccessDeniedException', retryInMs: 750 },
      { kind: 'taskProtectionFailed', code: 'AccessDeniedException', retryInMs: 1_500 },
    ]);
    await protection.close();
  });

  it('ends with the worker, and leaves no timer behind', async () => {
    const { clock, asked, protection } = setup();
    protection.watch(true);
    await clock.advance(1_000);
    await protection.close();
    expect(asked).toEqual(['20 at 0', 'clear at 1']);
    expect(clock.pending).toBe(0);
  });

  it('costs no call where there was no message', async () => {
    const { asked, protection } = setup();
    await protection.close();
    expect(asked).toEqual([]);
  });
});

describe('a queue worker in an ECS task', () => {
  async function work(environment: (agentUri: string) => Record<string, string>, status = 200) {
    const asked: unknown[] = [];
    const agent = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => asked.push(JSON.parse(chunk.toString())));
      request.on('end', () => response.writeHead(status).end('{}'));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    const agentUri = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/api/1`;
    const batches = [[sdkMessage()]];
    const aws = scriptedAws((operation, input, signal) => {
      if (operation !== 'ReceiveMessage') return acceptAll(input);
      const messages = batches.shift();
      return messages === undefined ? untilAborted(signal) : { Messages: messages };
    });
    const clock = createFakeClock();
    const log = eventLog();
    const worker = createQueueWorker({
      queue: queueBinding(),
      idempotency: 'none',
      handlers: [
        on(JobQueued, () => new Promise<void>((resolve) => void clock.schedule(2_000, () => resolve()))),
      ],
      clients: { sqs: aws.sqs },
      clock,
      signals: false,
      onEvent: log.onEvent,
      environment: environment(agentUri),
    });
    const running = worker.run();
    while (log.of('received').length === 0) await turns(1);
    const state = { isQuiet: false };
    const settled = ['taskProtected', 'taskProtectionFailed'];
    for (let step = 0; step < 1_000 && !log.events.some(({ kind }) => settled.includes(kind)); step += 1)
      await clock.advance(1);
    await clock.advance(3_000);
    const stopping = worker.stop().finally(() => (state.isQuiet = true));
    while (!state.isQuiet) await clock.advance(100);
    await Promise.all([running, stopping]);
    agent.closeAllConnections();
    await new Promise((resolve) => agent.close(resolve));
    return { asked, handled: log.of('handled').length, told: log.events.map(({ kind }) => kind) };
  }

  it('protects it as its construct says, and ends that when it has stopped', async () => {
    const { asked, told } = await work((agentUri) => ({
      ECS_AGENT_URI: agentUri,
      MILLRACE_TASK_PROTECTION: 'true',
    }));
    expect(asked).toEqual([{ ProtectionEnabled: true, ExpiresInMinutes: 10 }, { ProtectionEnabled: false }]);
    expect(told).toEqual(expect.arrayContaining(['taskProtected', 'taskUnprotected', 'drained']));
  });

  it('handles its messages though ECS refuses', async () => {
    const { handled, told } = await work(
      (agentUri) => ({ ECS_AGENT_URI: agentUri, MILLRACE_TASK_PROTECTION: 'true' }),
      500,
    );
    expect(handled).toBe(1);
    expect(told).toContain('taskProtectionFailed');
  });

  it('leaves it alone where nobody wants its protection', async () => {
    const { asked } = await work((agentUri) => ({ ECS_AGENT_URI: agentUri }));
    expect(asked).toEqual([]);
  });
});

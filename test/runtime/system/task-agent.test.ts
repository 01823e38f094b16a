import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import { TaskAgent } from '../../../lib/runtime/system/task-agent.js';
import { createFakeClock, turns } from '../support/fake-clock.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An agent that gives this answer; undefined for none at all. */
async function setup(answer: { readonly status: number; readonly body: string } | undefined) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, body: JSON.parse(text) as unknown });
      if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, uri: `http://127.0.0.1:${port}/api/task-1` };
}

const OK = { status: 200, body: '{"protection":{"ProtectionEnabled":true,"TaskArn":"arn"}}' };

describe('the agent of an ECS task', () => {
  it('is asked to protect the task for a time, and to end that', async () => {
    const { asked, uri } = await setup(OK);
    const agent = new TaskAgent(`${uri}/`, createSystemClock());
    expect([await agent.protect(30), await agent.protect(undefined)]).toEqual([
      { kind: 'done' },
      { kind: 'done' },
    ]);
    const call = { method: 'PUT', url: '/api/task-1/task-protection/v1/state' };
    expect(asked).toEqual([
      { ...call, body: { ProtectionEnabled: true, ExpiresInMinutes: 30 } },
      { ...call, body: { ProtectionEnabled: false } },
    ]);
  });

  it.each([
    [200, '{"failure":{"Arn":"arn","Detail":null,"Reason":"TASK_NOT_VALID"}}', 'TASK_NOT_VALID'],
    [400, '{"requestID":"1","error":{"Arn":"arn","Code":"AccessDeniedException"}}', 'AccessDeniedException'],
    [502, '<html>', 'HTTP 502'],
    [500, 'null', 'HTTP 500'],
  ])('tells why it refused: %p %s', async (status, body, code) => {
    const { uri } = await setup({ status, body });
    expect(await new TaskAgent(uri, createSystemClock()).protect(10)).toEqual({ kind: 'failed', code });
  });

  it('tells that it is not there', async () => {
    const { uri } = await setup(OK);
    const server = servers.splice(0)[0]!;
    await new Promise((resolve) => server.close(resolve));
    expect(await new TaskAgent(uri, createSystemClock()).protect(10)).toEqual({
      kind: 'failed',
      code: 'ECONNREFUSED',
    });
  });

  it('is waited for no longer than five seconds', async () => {
    const { asked, uri } = await setup(undefined);
    const clock = createFakeClock();
    const answer = new TaskAgent(uri, clock).protect(10);
    while (asked.length === 0) await turns(1);
    await clock.advance(5_000);
    expect(await answer).toEqual({ kind: 'failed', code: 'Timeout' });
    expect(clock.pending).toBe(0);
  });
});

import { connect } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { isMillraceError } from '../../../lib/core/errors.js';
import { listen, type HttpServer, type ListenOptions } from '../../../lib/emulator/http/server.js';
import type { WireHandler, WireResponse } from '../../../lib/emulator/http/wire.js';

const text = (body: string): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body,
});

async function setup(handle: WireHandler, options: ListenOptions = {}) {
  const server = await listen(handle, options);
  const url = `http://127.0.0.1:${server.port}/`;
  return { server, url, [Symbol.asyncDispose]: () => server.close() };
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** One HTTP/2 request with prior knowledge. */
function requestHttp2(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(url);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': '/two' });
    let received = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => (received += chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve(received);
    });
    stream.end(body);
  });
}

describe('listen', () => {
  it('answers HTTP/1.1 and HTTP/2 with prior knowledge on the same port', async () => {
    await using bundle = await setup((request) => Promise.resolve(text(`${request.path} ${request.body}`)));

    const one = await (await fetch(`${bundle.url}one`, { method: 'POST', body: 'hello' })).text();
    const two = await requestHttp2(bundle.url, 'hello');

    expect([one, two]).toEqual(['/one hello', '/two hello']);
  });

  it('rejects a port that is taken, and says what to do', async () => {
    await using bundle = await setup(() => Promise.resolve(text('')));

    const refused = listen(() => Promise.resolve(text('')), { port: bundle.server.port });

    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(isMillraceError(error, 'PORT_IN_USE')).toBe(true);
    expect(String(error)).toContain('take a free one');
  });

  it('rejects a body above the limit without keeping it', async () => {
    await using bundle = await setup(() => Promise.resolve(text('taken')), { maxBodyBytes: 10 });

    const answer = await fetch(bundle.url, { method: 'POST', body: 'x'.repeat(11) });

    expect(answer.status).toBe(413);
  });

  it('tells the handler when the caller goes away before the answer', async () => {
    const gone = deferred<string>();
    const arrived = deferred<undefined>();
    await using bundle = await setup((_, caller) => {
      caller.whenGone(() => gone.resolve('gone'));
      arrived.resolve(undefined);
      return new Promise(() => undefined);
    });
    const socket = connect(bundle.server.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    await arrived.promise;

    socket.destroy();

    await expect(gone.promise).resolves.toBe('gone');
  });

  it.each([
    ['HTTP/1.1', (url: string) => fetch(url, { method: 'POST', body: 'x' }).then((answer) => answer.text())],
    ['HTTP/2', (url: string) => requestHttp2(url, 'x')],
  ] as const)('gives the answers it owes over %s before it is closed', async (_protocol, request) => {
    const arrived = deferred<undefined>();
    const due = deferred<WireResponse>();
    const { server, url } = await setup(() => {
      arrived.resolve(undefined);
      return due.promise;
    });
    const answer = request(url);
    await arrived.promise;

    const closed = server.close();
    due.resolve(text('in time'));

    await expect(answer).resolves.toBe('in time');
    await expect(closed).resolves.toBeUndefined();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('closes at once over connections that nobody uses or that get no answer', async () => {
    const { server, url } = await setup(({ path }) =>
      Promise.resolve({
        ...text('done'),
        ...(path === '/silent' && { fault: { kind: 'silence' } as const }),
      }),
    );
    await (await fetch(url)).text();
    const silent = fetch(`${url}silent`).catch(() => 'cut');
    await (await fetch(url)).text();

    await server.close();

    await expect(silent).resolves.toBe('cut');
  }, 900);

  it('ends connections that wait for an answer when it closes', async () => {
    const arrived = deferred<undefined>();
    const { server, url } = await setup(() => {
      arrived.resolve(undefined);
      return new Promise(() => undefined);
    });
    const pending = fetch(url, { method: 'POST', body: 'x' });
    const ended = pending.then(
      () => 'answered',
      () => 'ended',
    );
    await arrived.promise;

    await server.close();

    expect(await ended).toBe('ended');
  });

  it('closes twice without complaint', async () => {
    const { server } = await setup(() => Promise.resolve(text('')));

    await server.close();

    await expect(closeAgain(server)).resolves.toBeUndefined();
  });

  it('resets the connection in the middle of a body when told to', async () => {
    await using bundle = await setup(() =>
      Promise.resolve({ ...text('x'.repeat(1_000)), fault: { kind: 'reset', afterBytes: 10 } }),
    );

    const answer = await fetch(bundle.url, { method: 'POST', body: 'x' });

    await expect(answer.text()).rejects.toThrow();
  });
});

const closeAgain = (server: HttpServer): Promise<void> => server.close();

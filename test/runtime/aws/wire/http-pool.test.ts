import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { selfSignedCertificate } from '../../../../lib/emulator/http/certificate.js';
import { classifyAwsError } from '../../../../lib/runtime/aws/errors.js';
import { HttpPool, type WireRequest } from '../../../../lib/runtime/aws/wire/http-pool.js';
import { LazyAbort } from '../../../../lib/runtime/system/lazy-abort.js';
import { createFakeClock, turns, type FakeClock } from '../../support/fake-clock.js';

interface Bundle {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly pool: HttpPool;
  readonly sockets: Socket[];
  readonly post: (over?: Partial<WireRequest>) => ReturnType<HttpPool['post']>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function setup(listener: RequestListener): Promise<Bundle> {
  const server = createServer(listener);
  const sockets: Socket[] = [];
  server.on('connection', (socket) => void sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clock = createFakeClock();
  const pool = new HttpPool({ protocol: 'http:', hostname: '127.0.0.1', port }, clock);
  closers.push(async () => {
    pool.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const post: Bundle['post'] = (over = {}) =>
    pool.post({
      path: '/',
      headers: { host: 'here' },
      body: 'grüße',
      timeoutMs: 1_000,
      maxBytes: 1_000,
      ...over,
    });
  return { server, clock, pool, sockets, post };
}

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => void chunks.push(chunk));
  request.on('end', () => response.end(`${request.headers.host ?? ''}:${Buffer.concat(chunks).toString()}`));
};

const kindOf = async (posted: Promise<unknown>): Promise<string> =>
  posted.then(
    () => 'answered',
    (error: unknown) => classifyAwsError(error).kind,
  );

describe('an HTTP pool', () => {
  it('posts, and reads what Node answers', async () => {
    const { post } = await setup(echo);
    await expect(post()).resolves.toMatchObject({ status: 200, body: 'here:grüße' });
  });

  it('uses a connection again, and opens another one for a request at the same time', async () => {
    const { post, sockets } = await setup(echo);
    await post();
    await post();
    expect(sockets).toHaveLength(1);
    await Promise.all([post(), post()]);
    expect(sockets).toHaveLength(2);
  });

  it('sends again, on a new connection, what met one that had been closed while idle', async () => {
    const { post, sockets, clock } = await setup(echo);
    await post();
    sockets[0]?.on('data', () => undefined);
    const again = post();
    sockets[0]?.resetAndDestroy();
    await expect(again).resolves.toMatchObject({ status: 200 });
    expect(sockets).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('does not use a connection that was idle for long', async () => {
    const { post, sockets, clock } = await setup(echo);
    await post();
    await clock.advance(20_001);
    await post();
    expect(sockets).toHaveLength(2);
  });

  it('does not send again what failed on a new connection', async () => {
    let requests = 0;
    const { post } = await setup((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    expect(await kindOf(post())).toBe('unreachable');
    expect(requests).toBe(1);
  });

  it('gives up when the time is over, and leaves no timer and no connection', async () => {
    const { post, clock, sockets } = await setup(() => undefined);
    const posted = kindOf(post());
    while (sockets.length === 0) await turns(1);
    await clock.advance(1_000);
    expect(await posted).toBe('unreachable');
    expect(clock.pending).toBe(0);
    while (sockets[0]?.destroyed === false) await turns(1);
    expect(sockets).toHaveLength(1);
  });

  it('ends a request when it is cancelled, before or while it is out', async () => {
    const { post, sockets } = await setup(() => undefined);
    const before = new LazyAbort();
    before.abort('no longer wanted');
    expect(await kindOf(post({ cancellation: before }))).toBe('aborted');
    const meanwhile = new LazyAbort();
    const posted = kindOf(post({ cancellation: meanwhile }));
    while (sockets.length === 0) await turns(1);
    meanwhile.abort('no longer wanted');
    expect(await posted).toBe('aborted');
  });

  it('is not concerned by an abort after its answer', async () => {
    const { post, sockets } = await setup(echo);
    const cancellation = new LazyAbort();
    expect((await post({ cancellation })).body).toBe('here:grüße');
    cancellation.abort('too late');
    expect((await post()).body).toBe('here:grüße');
    expect(sockets).toHaveLength(1);
  });

  it('refuses an answer above the limit', async () => {
    const { post } = await setup((_request, response) => response.end('x'.repeat(2_000)));
    expect(await kindOf(post())).toBe('unavailable');
  });

  it('rejects a header that would forge others', async () => {
    const { post } = await setup(echo);
    await expect(post({ headers: { host: 'here', token: 'a\r\nx: y' } })).rejects.toThrow('header token');
  });

  it('says that nobody listens', async () => {
    const { server, post } = await setup(echo);
    server.close();
    await once(server, 'close');
    closers.splice(0);
    const failure = classifyAwsError(await post().catch((error: unknown) => error));
    expect(failure).toMatchObject({ kind: 'unreachable', systemCode: 'ECONNREFUSED' });
  });

  it('gives a host that never finishes the TLS handshake five seconds', async () => {
    const server = createTcpServer((socket) => void socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const clock = createFakeClock();
    const pool = new HttpPool({ protocol: 'https:', hostname: '127.0.0.1', port }, clock);
    const posted = kindOf(pool.post({ path: '/', headers: {}, body: '', timeoutMs: 30_000, maxBytes: 1 }));
    await clock.advance(5_000);
    expect(await posted).toBe('unreachable');
    server.close();
    await once(server, 'close');
  });

  it('rejects a host that proves to be nobody with a certificate of its own making', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const cert = selfSignedCertificate({
      commonName: '127.0.0.1',
      privateKey,
      publicKey,
      notBefore: 0,
      notAfter: Date.now() + 3_600_000,
    });
    let requests = 0;
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const server = createTlsServer({ key, cert }, () => (requests += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pool = new HttpPool({ protocol: 'https:', hostname: '127.0.0.1', port }, createFakeClock());
    const error = await pool
      .post({ path: '/', headers: {}, body: 'secret', timeoutMs: 30_000, maxBytes: 1 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(requests).toBe(0);
    server.close();
    await once(server, 'close');
  });
});

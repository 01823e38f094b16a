import { createServer, request as requestHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createWebhookReceiver, on, type WebhookEvent } from '../../../lib/runtime/index.js';
import { downloadCertificate } from '../../../lib/runtime/webhook/certificate-download.js';
import { JobQueued } from '../sqs/fixtures.js';
import { certificate, notification, signed, SNS_KEYS, TOPIC, type Members } from './support/signed-posts.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener): Promise<string> => listening(createServer(listener));

describe('downloading a certificate', () => {
  const download = (host: string, path = '/a.pem', scheme = 'http'): Promise<string> =>
    downloadCertificate(`${scheme}://${host}${path}`, AbortSignal.timeout(5_000));

  it('gives the text of what is there', async () => {
    const host = await serve((_request, response) => response.end('PEM'));
    await expect(download(host)).resolves.toBe('PEM');
  });

  it('rejects a redirect and does not follow it', async () => {
    const asked: (string | undefined)[] = [];
    const host = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: '/other.pem' }).end();
    });
    await expect(download(host)).rejects.toThrow('answered 302');
    expect(asked).toEqual(['/a.pem']);
  });

  it('rejects what is not there', async () => {
    const host = await serve((_request, response) => response.writeHead(404).end());
    await expect(download(host)).rejects.toThrow('answered 404');
  });

  it('rejects what is too large, without reading it to its end', async () => {
    let sent = 0;
    const host = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 100_000_000) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, 0x61))) return void response.once('drain', more);
        }
      };
      more();
    });
    await expect(download(host)).rejects.toThrow('larger than 65536 bytes');
    expect(sent).toBeLessThan(50_000_000);
  });

  it('ends with its signal, also in the middle of a body', async () => {
    const abort = new AbortController();
    const host = await serve((_request, response) => {
      response.write('PEM');
      setImmediate(() => abort.abort());
    });
    await expect(downloadCertificate(`http://${host}/a.pem`, abort.signal)).rejects.toThrow();
  });

  it('rejects a TLS certificate that nobody vouches for, also where the process would take any', async () => {
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    const key = SNS_KEYS.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const host = await listening(
      createTlsServer({ key, cert: certificate({ commonName: '127.0.0.1' }) }, (_request, response) =>
        response.end('PEM'),
      ),
    );
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await expect(download(host, '/a.pem', 'https')).rejects.toThrow(/self-signed|expired|certificate/);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });
});

describe('the listener for node:http', () => {
  async function setup(): Promise<{
    readonly send: (
      body: string,
      options?: { readonly method?: string; readonly headers?: Record<string, string> },
    ) => Promise<{ readonly status: number | undefined; readonly text: string }>;
    readonly events: WebhookEvent[];
  }> {
    const events: WebhookEvent[] = [];
    const receiver = createWebhookReceiver({
      topicArns: [TOPIC],
      handlers: [on(JobQueued, () => undefined)],
      fetchCertificate: () => Promise.resolve(certificate(fresh)),
      maxBytes: 4_096,
      onEvent: (event) => void events.push(event),
    });
    const host = await serve(receiver.nodeListener());
    return {
      events,
      send: (body, { method = 'POST', headers = {} } = {}) =>
        new Promise((resolve, reject) => {
          const request = requestHttp(`http://${host}/`, { method, headers }, (response) => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (chunk: string) => (text += chunk));
            response.on('end', () => resolve({ status: response.statusCode, text }));
          });
          request.on('error', reject);
          request.end(body);
        }),
    };
  }
  const fresh = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
  const message = (over: Members = {}): string =>
    JSON.stringify(signed(notification({ Timestamp: new Date().toISOString(), ...over })));

  it('handles a notification', async () => {
    const { send, events } = await setup();
    await expect(send(message())).resolves.toEqual({ status: 200, text: 'handled\n' });
    expect(events.map(({ kind }) => kind)).toEqual(['handled']);
  });

  it.each([
    ['said to be too large', { 'content-length': '10000' }],
    ['found to be too large', { 'transfer-encoding': 'chunked' }],
  ])('still answers a body that is %s', async (_what, headers) => {
    const { send } = await setup();
    await expect(send('x'.repeat(10_000), { headers })).resolves.toEqual({
      status: 413,
      text: 'refused: too-large\n',
    });
  });

  it('rejects other methods', async () => {
    const { send } = await setup();
    await expect(send('', { method: 'GET' })).resolves.toMatchObject({ status: 405 });
  });

  it('survives a sender that goes away in the middle', async () => {
    const { send, events } = await setup();
    const broken = send('half', { headers: { 'content-length': '1000' } });
    setTimeout(() => servers.at(-1)?.closeAllConnections(), 50);
    await expect(broken).rejects.toThrow();
    await expect(send(message())).resolves.toMatchObject({ status: 200 });
    expect(events).toEqual([
      expect.objectContaining({ kind: 'refused', reason: 'unreadable' }),
      expect.objectContaining({ kind: 'handled' }),
    ]);
  });
});

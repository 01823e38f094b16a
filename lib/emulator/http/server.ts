import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { MillraceError } from '../../core/errors.js';
import type { Caller } from '../host.js';
import { Connections } from './connections.js';
import { bytesOfBody, isWhole, type WireHandler, type WireRequest, type WireResponse } from './wire.js';

/** Where to listen. */
export interface ListenOptions {
  /** Address to bind. Anything but loopback lets others on the network in. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Port to bind; 0 takes a free one. @default 0 */
  readonly port?: number | undefined;
  /** The largest request body, in bytes. @default 20 MiB, above the largest PutRecords in base64 */
  readonly maxBodyBytes?: number | undefined;
}

/** A listening server. */
export interface HttpServer {
  readonly port: number;
  /** Stops listening and ends every connection: behind the answer it owes, but after a second without a sign of it. Fine to call twice. */
  close(): Promise<void>;
}

/** Defaults of {@link ListenOptions}. */
export const LISTEN_DEFAULTS = Object.freeze({ host: '127.0.0.1', port: 0, maxBodyBytes: 20_971_520 });

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** With the default of 64 KiB a 10 MiB PutRecords would wait for 160 acknowledgements. */
const HTTP2_WINDOW_BYTES = 16_777_216;

/** The first bytes of an HTTP/2 connection with prior knowledge; no HTTP/1.1 method begins with them. */
const HTTP2_PREFACE = 'PRI';

/**
 * Serves both protocols on one port: HTTP/1.1 with keep-alive, and HTTP/2 with prior knowledge, which the SDK's Kinesis
 * client speaks unasked.
 * @throws {PORT_IN_USE} when the port is taken
 */
export async function listen(handle: WireHandler, options: ListenOptions = {}): Promise<HttpServer> {
  const host = options.host ?? LISTEN_DEFAULTS.host;
  const port = options.port ?? LISTEN_DEFAULTS.port;
  const maxBodyBytes = options.maxBodyBytes ?? LISTEN_DEFAULTS.maxBodyBytes;
  const connections = new Connections();
  const receiving = { handle, maxBodyBytes, connections };
  const http1 = createHttp1Server({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    connections.owe(request, response);
    receive(request, response, receiving);
  });
  const http2 = createHttp2Server(
    { settings: { maxConcurrentStreams: 1_000, initialWindowSize: HTTP2_WINDOW_BYTES } },
    (request, response) => receive(request, response, receiving),
  );
  http2.on('session', (session) => {
    connections.addSession(session);
    session.setLocalWindowSize(HTTP2_WINDOW_BYTES);
  });
  // A client's broken connection is its own affair: it shows there, and must not end this process.
  http2.on('sessionError', () => undefined);
  const server = createServer((socket) => {
    connections.add(socket);
    socket.setNoDelay(true);
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).toString('latin1') === HTTP2_PREFACE;
      if (isHttp2) connections.leaveToSession(socket);
      (isHttp2 ? http2 : http1).emit('connection', socket);
      if (!isHttp2) socket.resume();
    });
  });
  await bind(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeServer(server, connections),
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(bindError(cause, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function bindError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  if (cause.code !== 'EADDRINUSE') return cause;
  return new MillraceError(
    'PORT_IN_USE',
    `port ${port} on ${host} is taken by another process: stop it, or leave the port out (or 0) to take a free one`,
    { cause },
  );
}

function closeServer(server: Server, connections: Connections): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    connections.close();
  });
}

interface Receiving {
  readonly handle: WireHandler;
  readonly maxBodyBytes: number;
  readonly connections: Connections;
}

function receive(
  request: Incoming,
  response: Outgoing,
  { handle, maxBodyBytes, connections }: Receiving,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Without a listener a client's reset would be an uncaught error; the response's 'close' tells what matters.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (bytes > maxBodyBytes) {
      void send(response, tooLarge(bytes, maxBodyBytes));
      return;
    }
    const wire: WireRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      body: body.toString(),
      bytes: body,
    };
    void handle(wire, callerOf(response)).then((answer) => {
      if (answer?.fault?.kind === 'silence') connections.forgive(request.socket);
      return answer === undefined ? end(response) : send(response, answer);
    });
  });
}

const tooLarge = (bytes: number, maxBodyBytes: number): WireResponse => ({
  status: 413,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': 'RequestEntityTooLarge' },
  body: JSON.stringify({
    __type: 'RequestEntityTooLarge',
    message: `the request has ${bytes} bytes, at most ${maxBodyBytes} are taken`,
  }),
});

/** A response that closed without having been finished is a caller that went away. */
function callerOf(response: Outgoing): Caller {
  return {
    whenGone: (onGone) => {
      if (isGone(response)) onGone();
      else
        response.once('close', () => {
          if (!response.writableEnded) onGone();
        });
    },
  };
}

const isGone = (response: Outgoing): boolean =>
  'stream' in response ? response.stream.destroyed : response.destroyed;

function end(response: Outgoing): void {
  if (!isGone(response)) response.end();
}

async function send(response: Outgoing, answer: WireResponse): Promise<void> {
  if (isGone(response)) return;
  if (answer.fault !== undefined) {
    await misbehave(response, answer, answer.fault);
    return;
  }
  if (isWhole(answer.body)) {
    const body = bytesOfBody(answer.body);
    // An answer to HEAD tells the length of what it does not bring.
    response.writeHead(answer.status, { 'content-length': body.length, ...answer.headers });
    response.end(body);
    return;
  }
  response.writeHead(answer.status, answer.headers);
  for await (const chunk of answer.body) {
    if (isGone(response)) break;
    if (!write(response, chunk)) await drained(response);
  }
  end(response);
}

const write = (response: Outgoing, chunk: Uint8Array): boolean =>
  'stream' in response ? response.write(chunk) : response.write(chunk);

/** Resolves when the client has taken what was written, or is gone: a slow reader holds the stream, not the memory. */
function drained(response: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener('drain', done);
      response.removeListener('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

async function misbehave(
  response: Outgoing,
  answer: WireResponse,
  fault: NonNullable<WireResponse['fault']>,
): Promise<void> {
  if (fault.kind === 'silence') return;
  if (fault.afterBytes > 0) await sendPart(response, answer, fault.afterBytes);
  if ('stream' in response) response.stream.close(RESET_CODE);
  else response.socket?.resetAndDestroy();
}

/** Sends the head and so many bytes of the body, always less than all of a body whose length is known. */
async function sendPart(
  response: Outgoing,
  { status, headers, body }: WireResponse,
  bytes: number,
): Promise<void> {
  const flushed = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      if ('stream' in response) response.write(chunk, () => resolve());
      else response.write(chunk, () => resolve());
    });
  if (isWhole(body)) {
    const whole = bytesOfBody(body);
    response.writeHead(status, { ...headers, 'content-length': whole.length });
    await flushed(whole.subarray(0, Math.min(bytes, Math.max(0, whole.length - 1))));
    return;
  }
  response.writeHead(status, headers);
  let left = bytes;
  for await (const chunk of body) {
    if (isGone(response)) return;
    await flushed(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** HTTP/2's INTERNAL_ERROR. */
const RESET_CODE = 2;

import type { Clock } from '../../../core/clock.js';
import type { Cancellation } from '../../system/lazy-abort.js';
import type { WireAnswer } from './http-answer.js';
import { HttpConnection, type SendOutcome, type WireOrigin } from './http-connection.js';
import { connectionLost, transportError } from './service-error.js';

/** Where requests go: a host and the path on it. */
export interface WireEndpoint extends WireOrigin {
  /** As it travels, beginning with a slash. */
  readonly path: string;
  /** The `host` header: with the port, unless it is the protocol's own. */
  readonly host: string;
}

/** One request to be made. */
export interface WireRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** An answer with a longer body is refused. */
  readonly maxBytes: number;
  readonly cancellation?: Cancellation | undefined;
}

/** A host that takes no connection within this time is down. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that was idle for longer is likely closed at the other end. */
const LONGEST_IDLE_MS = 20_000;

/**
 * Kept-alive HTTP/1.1 connections to one host. It opens as many as there are requests at once, which is for its users to
 * bound: no request ever waits for another one's connection.
 *
 * Written on sockets, because `node:http` costs more than signing, encoding and decoding of a request together.
 */
export class HttpPool {
  readonly #origin: WireOrigin;
  readonly #clock: Clock;
  readonly #idle: { readonly connection: HttpConnection; readonly since: number }[] = [];
  readonly #open = new Set<HttpConnection>();
  #tlsSession: Buffer | undefined;

  constructor(origin: WireOrigin, clock: Clock) {
    this.#origin = origin;
    this.#clock = clock;
  }

  /**
   * Posts one request. When a connection turns out to have been closed before it was used again, a new one is opened
   * once: services close idle ones at any moment.
   * @throws AbortError, TimeoutError, DamagedAnswer, or what the socket threw
   */
  async post(request: WireRequest): Promise<WireAnswer> {
    if (request.cancellation?.isAborted === true)
      throw transportError('AbortError', 'aborted before it was sent');
    const text = writeRequest(request);
    const outcome = await this.#exchange(this.#takeIdle() ?? this.#connect(), text, request);
    if (outcome.kind === 'answered') return outcome.answer;
    const again = await this.#exchange(this.#connect(), text, request);
    if (again.kind === 'answered') return again.answer;
    throw connectionLost();
  }

  /** Closes every connection; requests under way are aborted. */
  close(): void {
    for (const connection of [...this.#open])
      connection.close(transportError('AbortError', 'the client was closed'));
  }

  async #exchange(connection: HttpConnection, text: string, request: WireRequest): Promise<SendOutcome> {
    const stopWatching = this.#watch(connection, request);
    try {
      const outcome = await connection.send(text, request.maxBytes);
      if (connection.isOpen) this.#idle.push({ connection, since: this.#clock.monotonic() });
      return outcome;
    } finally {
      stopWatching();
    }
  }

  /** Closes the connection when the time is over or the caller wants no answer any more. */
  #watch(connection: HttpConnection, { cancellation, timeoutMs }: WireRequest): () => void {
    const onAbort = (): void => connection.close(transportError('AbortError', 'the request was aborted'));
    const onTimeout = (ms: number) => (): void =>
      connection.close(transportError('TimeoutError', `no answer within ${ms} ms`));
    const timer = this.#clock.schedule(timeoutMs, onTimeout(timeoutMs));
    const connecting = connection.isConnected
      ? undefined
      : this.#clock.schedule(CONNECT_TIMEOUT_MS, () => {
          if (!connection.isConnected) onTimeout(CONNECT_TIMEOUT_MS)();
        });
    cancellation?.onAbort(onAbort);
    return () => {
      timer.cancel();
      connecting?.cancel();
      cancellation?.onAbort(undefined);
    };
  }

  /** The one used last is the least likely to be closed. */
  #takeIdle(): HttpConnection | undefined {
    const oldest = this.#clock.monotonic() - LONGEST_IDLE_MS;
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.connection.isOpen) continue;
      if (idle.since >= oldest) return idle.connection;
      idle.connection.close(connectionLost());
    }
    return undefined;
  }

  #connect(): HttpConnection {
    const resumption = {
      tlsSession: this.#tlsSession,
      onTlsSession: (session: Buffer) => (this.#tlsSession = session),
    };
    const connection = new HttpConnection(this.#origin, resumption, (closed) => this.#open.delete(closed));
    this.#open.add(connection);
    return connection;
  }
}

/** A header that could end its line early would forge others. */
const UNSAFE = /[^\t\x20-\x7e]/;

function writeRequest({ path, headers, body }: WireRequest): string {
  let head = `POST ${path} HTTP/1.1\r\n`;
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? '';
    if (UNSAFE.test(value)) throw new TypeError(`the header ${name} has characters that no header can have`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

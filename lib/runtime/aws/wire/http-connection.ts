import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AnswerReader, type WireAnswer } from './http-answer.js';
import { connectionLost } from './service-error.js';

/** A host and how to reach it. */
export interface WireOrigin {
  readonly protocol: 'http:' | 'https:';
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
}

/** What lets a later TLS connection to the same host skip half of the handshake. */
export interface TlsResumption {
  readonly tlsSession: Buffer | undefined;
  readonly onTlsSession: (session: Buffer) => void;
}

/** How a request ended that did not fail. */
export type SendOutcome =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  /** The connection had been closed by the other side while it was idle: nothing was answered, send it again elsewhere. */
  | { readonly kind: 'stale' };

interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (outcome: SendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** An answer with ten messages of a few KB is read at once, and parsed where it lies. */
const READ_BUFFER_BYTES = 65_536;

/** One connection that carries one request at a time. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #onClose: (connection: HttpConnection) => void;
  #exchange: Exchange | undefined;
  #isOpen = true;
  #isConnected = false;
  #requests = 0;

  /** @param onClose told once, when it can't be used any more */
  constructor(origin: WireOrigin, resumption: TlsResumption, onClose: (connection: HttpConnection) => void) {
    this.#onClose = onClose;
    this.#socket = openSocket(origin, resumption, {
      onConnect: () => (this.#isConnected = true),
      onPiece: (piece) => this.#take(piece),
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('end', () => this.#end());
    this.#socket.on('error', (error) => this.#lose(error));
    this.#socket.on('close', () => this.#lose(connectionLost()));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the other side has been reached. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Sends a request. @throws DamagedAnswer, what the socket threw, or what {@link close} was given */
  send(request: string, maxBytes: number): Promise<SendOutcome> {
    this.#requests += 1;
    this.#socket.ref();
    return new Promise((resolve, reject) => {
      this.#exchange = { reader: new AnswerReader(maxBytes), resolve, reject };
      this.#socket.write(request);
    });
  }

  /** Ends it; a request under way is rejected with the error. */
  close(error: Error): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.destroy();
    this.#exchange?.reject(error);
    this.#exchange = undefined;
    this.#onClose(this);
  }

  #take(piece: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.close(connectionLost()); // nobody asked: no later answer on it could be trusted
      return;
    }
    this.#read(exchange, () => exchange.reader.push(piece));
  }

  #end(): void {
    const exchange = this.#exchange;
    if (exchange?.reader.hasBegun === true) this.#read(exchange, () => exchange.reader.end());
    else this.#lose(connectionLost());
  }

  #read({ resolve }: Exchange, read: () => WireAnswer | undefined): void {
    try {
      const answer = read();
      if (answer === undefined) return;
      this.#exchange = undefined;
      if (!answer.isReusable) this.close(connectionLost());
      else this.#socket.unref(); // an idle connection must not keep the process alive
      resolve({ kind: 'answered', answer });
    } catch (error) {
      this.close(error instanceof Error ? error : connectionLost());
    }
  }

  /** The network ended it. */
  #lose(error: Error): void {
    const exchange = this.#exchange;
    if (this.#requests > 1 && exchange?.reader.hasBegun === false) {
      this.#exchange = undefined;
      exchange.resolve({ kind: 'stale' });
    }
    this.close(error);
  }
}

interface SocketListeners {
  readonly onConnect: () => void;
  /** The piece is overwritten by the next one. */
  readonly onPiece: (piece: Buffer) => void;
}

/** One buffer for all reads: a new one for each is 64 KiB to be found, cleared and collected again. */
function readInto(buffer: Buffer, onPiece: SocketListeners['onPiece']) {
  const callback = (length: number): boolean => {
    onPiece(buffer.subarray(0, length));
    return true;
  };
  return { buffer, callback };
}

function openSocket(
  { protocol, hostname: host, port }: WireOrigin,
  { tlsSession, onTlsSession }: TlsResumption,
  { onConnect, onPiece }: SocketListeners,
): Socket {
  const onread = readInto(Buffer.allocUnsafeSlow(READ_BUFFER_BYTES), onPiece);
  if (protocol === 'http:') return connectTcp({ host, port, onread }, onConnect);
  const options = {
    host,
    port,
    onread,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...(tlsSession !== undefined && { session: tlsSession }),
  };
  const socket = connectTls(options, onConnect);
  socket.on('session', onTlsSession);
  return socket;
}

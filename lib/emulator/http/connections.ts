import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** How long a connection that owes an answer may be still before it is cut, once the server closes. */
const GRACE_MS = 1_000;

/**
 * The connections of a server, for its end: those that owe an answer are ended behind it, all others at once. Over
 * HTTP/2 the session knows what it owes, over HTTP/1.1 it is noted here.
 */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Sockets that a session has taken over, and ends. */
  readonly #inSessions = new WeakSet<Socket>();
  readonly #owing = new Set<Socket>();
  #isClosing = false;

  /** Notes a new connection. */
  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  /** Leaves a connection to the session that will speak on it. */
  leaveToSession(socket: Socket): void {
    this.#inSessions.add(socket);
  }

  /** Notes a session of HTTP/2. */
  addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on('close', () => this.#sessions.delete(session));
  }

  /** Notes a request of HTTP/1.1 that is to be answered. */
  owe({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#owing.add(socket);
    response.on('close', () => {
      this.#owing.delete(socket);
      if (this.#isClosing) socket.destroy();
    });
  }

  /** Notes that a request will never be answered. */
  forgive(socket: Socket): void {
    this.#owing.delete(socket);
  }

  /** Ends every connection, behind the answer it owes, or when that is a second late. */
  close(): void {
    this.#isClosing = true;
    for (const session of this.#sessions) {
      session.setTimeout(GRACE_MS, () => session.destroy());
      session.close();
    }
    for (const socket of this.#sockets) {
      if (this.#inSessions.has(socket)) continue;
      if (this.#owing.has(socket)) socket.setTimeout(GRACE_MS, () => socket.destroy());
      else socket.destroy();
    }
  }
}

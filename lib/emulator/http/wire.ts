import type { Caller } from '../host.js';

/** An HTTP request, however it came: from a socket, or straight from an SDK client. */
export interface WireRequest {
  readonly method: string;
  /** Path with its query string. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** The body as it came, for services whose bodies are no text. @default - the body in UTF-8 */
  readonly bytes?: Uint8Array;
}

/** How a connection is to misbehave; whoever holds it must do it. */
export type WireFault =
  /** No answer, ever. */
  | { readonly kind: 'silence' }
  /** The connection is reset after so many bytes of the body; with 0, before the headers. */
  | { readonly kind: 'reset'; readonly afterBytes: number };

/** An HTTP response. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text or bytes at once, or chunks as they become due (an event stream). */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly fault?: WireFault;
}

/** Answers requests; never rejects. Undefined when the caller went away and nobody is to be answered. */
export type WireHandler = (request: WireRequest, caller: Caller) => Promise<WireResponse | undefined>;

/** Whether a body is there as a whole, and not to come in chunks. */
export const isWhole = (body: WireResponse['body']): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;

/** The bytes of a whole body; bytes are not copied. */
export const bytesOfBody = (body: string | Uint8Array): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

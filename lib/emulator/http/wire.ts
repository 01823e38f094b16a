import type { Caller } from '../host.js';

/** An HTTP request, however it came: from a socket, or straight from an SDK client. */
export interface WireRequest {
  readonly method: string;
  /** Path with its query string. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
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
  /** Text at once, or chunks as they become due (an event stream). */
  readonly body: string | AsyncIterable<Uint8Array>;
  readonly fault?: WireFault;
}

/** Answers requests; never rejects. Undefined when the caller went away and nobody is to be answered. */
export type WireHandler = (request: WireRequest, caller: Caller) => Promise<WireResponse | undefined>;

import { Readable } from 'node:stream';
import type { Caller } from '../emulator/host.js';
import {
  bytesOfBody,
  isWhole,
  type WireFault,
  type WireHandler,
  type WireRequest,
  type WireResponse,
} from '../emulator/http/wire.js';

/** The part of the SDK's request that is read. */
export interface SdkRequest {
  /** `POST`, and for S3 the others too. */
  readonly method: string;
  /** Path of the URL, escaped. */
  readonly path: string;
  /** Parameters of the query; a list stands for a repeated one. */
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Headers by name, in any case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, bytes or a stream; what the SDK serialised. */
  readonly body?: unknown;
}

/** What the SDK gives along. */
export interface SdkHandlerOptions {
  /** Ends the wait for the answer. @default - it is waited for */
  readonly abortSignal?: SdkAbortSignal | undefined;
}

/** The part of an abort signal that is used; the SDK's own type is as narrow. */
export interface SdkAbortSignal {
  /** Whether it was aborted before the request left. */
  readonly aborted: boolean;
  /** Tells of an abort while it is under way. */
  addEventListener?(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
}

/** The SDK's response. */
export interface SdkResponse {
  /** HTTP status of the answer. */
  readonly statusCode: number;
  /** Headers of the answer by name. */
  readonly headers: Record<string, string>;
  /** A stream of the answer, as the SDK reads it. */
  readonly body: unknown;
}

/**
 * A request handler for SDK v3 clients that answers in this process: no socket, no port, about twice the calls per
 * second. Serialisation, signing, retries and middleware are the real ones.
 */
export interface SdkRequestHandler {
  /** The protocol the SDK believes to speak: HTTP/2, which streams of Kinesis need. */
  readonly metadata: { readonly handlerProtocol: string };
  /** Answers a request; rejects with an `AbortError` when its signal aborts. */
  handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<{ readonly response: SdkResponse }>;
  /** Does nothing: there is no socket to close. */
  destroy(): void;
  /** Does nothing: there is nothing to configure. */
  updateHttpClientConfig(): void;
  /** Says that there is nothing to configure. */
  httpHandlerConfigs(): Record<string, never>;
}

/** Makes a request handler of an emulated account. */
export function createSdkRequestHandler(handle: WireHandler): SdkRequestHandler {
  return Object.freeze({
    metadata: Object.freeze({ handlerProtocol: 'h2' }),
    handle: (request: SdkRequest, options: SdkHandlerOptions = {}) =>
      answer(handle, request, options.abortSignal),
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  });
}

async function answer(
  handle: WireHandler,
  request: SdkRequest,
  signal: SdkAbortSignal | undefined,
): Promise<{ readonly response: SdkResponse }> {
  if (signal?.aborted === true) throw abortError();
  const wire = await toWire(request);
  return new Promise((resolve, reject) => {
    const departure = createDeparture(signal, () => reject(abortError()));
    void handle(wire, departure).then((response) => {
      if (response === undefined) return;
      const { fault } = response;
      if (fault === undefined) resolve({ response: toSdk(response) });
      else if (fault.kind === 'reset') settleReset(response, fault, { resolve, reject });
    });
  });
}

/** A caller that is gone when its signal aborts. */
function createDeparture(signal: SdkAbortSignal | undefined, onAbort: () => void): Caller {
  const listeners: (() => void)[] = [];
  signal?.addEventListener?.(
    'abort',
    () => {
      for (const listener of listeners) listener();
      onAbort();
    },
    { once: true },
  );
  return {
    whenGone: (onGone) => {
      if (signal?.aborted === true) onGone();
      else listeners.push(onGone);
    },
  };
}

async function toWire(request: SdkRequest): Promise<WireRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const path = `${request.path}${queryText(request.query ?? {})}`;
  return { method: request.method, path, headers, ...(await bodyOf(request.body)) };
}

/** The query string as the SDK's own transport would write it. */
function queryText(query: NonNullable<SdkRequest['query']>): string {
  const parts = Object.entries(query).flatMap(([name, value]) => {
    const values = typeof value === 'string' || value === null ? [value] : value;
    return values.map((one) =>
      one === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(one)}`,
    );
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

async function bodyOf(body: unknown): Promise<Pick<WireRequest, 'body' | 'bytes'>> {
  if (body === undefined || body === null) return { body: '' };
  if (typeof body === 'string') return { body };
  const bytes = await collected(body as Uint8Array | AsyncIterable<Uint8Array>);
  return { body: bytes.toString(), bytes };
}

async function collected(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return bytesOfBody(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function toSdk({ status, headers, body }: WireResponse): SdkResponse {
  return { statusCode: status, headers: { ...headers }, body: sdkBody(body) };
}

/** What is no text is read as a stream by the SDK, objects of S3 too. */
function sdkBody(body: WireResponse['body']): Buffer | Readable {
  if (typeof body === 'string') return Buffer.from(body);
  return Readable.from(body instanceof Uint8Array ? [body] : body, { objectMode: false });
}

interface Settlement {
  readonly resolve: (value: { readonly response: SdkResponse }) => void;
  readonly reject: (reason: Error) => void;
}

/** Fails the way Node's sockets do, before the response or in the middle of its body. */
function settleReset(
  response: WireResponse,
  fault: Extract<WireFault, { readonly kind: 'reset' }>,
  { resolve, reject }: Settlement,
): void {
  if (fault.afterBytes === 0) {
    reject(resetError());
    return;
  }
  const whole = isWhole(response.body) ? bytesOfBody(response.body) : Buffer.alloc(0);
  const body = Readable.from(cutAfter(whole.subarray(0, fault.afterBytes)));
  resolve({ response: { statusCode: response.status, headers: { ...response.headers }, body } });
}

/** A generator, because that is what can fail after it gave something. */
async function* cutAfter(part: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(part);
  throw resetError();
}

const resetError = (): Error =>
  Object.assign(new Error('read ECONNRESET (injected)'), { name: 'TimeoutError', code: 'ECONNRESET' });

const abortError = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

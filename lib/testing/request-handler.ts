import { Readable } from 'node:stream';
import type { Caller } from '../emulator/host.js';
import type { WireFault, WireHandler, WireRequest, WireResponse } from '../emulator/http/wire.js';

/** The part of the SDK's request that is read. */
export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the SDK gives along. */
export interface SdkHandlerOptions {
  readonly abortSignal?: SdkAbortSignal | undefined;
}

/** The part of an abort signal that is used; the SDK's own type is as narrow. */
interface SdkAbortSignal {
  readonly aborted: boolean;
  addEventListener?(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
}

/** The SDK's response. */
export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/**
 * A request handler for SDK v3 clients that answers in this process: no socket, no port, about twice the calls per
 * second. Serialisation, signing, retries and middleware are the real ones.
 */
export interface SdkRequestHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<{ readonly response: SdkResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
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
  return { method: request.method, path: request.path, headers, body: await bodyText(request.body) };
}

async function bodyText(body: unknown): Promise<string> {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array)
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function toSdk({ status, headers, body }: WireResponse): SdkResponse {
  return {
    statusCode: status,
    headers: { ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : Readable.from(body, { objectMode: false }),
  };
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
  const whole = typeof response.body === 'string' ? Buffer.from(response.body) : Buffer.alloc(0);
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

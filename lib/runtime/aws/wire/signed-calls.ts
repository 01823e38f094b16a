import type { Clock } from '../../../core/clock.js';
import type { Cancellation } from '../../system/lazy-abort.js';
import type { WireAnswer } from './http-answer.js';
import { HttpPool, type WireEndpoint } from './http-pool.js';
import type { SdkSettings } from './sdk-settings.js';
import type { FailedAnswer, ServiceError } from './service-error.js';
import { RequestSigner, type SigningCredentials } from './sigv4.js';

/** Where calls of one kind go, and what each of them says. Made once: what is signed of it is kept with it. */
export interface CallForm {
  readonly endpoint: WireEndpoint;
  /** By lower-case name: `host`, and what the protocol needs beside the signature's. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The form of calls with these headers to an endpoint. */
export function callForm(endpoint: WireEndpoint, headers: Readonly<Record<string, string>>): CallForm {
  return { endpoint, headers: { ...headers, host: endpoint.host } };
}

/** One call to a service. */
export interface ServiceCall {
  readonly form: CallForm;
  readonly body: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly cancellation?: Cancellation | undefined;
}

/** What the calls to one service are made with. */
export interface SignedCallsParts {
  readonly settings: Pick<SdkSettings, 'region' | 'credentials'>;
  readonly clock: Clock;
  /** The service's signing name, e.g. `sqs`. */
  readonly service: string;
  /** Reads a refusal, as the service's protocol writes it. */
  readonly readError: (answer: FailedAnswer) => ServiceError;
}

/** Keys the service no longer takes, though the provider still held them for good. */
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException']);
/** Services refuse a signature five minutes off; what is nearer is no reason of a refusal. */
const SKEW_MS = 240_000;

/**
 * Makes signed calls. Two refusals are mended and tried once more at once: expired keys are fetched anew, and a machine's
 * clock that is off is corrected by the service's. Every other retry is the caller's.
 */
export class SignedCalls {
  readonly #parts: SignedCallsParts;
  readonly #signer: RequestSigner;
  readonly #pools = new Map<string, HttpPool>();
  #skewMs = 0;

  constructor(parts: SignedCallsParts) {
    this.#parts = parts;
    this.#signer = new RequestSigner({ region: parts.settings.region, service: parts.service });
  }

  /**
   * The body of a successful answer.
   * @throws ServiceError for any other answer, and what the transport threw
   */
  async call(call: ServiceCall): Promise<string> {
    const { settings, readError } = this.#parts;
    const first = await this.#send(call, await settings.credentials({ forceRefresh: false }));
    if (first.status === 200) return first.body;
    const error = readError(first);
    const credentials = await this.#mend(error, first);
    if (credentials === undefined) throw error;
    const second = await this.#send(call, credentials);
    if (second.status === 200) return second.body;
    throw readError(second);
  }

  /** Closes every connection. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }

  /** Removes the cause of a refusal, if it is one that can be; gives what to sign the next try with. */
  async #mend(error: ServiceError, { headers }: WireAnswer): Promise<SigningCredentials | undefined> {
    const { settings, clock } = this.#parts;
    if (EXPIRED.has(error.name)) return settings.credentials({ forceRefresh: true });
    const theirs = Date.parse(headers['date'] ?? '');
    const skewMs = theirs - clock.now();
    if (error.$metadata.httpStatusCode >= 500 || !(Math.abs(skewMs - this.#skewMs) > SKEW_MS))
      return undefined;
    this.#skewMs = skewMs;
    return settings.credentials({ forceRefresh: false });
  }

  #send(call: ServiceCall, credentials: SigningCredentials): Promise<WireAnswer> {
    const { form, body, timeoutMs, maxBytes, cancellation } = call;
    const { endpoint } = form;
    const { path } = endpoint;
    const request = { method: 'POST', path, headers: form.headers, body };
    const headers = this.#signer.sign(request, credentials, this.#parts.clock.now() + this.#skewMs);
    return this.#poolOf(endpoint).post({ path, headers, body, timeoutMs, maxBytes, cancellation });
  }

  #poolOf(endpoint: WireEndpoint): HttpPool {
    const origin = `${endpoint.protocol}//${endpoint.host}`;
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = new HttpPool(endpoint, this.#parts.clock);
    this.#pools.set(origin, pool);
    return pool;
  }
}

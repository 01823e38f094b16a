import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../core/clock.js';
import type { EngineHost } from './host.js';
import type { PerformedOutcome } from './sns/performed-outcome.js';
import type { OutboundDelivery } from './sns/delivery-forms.js';
import type { SnsEngine } from './sns/engine.js';

/** Invokes a function that is subscribed to a topic; rejects when the function fails. */
export type InvokeFunction = (functionArn: string, event: string) => Promise<void>;

/** How deliveries leave the emulator. */
export interface OutboundOptions {
  readonly clock: Clock;
  /** @default - deliveries to functions fail: there are none here */
  readonly invokeFunction?: InvokeFunction | undefined;
}

/** An endpoint has this long to answer, as at AWS. */
const ANSWER_WITHIN_MS = 15_000;

/** Hosts deliveries may go to: this machine, so that a test never posts to somebody else's endpoint. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Performs what SNS wants delivered to HTTP(S) endpoints and functions, and reports how it went. */
export class OutboundDeliveries {
  readonly #sns: SnsEngine;
  readonly #host: EngineHost;
  readonly #options: OutboundOptions;
  readonly #abort = new AbortController();

  constructor(sns: SnsEngine, host: EngineHost, options: OutboundOptions) {
    this.#sns = sns;
    this.#host = host;
    this.#options = options;
  }

  /** Begins every delivery that is to be made now. */
  pump(): void {
    for (const delivery of this.#sns.takeDeliveries())
      void this.#perform(delivery).then((outcome) => this.#conclude(delivery, outcome));
  }

  /** Breaks off what is under way; its outcomes are not reported. */
  close(): void {
    this.#abort.abort();
  }

  #conclude(delivery: OutboundDelivery, outcome: PerformedOutcome): void {
    if (this.#abort.signal.aborted) return;
    if (delivery.type === 'Notification') this.#sns.deliveryOutcome(delivery.id, outcome, this.#host.now());
    this.#host.touch('sns');
  }

  async #perform(delivery: OutboundDelivery): Promise<PerformedOutcome> {
    try {
      if (delivery.protocol === 'lambda') return await this.#invoke(delivery);
      if (!LOOPBACK.test(new URL(delivery.endpoint).hostname))
        return { kind: 'refused', reason: `${delivery.endpoint} is not on this machine` };
      return outcomeOf(await this.#post(delivery));
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async #invoke(delivery: OutboundDelivery): Promise<PerformedOutcome> {
    const { invokeFunction } = this.#options;
    if (invokeFunction === undefined)
      return { kind: 'refused', reason: `no function ${delivery.endpoint} is known here` };
    await invokeFunction(delivery.endpoint, delivery.body);
    return { kind: 'delivered' };
  }

  #post(delivery: OutboundDelivery): Promise<number> {
    const send = delivery.protocol === 'https' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const request = send(
        delivery.endpoint,
        { method: 'POST', headers: delivery.headers, signal: this.#abort.signal },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
          response.once('error', reject);
        },
      );
      const timer = this.#options.clock.schedule(ANSWER_WITHIN_MS, () =>
        request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)),
      );
      request.once('close', () => timer.cancel());
      request.once('error', reject);
      request.end(delivery.body);
    });
  }
}

/** Client errors are final, but for "too many requests"; everything else but success is tried again. */
function outcomeOf(status: number): PerformedOutcome {
  const reason = `the endpoint answered ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  return status >= 400 && status < 500 && status !== 429
    ? { kind: 'refused', reason }
    : { kind: 'failed', reason };
}

import type { Clock } from '../../lib/core/clock.js';
import type { SdkRequestHandler } from '../../lib/testing/index.js';
import type { Chance } from './chance.js';
import type { ProcessWorld } from './process-world.js';
import type { NetworkFault } from './scenario.js';
import { listIn, readCall, toSdkResponse, type Send, type WireAnswer, type WireCall } from './wire-call.js';

/** What happens to one call on its way; undefined is a good way. */
export type Fate =
  | NetworkFault
  /** The service says no without doing anything. */
  | { readonly kind: 'answer-instead'; readonly answer: WireAnswer };

/** What a network is made of. */
export interface NetworkParts {
  readonly clock: Clock;
  /** Draws latencies. */
  readonly chance: Chance;
  readonly latencyMs: number;
  readonly fateOf: (call: WireCall) => Fate | undefined;
  /** The service, at the far end. */
  readonly serve: Send;
  /** Told what goes wrong with a call. */
  readonly onFate: (call: WireCall, fate: Fate) => void;
  /** Told when a request leaves a process, and when its answer has reached it. */
  readonly onDeparture: (call: WireCall, world: ProcessWorld) => void;
  readonly onDelivery: (call: WireCall, world: ProcessWorld, answer: WireAnswer) => void;
}

const OPENING_TURNS = 50;
const CALL_TIMEOUT_MS = 15_000;
const POLL_MARGIN_MS = 10_000;
/** What SDK v3 does by itself, on the clock of the process: the client's own retries run on the machine's clock. */
const STORE_TRIES = 3;
const STORE_RETRY_MS = 100;

/** One process's way to the services: a request handler for its SDK clients, with latency, losses and resets. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #world: ProcessWorld;
  readonly #change: (send: Send) => Send;
  #open = 0;
  #departures = 0;
  #isUsed = false;
  #outbox: { readonly kind: 'closed' | 'open' } | { readonly kind: 'opening'; readonly turns: number } = {
    kind: 'closed',
  };

  /** @param change what a broken build does to its calls */
  constructor(world: ProcessWorld, parts: NetworkParts, change: (send: Send) => Send) {
    this.#world = world;
    this.#parts = parts;
    this.#change = change;
  }

  /** Requests without an answer. */
  get openRequests(): number {
    return this.#open;
  }

  /** Requests that ever left. */
  get departures(): number {
    return this.#departures;
  }

  /** Whether an SDK client ever made a call. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /**
   * Whether a first message of an outbox is about to leave: its client is opened then, which takes turns of the event
   * loop, not time. Each question is one turn, and there are only so many: it may not leave at all.
   */
  isOpeningOutbox(): boolean {
    if (this.#outbox.kind !== 'opening' || this.#world.isDead) return false;
    const turns = this.#outbox.turns - 1;
    this.#outbox = turns === 0 ? { kind: 'closed' } : { kind: 'opening', turns };
    return true;
  }

  #followOutbox(call: WireCall, answer: WireAnswer | undefined): void {
    if (this.#outbox.kind === 'open') return;
    if (call.operation === 'SendMessageBatch' && String(call.input['QueueUrl']).includes('/outcomes'))
      this.#outbox = { kind: 'open' };
    else if (answer !== undefined && call.service === 'dynamodb' && mentionsOutbox(call, answer))
      this.#outbox = { kind: 'opening', turns: OPENING_TURNS };
  }

  /** The way of an SDK client to the services. */
  get handle(): SdkRequestHandler['handle'] {
    const send = this.#change((call, signal) => this.#send(call, signal));
    return async (request, options) => {
      this.#isUsed = true;
      return toSdkResponse(await send(readCall(request), options?.abortSignal as AbortSignal | undefined));
    };
  }

  async #send(call: WireCall, signal: AbortSignal | undefined): Promise<WireAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = call.service === 'sqs' || attempt === STORE_TRIES;
      try {
        const answer = await this.#exchange(call, signal);
        if (isLast || !isWorthRetry(answer)) return answer;
      } catch (error) {
        if (isLast) throw error;
      }
      await new Promise<void>(
        (resolve) => void this.#world.clock.schedule(STORE_RETRY_MS * attempt, resolve),
      );
    }
  }

  #exchange(call: WireCall, signal: AbortSignal | undefined): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(named('AbortError'));
        return;
      }
      if (!this.#world.leave(`${call.operation} leaves`)) return; // nobody is left who could wait
      this.#departures += 1;
      this.#open += 1;
      this.#parts.onDeparture(call, this.#world);
      this.#followOutbox(call, undefined);
      const socket = new AbortController();
      let isOver = false;
      const end = (act: () => void): void => {
        if (isOver) return;
        isOver = true;
        this.#open -= 1;
        timeout.cancel();
        forget();
        act();
      };
      const forget = this.#world.onParting(() => socket.abort());
      const timeout = this.#world.clock.schedule(timeoutOf(call), () => {
        end(() => reject(named('TimeoutError')));
        socket.abort();
      });
      const onAbort = (): void => {
        end(() => reject(named('AbortError')));
        socket.abort();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#carry(call, socket.signal, {
        answer: (answer) =>
          this.#world.enter(`answer to ${call.operation} comes`, () =>
            end(() => {
              this.#parts.onDelivery(call, this.#world, answer);
              this.#followOutbox(call, answer);
              resolve(answer);
            }),
          ),
        reset: () =>
          this.#world.enter(`reset of ${call.operation} comes`, () => end(() => reject(resetError()))),
      });
    });
  }

  /** There and back; the far end does its work at the moment the request arrives. */
  #carry(
    call: WireCall,
    socket: AbortSignal,
    client: { readonly answer: (answer: WireAnswer) => void; readonly reset: () => void },
  ): void {
    const { fateOf, serve } = this.#parts;
    this.#travel(() => {
      if (socket.aborted) return;
      const fate = fateOf(call);
      if (fate !== undefined) this.#parts.onFate(call, fate);
      if (fate?.kind === 'request-lost') return;
      if (fate?.kind === 'reset-before') {
        this.#travel(client.reset);
        return;
      }
      if (fate?.kind === 'answer-instead') {
        this.#travel(() => client.answer(fate.answer));
        return;
      }
      void serve(call, socket).then(
        (answer) => this.#bringBack(answer, fate, client),
        () => this.#travel(client.reset),
      );
    });
  }

  #bringBack(
    answer: WireAnswer,
    fate: NetworkFault | undefined,
    client: { readonly answer: (answer: WireAnswer) => void; readonly reset: () => void },
  ): void {
    switch (fate?.kind) {
      case 'answer-lost':
        return;
      case 'reset-after':
        this.#travel(client.reset);
        return;
      case 'error-after':
        this.#travel(() => client.answer(INTERNAL_ERROR));
        return;
      case 'slow':
        this.#travel(() => client.answer(answer), fate.delayMs);
        return;
      case 'damaged':
        this.#travel(() => client.answer(withDamage(answer)));
        return;
      default:
        this.#travel(() => client.answer(answer));
    }
  }

  #travel(arrive: () => void, extraMs = 0): void {
    const { clock, chance, latencyMs } = this.#parts;
    const delayMs = extraMs + (latencyMs === 0 ? 0 : chance.int(0, latencyMs));
    clock.schedule(delayMs, arrive);
  }
}

/** It stands in the member `box` of the record, on its way in or out. */
const mentionsOutbox = ({ input }: WireCall, { output }: WireAnswer): boolean =>
  JSON.stringify([input, output]).includes('"box"');

/** One body of those that were received has a character more: only its MD5 tells. */
function withDamage(answer: WireAnswer): WireAnswer {
  const [first, ...others] = listIn(answer.output, 'Messages');
  if (first === undefined) return answer;
  const Messages = [{ ...first, Body: `${String(first['Body'])} ` }, ...others];
  return { ...answer, output: { ...answer.output, Messages } };
}

const INTERNAL_ERROR: WireAnswer = { status: 500, output: { __type: 'InternalError', message: 'injected' } };

const isWorthRetry = ({ status, output }: WireAnswer): boolean =>
  status >= 500 || String(output['__type']).includes('Throughput');

const timeoutOf = ({ operation, input }: WireCall): number =>
  operation === 'ReceiveMessage'
    ? Number(input['WaitTimeSeconds'] ?? 0) * 1_000 + POLL_MARGIN_MS
    : CALL_TIMEOUT_MS;

const named = (name: string): Error => Object.assign(new Error(`${name} (injected)`), { name });

const resetError = (): Error => Object.assign(named('TimeoutError'), { code: 'ECONNRESET' });

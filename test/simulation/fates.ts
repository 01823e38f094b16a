import type { EmbeddedAws, FaultRule } from '../../lib/testing/index.js';
import { createChance, type Chance } from './chance.js';
import type { Fate } from './network.js';
import type { Disturbance, Scenario } from './scenario.js';
import type { WireCall } from './wire-call.js';

type Windowed = Extract<Disturbance, { readonly kind: 'network' | 'store-outage' }>;
type ServiceFault = Extract<Disturbance, { readonly kind: 'service' }>;

/** What the processes of a run call; operators' calls are left alone. */
const CALLED = ['ReceiveMessage', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch', 'SendMessageBatch'];

/** Decides what goes wrong with calls: on their way by its own, inside SQS by the rules of the emulator. */
export class Fates {
  readonly #windows: readonly { readonly window: Windowed; readonly chance: Chance }[];
  readonly #serviceFaults: readonly ServiceFault[];
  readonly #now: () => number;
  #isOver = false;

  constructor({ seed, disturbances }: Scenario, now: () => number) {
    this.#now = now;
    this.#windows = disturbances.flatMap((window) =>
      window.kind === 'network' || window.kind === 'store-outage'
        ? [{ window, chance: createChance(seed, JSON.stringify(window)) }]
        : [],
    );
    this.#serviceFaults = disturbances.filter((disturbance) => disturbance.kind === 'service');
  }

  /** When the rules of the emulator are to be set anew. */
  get changes(): readonly number[] {
    return this.#serviceFaults.flatMap(({ atMs, forMs }) => [atMs, atMs + forMs]);
  }

  /** Sets the rules that are in force now. */
  setRules(aws: EmbeddedAws): void {
    const inForce = this.#isOver ? [] : this.#serviceFaults.filter((fault) => this.#isInForce(fault));
    aws.faults.set(
      inForce.flatMap(({ operation, probability, effect }) =>
        (operation === undefined ? CALLED : [operation]).map((name): FaultRule => ({
          service: 'sqs',
          operation: name,
          probability,
          effect,
        })),
      ),
    );
  }

  /** From now on all goes well. */
  end(aws: EmbeddedAws): void {
    this.#isOver = true;
    this.setRules(aws);
  }

  /** What is to go wrong with a call that arrives now. */
  of({ service, operation }: WireCall): Fate | undefined {
    if (this.#isOver) return undefined;
    for (const { window, chance } of this.#windows) {
      const hitsService = window.kind === 'network' ? window.service : 'dynamodb';
      if (hitsService !== service || !this.#isInForce(window) || !chance.flip(window.probability)) continue;
      if (window.kind === 'store-outage') return REFUSALS[window.answer];
      if (window.fault.kind !== 'damaged' || operation === 'ReceiveMessage') return window.fault;
    }
    return undefined;
  }

  #isInForce({ atMs, forMs }: { readonly atMs: number; readonly forMs: number }): boolean {
    return this.#now() >= atMs && this.#now() < atMs + forMs;
  }
}

const REFUSALS: Readonly<Record<'throttle' | 'error', Fate>> = {
  throttle: {
    kind: 'answer-instead',
    answer: {
      status: 400,
      output: {
        __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
        message: 'injected',
      },
    },
  },
  error: {
    kind: 'answer-instead',
    answer: {
      status: 500,
      output: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'injected' },
    },
  },
};

import type { IdempotencyMode } from '../../lib/runtime/index.js';
import type { FaultEffect } from '../../lib/testing/index.js';

/** How one run of a handler goes. */
export interface TryPlan {
  readonly ms: number;
  readonly end: 'return' | 'throw' | 'dead-letter' | 'drop' | 'snooze' | 'never';
  /** Whether it ends (by throwing) when its signal aborts. */
  readonly heedsSignal: boolean;
}

/** One business fact that is sent: by the publisher, or as something no worker can read. */
export interface MessagePlan {
  readonly id: string;
  readonly group: string;
  readonly atMs: number;
  readonly publisher: string;
  readonly form: 'job' | 'invalid-json' | 'unknown-type' | 'wrong-schema' | 'no-envelope';
  /** The first run goes like the first of them, the next like the next; the last one repeats. */
  readonly tries: readonly TryPlan[];
}

/** What the network does to requests of one service: the ledger has to know what was done, so this is ours to play. */
export type NetworkFault =
  /** The request or its answer is lost; the client runs into its timeout. */
  | { readonly kind: 'request-lost' }
  | { readonly kind: 'answer-lost' }
  /** The connection is reset before the service saw the request, or after it did its work. */
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'reset-after' }
  /** The service did its work and answers 500. */
  | { readonly kind: 'error-after' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** What is received is damaged on the way. */
  | { readonly kind: 'damaged' };

/** One thing that goes wrong. Each can be left out without changing what the others draw. */
export type Disturbance =
  /** The process ends at its n-th await point: before a request leaves, or before an answer or a timer reaches it. */
  | {
      readonly kind: 'crash';
      readonly process: string;
      readonly step: number;
      readonly restartAfterMs: number;
      /** Whether SQS goes on answering long polls of the dead. */
      readonly isHalfOpen: boolean;
    }
  /** The process stands still, then goes on as if nothing had happened: a zombie. */
  | { readonly kind: 'freeze'; readonly process: string; readonly atMs: number; readonly forMs: number }
  /** From then on its wall clock is wrong by so much. */
  | { readonly kind: 'turn-clock'; readonly process: string; readonly atMs: number; readonly toMs: number }
  | {
      readonly kind: 'stop';
      readonly process: string;
      readonly atMs: number;
      readonly restartAfterMs: number;
    }
  | {
      readonly kind: 'network';
      readonly service: 'sqs' | 'dynamodb';
      readonly atMs: number;
      readonly forMs: number;
      readonly probability: number;
      readonly fault: NetworkFault;
    }
  | {
      readonly kind: 'service';
      readonly operation: string | undefined;
      readonly atMs: number;
      readonly forMs: number;
      readonly probability: number;
      readonly effect: FaultEffect;
    }
  /** DynamoDB throttles or fails without doing anything. */
  | {
      readonly kind: 'store-outage';
      readonly atMs: number;
      readonly forMs: number;
      readonly probability: number;
      readonly answer: 'throttle' | 'error';
    }
  | { readonly kind: 'redrive'; readonly atMs: number }
  | { readonly kind: 'purge'; readonly atMs: number };

/** A worker process. */
export interface WorkerPlan {
  readonly name: string;
  readonly startAtMs: number;
  /** Handlers at once, or bounds within which the worker finds it. */
  readonly concurrency: number | { readonly min: number; readonly max: number };
  /** By how much its wall clock is wrong. */
  readonly skewMs: number;
}

/** Everything one run is made of. Drawn from the seed; all chance inside the run comes from the seed as well. */
export interface Scenario {
  readonly seed: number;
  readonly queue: 'standard' | 'fair' | 'fifo';
  readonly mode: IdempotencyMode;
  readonly visibilityTimeoutSeconds: number;
  readonly handlerTimeoutSeconds: number;
  readonly drainTimeoutSeconds: number;
  readonly abortGraceSeconds: number;
  readonly maxReceiveCount: number;
  readonly retryBaseSeconds: number;
  /** Whether handlers publish with their transaction; mode `transactional` only. */
  readonly publishes: boolean;
  /** One way of a request takes 0 to this long. */
  readonly latencyMs: number;
  readonly workers: readonly WorkerPlan[];
  readonly messages: readonly MessagePlan[];
  readonly disturbances: readonly Disturbance[];
}

import { decideInvocationDeadlines } from '../../core/delivery/invocation-deadlines.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import { createHolding } from '../sqs/holding.js';
import { routesOf } from '../sqs/inbound.js';
import { openResources, type Resources } from '../sqs/resources.js';
import { createWorkerCalls } from '../sqs/worker-calls.js';
import type { CompiledWorkerOptions } from '../sqs/worker-options.js';
import type { WorkerEvent } from '../sqs/worker-events.js';
import { WorkerTally } from '../sqs/worker-tally.js';
import { Invocation } from './invocation.js';
import { compileLambdaOptions, type LambdaHandlerOptions } from './lambda-options.js';
import { readSqsEvent, type SqsBatchResponse, type SqsEvent } from './sqs-event.js';

/** What is asked of Lambda's context; its own type fits. */
export interface LambdaContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/**
 * A function for an SQS event source mapping. Rejects only where the batch as a whole can't be worked on; it then comes
 * back as a whole.
 * @throws {EVENT_INVALID} the event is not from a queue
 * @throws {BINDING_MISMATCH} the event is from another queue
 * @throws {DEPENDENCY_MISSING} an SDK client is not in the bundle
 */
export type LambdaHandler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

/**
 * Puts the handlers of a queue behind Lambda: the same `on(Message, handler)`, idempotency modes, error rules, backoff and
 * dead-lettering as a queue worker, on the batches an event source mapping brings. What failed is reported one by one, so
 * that a bad message never brings its batch back.
 *
 * Standard queues run up to `concurrency` messages at once. FIFO groups run in parallel, each in strict order; after a
 * failure the rest of that group is reported failed without being run. Delivery is at least once; `idempotency` says what
 * happens with copies. Call it outside the function's entry: options are checked and clients made once per environment.
 * @example
 * export const handler = createLambdaHandler({
 *   queue: 'Builds',
 *   idempotency: 'transactional',
 *   handlers: [on(PushReceived, async (push, ctx) => { ctx.write({ Put: { TableName: 'builds', Item: … } }); })],
 * });
 * @throws {INVALID_OPTIONS} {BINDING_MISSING} {BINDING_INVALID} {BINDING_MISMATCH} at once, before any event
 */
export function createLambdaHandler(options: LambdaHandlerOptions): LambdaHandler {
  const compiled = compileLambdaOptions(options, process.env);
  // Begun at once: the init phase has a whole CPU. Each invocation tells a failure, so nobody needs to hear of it before.
  const opening = openResources(compiled, 'lambda').then((resources) => new Environment(compiled, resources));
  opening.catch(() => undefined);
  return async (event, context) => {
    const time = {
      startedAt: compiled.clock.monotonic(),
      remainingMs: context.getRemainingTimeInMillis(),
      abortGraceMs: compiled.abortGraceSeconds * 1_000,
      visibilityTimeoutMs: compiled.visibilityTimeoutSeconds * 1_000,
    };
    const messages = readSqsEvent(event, compiled.binding);
    return (await opening).invoke(messages, decideInvocationDeadlines(time));
  };
}

/** One execution environment: clients and guard stay, invocations come and go. */
class Environment {
  readonly #options: CompiledWorkerOptions;
  readonly #resources: Resources;
  readonly #tally: WorkerTally;
  #invocations = 0;

  constructor(options: CompiledWorkerOptions, resources: Resources) {
    this.#options = options;
    this.#resources = resources;
    this.#tally = new WorkerTally(options.onEvent, resources.observation);
  }

  async invoke(
    messages: readonly ReceivedMessage[],
    deadlines: ReturnType<typeof decideInvocationDeadlines>,
  ): Promise<SqsBatchResponse> {
    const { clock, random, handlers } = this.#options;
    const receive = (this.#invocations += 1);
    this.#tally.tell({ kind: 'received', count: messages.length, requested: messages.length });
    let hasResponded = false;
    // A frozen environment may thaw in a later invocation: what is left of this one must find every right gone.
    const isOurs = (): boolean => !hasResponded && clock.monotonic() < deadlines.endsAt;
    const calls = createWorkerCalls(this.#resources.sqs, this.#options, {
      isHeld: isOurs,
      wantsRenewal: () => false,
    });
    const processing = {
      options: this.#options,
      routes: routesOf(handlers),
      guard: this.#resources.guard,
      claimChecks: this.#resources.claimChecks,
      outbox: this.#resources.outbox,
      observation: this.#resources.observation,
      clock,
      random,
      isHeld: (key: number): boolean => isOurs() && invocation.isOpen(key),
      tell: (event: WorkerEvent): void => this.#tally.tell(event),
    };
    const holdings = messages.map((message, key) => createHolding(key, message, { receive }));
    const invocation = new Invocation({ processing, calls, tally: this.#tally }, holdings, deadlines);
    try {
      return await invocation.run();
    } finally {
      hasResponded = true;
      this.#resources.observation?.flush();
    }
  }
}

import type { IdempotencyMode } from '../../lib/runtime/index.js';
import type { FaultEffect } from '../../lib/testing/index.js';
import { createChance, type Chance } from './chance.js';
import type { Disturbance, MessagePlan, NetworkFault, Scenario, TryPlan, WorkerPlan } from './scenario.js';

const STANDARD_MODES: readonly IdempotencyMode[] = ['transactional', 'lease', 'record-after', 'none'];
const FIFO_MODES: readonly IdempotencyMode[] = [...STANDARD_MODES, 'sequence', 'sequence'];
/** Clocks of workers in mode `lease` may differ by what the lease allows for, two seconds; in the others by hours. */
const LEASE_SKEW_MS = 900;
const WILD_SKEW_MS = 7_200_000;

/** What a scenario is drawn with beside its seed: a test that wants one mode or no faults says so. */
export interface DrawOptions {
  readonly mode?: IdempotencyMode;
  readonly queue?: Scenario['queue'];
  readonly isCalm?: boolean;
  /**
   * Leaves out what was added to the drawing later, so that a seed that once told of a defect draws what it drew then.
   * @default false
   */
  readonly isPlain?: boolean;
}

/** Draws the scenario of a seed. */
export function drawScenario(seed: number, options: DrawOptions = {}): Scenario {
  const chance = createChance(seed, 'scenario');
  const queue =
    options.queue ??
    (options.mode === 'sequence'
      ? 'fifo'
      : chance.pick(['standard', 'standard', 'fair', 'fifo', 'fifo'] as const));
  const mode = options.mode ?? chance.pick(queue === 'fifo' ? FIFO_MODES : STANDARD_MODES);
  const visibilityTimeoutSeconds = chance.pick([4, 6, 10, 20, 30]);
  const spanMs = chance.pick([2_000, 10_000, 40_000]);
  const workers = drawWorkers(chance, mode);
  const shape = { queue, mode, visibilityTimeoutSeconds, spanMs };
  const isCalm = options.isCalm ?? chance.flip(0.1);
  const messages = drawMessages(createChance(seed, 'messages'), shape);
  const extras = createChance(seed, 'extras');
  const isPlain = options.isPlain ?? false;
  return {
    seed,
    queue,
    mode,
    visibilityTimeoutSeconds,
    handlerTimeoutSeconds: chance.pick([2, 8, 45]),
    drainTimeoutSeconds: chance.pick([0, 2, 20]),
    abortGraceSeconds: chance.pick([0, 1, 3]),
    maxReceiveCount: chance.pick([3, 5, 10]),
    retryBaseSeconds: chance.pick([0.2, 1, 3]),
    latencyMs: chance.pick([0, 3, 40, 400]),
    publishes: !isPlain && mode === 'transactional' && extras.flip(0.7),
    workers: workers.map((worker) => (!isPlain && extras.flip(0.2) ? withBounds(worker) : worker)),
    messages,
    disturbances: isCalm
      ? []
      : [
          ...drawDisturbances(createChance(seed, 'disturbances'), shape, workers),
          ...(isPlain ? [] : drawRareDisturbances(extras, shape, messages)),
        ],
  };
}

const withBounds = (worker: WorkerPlan): WorkerPlan => ({
  ...worker,
  concurrency: { min: 1, max: Number(worker.concurrency) },
});

/** What happens to publishers, and to bodies on their way. */
function drawRareDisturbances(
  chance: Chance,
  shape: Shape,
  messages: readonly MessagePlan[],
): readonly Disturbance[] {
  const process = chance.pick(messages).publisher;
  const atMs = chance.int(0, shape.spanMs);
  const forMs = chance.int(100, 20_000);
  const drawn: readonly Disturbance[] = [
    { kind: 'freeze', process, atMs, forMs },
    { ...drawCrash(chance, [process]) },
    { kind: 'network', service: 'sqs', atMs, forMs, probability: 0.5, fault: { kind: 'damaged' } },
  ];
  return drawn.filter(() => chance.flip(0.15));
}

interface Shape {
  readonly queue: Scenario['queue'];
  readonly mode: IdempotencyMode;
  readonly visibilityTimeoutSeconds: number;
  readonly spanMs: number;
}

function drawWorkers(chance: Chance, mode: IdempotencyMode): readonly WorkerPlan[] {
  const reach = mode === 'lease' ? LEASE_SKEW_MS : WILD_SKEW_MS;
  return Array.from({ length: chance.int(1, 3) }, (_, index) => ({
    name: `worker-${index + 1}`,
    startAtMs: index === 0 ? 0 : chance.int(0, 5_000),
    concurrency: chance.pick([1, 2, 4, 10]),
    skewMs: chance.flip(0.5) ? 0 : chance.int(-reach, reach),
  }));
}

function drawMessages(chance: Chance, shape: Shape): readonly MessagePlan[] {
  const groups = chance.int(1, 4);
  const publishers = chance.int(1, 2);
  const messages: MessagePlan[] = [];
  const count = chance.int(4, 18);
  for (let n = 1; n <= count; n += 1) {
    const plan: MessagePlan = {
      id: `m${n}`,
      group: `g${chance.int(1, groups)}`,
      atMs: chance.int(0, shape.spanMs),
      publisher: `publisher-${chance.int(1, publishers)}`,
      form: chance.flip(0.9)
        ? 'job'
        : chance.pick(['invalid-json', 'unknown-type', 'wrong-schema', 'no-envelope'] as const),
      tries: drawTries(chance, shape),
    };
    messages.push(plan);
    // The same business fact, published again: by an upstream that retries, or much later.
    if (plan.form === 'job' && chance.flip(0.15))
      messages.push({ ...plan, atMs: plan.atMs + chance.pick([0, 500, 6_000, 30_000]) });
  }
  return messages;
}

function drawTries(chance: Chance, { visibilityTimeoutSeconds }: Shape): readonly TryPlan[] {
  const tries = Array.from({ length: chance.flip(0.7) ? 0 : chance.int(1, 2) }, () =>
    drawTry(chance, visibilityTimeoutSeconds, true),
  );
  return [...tries, drawTry(chance, visibilityTimeoutSeconds, chance.flip(0.04))];
}

function drawTry(chance: Chance, visibilityTimeoutSeconds: number, fails: boolean): TryPlan {
  const ms = chance.flip(0.75)
    ? chance.pick([0, 5, 50, 400, 1_500])
    : chance.int(1_000, visibilityTimeoutSeconds * 2_500);
  const failure = chance.pick(['throw', 'throw', 'throw', 'snooze', 'dead-letter', 'drop', 'never'] as const);
  return { ms, end: fails ? failure : 'return', heedsSignal: chance.flip(0.7) };
}

function drawDisturbances(
  chance: Chance,
  shape: Shape,
  workers: readonly WorkerPlan[],
): readonly Disturbance[] {
  const names = workers.map(({ name }) => name);
  return Array.from({ length: chance.int(1, 6) }, () => drawDisturbance(chance, shape, names));
}

function drawDisturbance(chance: Chance, shape: Shape, workers: readonly string[]): Disturbance {
  const atMs = chance.int(0, shape.spanMs);
  const forMs = chance.pick([200, 2_000, 10_000, 30_000]);
  const process = chance.pick(workers);
  const roll = chance.next();
  if (roll < 0.25) return drawCrash(chance, [...workers, 'publisher-1']);
  if (roll < 0.4)
    return { kind: 'freeze', process, atMs, forMs: chance.int(100, shape.visibilityTimeoutSeconds * 3_000) };
  if (roll < 0.48) {
    const reach = shape.mode === 'lease' ? LEASE_SKEW_MS : WILD_SKEW_MS;
    return { kind: 'turn-clock', process, atMs, toMs: chance.int(-reach, reach) };
  }
  if (roll < 0.56) return { kind: 'stop', process, atMs, restartAfterMs: chance.pick([0, 1_000, 20_000]) };
  if (roll < 0.74) {
    const service = shape.mode !== 'none' && chance.flip(0.4) ? 'dynamodb' : 'sqs';
    return {
      kind: 'network',
      service,
      atMs,
      forMs,
      probability: drawRate(chance),
      fault: drawNetworkFault(chance),
    };
  }
  if (roll < 0.9)
    return { kind: 'service', atMs, forMs, probability: drawRate(chance), ...drawServiceFault(chance) };
  if (roll < 0.95)
    return {
      kind: 'store-outage',
      atMs,
      forMs,
      probability: drawRate(chance),
      answer: chance.pick(['throttle', 'error'] as const),
    };
  if (roll < 0.985) return { kind: 'redrive', atMs: atMs + 10_000 };
  return { kind: 'purge', atMs };
}

const drawRate = (chance: Chance): number => chance.pick([0.1, 0.3, 1]);

function drawCrash(chance: Chance, processes: readonly string[]): Disturbance {
  return {
    kind: 'crash',
    process: chance.pick(processes),
    step: chance.int(1, chance.pick([10, 40, 150])),
    restartAfterMs: chance.pick([100, 3_000, 25_000]),
    isHalfOpen: chance.flip(0.5),
  };
}

function drawNetworkFault(chance: Chance): NetworkFault {
  const kind = chance.pick([
    'request-lost',
    'answer-lost',
    'reset-before',
    'reset-after',
    'error-after',
    'slow',
  ] as const);
  return kind === 'slow' ? { kind, delayMs: chance.pick([500, 2_500, 9_000]) } : { kind };
}

const SERVICE_FAULTS: readonly { readonly operation: string | undefined; readonly effect: FaultEffect }[] = [
  { operation: undefined, effect: { kind: 'throttle' } },
  { operation: undefined, effect: { kind: 'error', when: 'before' } },
  { operation: undefined, effect: { kind: 'throttle-entries', share: 0.5 } },
  { operation: 'ChangeMessageVisibilityBatch', effect: { kind: 'throttle' } },
  { operation: 'DeleteMessageBatch', effect: { kind: 'throttle-entries', share: 0.7 } },
  { operation: 'SendMessageBatch', effect: { kind: 'hazard', hazard: 'duplicate' } },
  { operation: 'ReceiveMessage', effect: { kind: 'hazard', hazard: 'duplicate' } },
  { operation: 'ReceiveMessage', effect: { kind: 'hazard', hazard: 'reorder' } },
  { operation: 'ReceiveMessage', effect: { kind: 'hazard', hazard: 'miss' } },
  { operation: 'DeleteMessageBatch', effect: { kind: 'hazard', hazard: 'forget' } },
];

function drawServiceFault(chance: Chance): (typeof SERVICE_FAULTS)[number] {
  return chance.pick(SERVICE_FAULTS);
}

import fc from 'fast-check';
import { arnOf, setupSqs, type Received, type Sqs } from './setup.js';

const VISIBILITY_MS = 30_000;
const MAX_RECEIVES = 3;
const GROUPS = ['a', 'b', 'c'];

/** What a queue must be doing, told from the outside in the simplest way there is. */
interface ModelMessage {
  readonly body: string;
  readonly group: string;
  receives: number;
  /** Epoch ms until which somebody holds it; 0 when nobody does. */
  heldUntil: number;
}

interface Model {
  /** In order of arrival. */
  messages: ModelMessage[];
  dead: string[];
  sent: number;
  /** Every message ever handed out, with what was handed out. */
  readonly handles: { readonly body: string; readonly handle: string; readonly receive: number }[];
}

interface Real {
  readonly sqs: Sqs;
  readonly url: string;
  readonly dead: string;
  readonly isFifo: boolean;
}

const isHeld = (message: ModelMessage, now: number): boolean => message.heldUntil > now;

function agree(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected);
}

function agreeAllIn(bodies: readonly string[], messages: readonly ModelMessage[]): void {
  expect(messages.map(({ body }) => body)).toEqual(expect.arrayContaining([...bodies]));
}

/** The messages a receive may return: on a FIFO queue those of groups nobody holds a message of. */
const available = ({ messages }: Model, { sqs, isFifo }: Real): readonly ModelMessage[] =>
  messages.filter(
    (message) =>
      !isHeld(message, sqs.now) &&
      !(isFifo && messages.some((other) => other.group === message.group && isHeld(other, sqs.now))),
  );

class Send implements fc.Command<Model, Real> {
  readonly group: string;

  constructor(group: string) {
    this.group = group;
  }

  check = (): boolean => true;

  run(model: Model, { sqs, url, isFifo }: Real): void {
    const body = `m${model.sent}`;
    model.sent += 1;
    sqs.send(url, body, {
      MessageGroupId: this.group,
      ...(isFifo ? { MessageDeduplicationId: body } : {}),
    });
    model.messages.push({ body, group: this.group, receives: 0, heldUntil: 0 });
  }

  toString = (): string => `send(${this.group})`;
}

class Receive implements fc.Command<Model, Real> {
  readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  check = (): boolean => true;

  run(model: Model, real: Real): void {
    const { sqs, url, isFifo } = real;
    const before = available(model, real);
    const received = sqs.receive(url, { MaxNumberOfMessages: this.max });
    const exhausted = before.filter((message) => message.receives >= MAX_RECEIVES);
    const fresh = before.filter((message) => message.receives < MAX_RECEIVES);
    // No message is invented, none is handed out while somebody holds it, and a receive finds what there is.
    const bodies = received.map((message) => message.Body);
    agree(new Set(bodies).size, bodies.length);
    agreeAllIn(bodies, fresh);
    agree(bodies.length, Math.min(this.max, fresh.length));
    if (isFifo) expectGroupOrder(bodies, fresh);
    for (const message of received) this.#take(model, message, sqs.now);
    moveExhausted(model, real, exhausted);
  }

  #take(model: Model, { Body, ReceiptHandle, Attributes }: Received, now: number): void {
    const message = model.messages.find(({ body }) => body === Body);
    if (message === undefined) throw new Error(`${Body} was invented`);
    message.receives += 1;
    message.heldUntil = now + VISIBILITY_MS;
    agree(Attributes?.['ApproximateReceiveCount'], String(message.receives));
    model.handles.push({ body: Body, handle: ReceiptHandle, receive: message.receives });
  }

  toString = (): string => `receive(${this.max})`;
}

/** Within a group, what is handed out is the front of what there is, in order. */
function expectGroupOrder(bodies: readonly string[], fresh: readonly ModelMessage[]): void {
  for (const group of GROUPS) {
    const inGroup = fresh.filter((message) => message.group === group).map(({ body }) => body);
    const out = bodies.filter((body) => inGroup.includes(body));
    expect(out).toEqual(inGroup.slice(0, out.length));
  }
}

/** A receive may have met exhausted messages on its way; those are then in the dead-letter queue and nowhere else. */
function moveExhausted(model: Model, real: Real, exhausted: readonly ModelMessage[]): void {
  const moved = drainDead(real);
  agreeAllIn(moved, exhausted);
  model.dead.push(...moved);
  model.messages = model.messages.filter(({ body }) => !moved.includes(body));
}

function drainDead({ sqs, dead }: Real): readonly string[] {
  const bodies: string[] = [];
  for (let got = sqs.receive(dead, TEN); got.length > 0; got = sqs.receive(dead, TEN)) {
    for (const { Body, ReceiptHandle } of got) {
      bodies.push(Body);
      sqs.call('DeleteMessage', { QueueUrl: dead, ReceiptHandle });
    }
  }
  return bodies;
}

const TEN = { MaxNumberOfMessages: 10 };

class Delete implements fc.Command<Model, Real> {
  readonly pick: number;

  constructor(pick: number) {
    this.pick = pick;
  }

  check = (model: Readonly<Model>): boolean => model.handles.length > 0;

  run(model: Model, { sqs, url, isFifo }: Real): void {
    const chosen = model.handles.at(-1 - (this.pick % Math.min(12, model.handles.length)))!;
    const message = model.messages.find(({ body }) => body === chosen.body);
    const hasRight = message?.receives === chosen.receive;
    const mayDelete = hasRight && (!isFifo || isHeld(message, sqs.now));
    const input = { QueueUrl: url, ReceiptHandle: chosen.handle };
    const result = sqs.engine.call({ operation: 'DeleteMessage', input }, sqs.now);
    // Only the latest handle deletes; on a standard queue an old one succeeds and does nothing.
    agree(result.kind, isFifo && message !== undefined && !mayDelete ? 'fault' : 'output');
    if (mayDelete) model.messages = model.messages.filter((one) => one !== message);
  }

  toString = (): string => `delete(${this.pick})`;
}

class ChangeVisibility implements fc.Command<Model, Real> {
  readonly pick: number;
  readonly seconds: number;

  constructor(pick: number, seconds: number) {
    this.pick = pick;
    this.seconds = seconds;
  }

  check = (model: Readonly<Model>): boolean => model.handles.length > 0;

  run(model: Model, { sqs, url }: Real): void {
    const chosen = model.handles.at(-1 - (this.pick % Math.min(12, model.handles.length)))!;
    const message = model.messages.find(({ body }) => body === chosen.body);
    const input = { QueueUrl: url, ReceiptHandle: chosen.handle, VisibilityTimeout: this.seconds };
    const result = sqs.engine.call({ operation: 'ChangeMessageVisibility', input }, sqs.now);
    const hasRight = message?.receives === chosen.receive && isHeld(message, sqs.now);
    agree(result.kind, hasRight ? 'output' : 'fault');
    if (hasRight) message.heldUntil = sqs.now + this.seconds * 1000;
  }

  toString = (): string => `changeVisibility(${this.pick}, ${this.seconds})`;
}

class Wait implements fc.Command<Model, Real> {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  check = (): boolean => true;

  run(_model: Model, { sqs }: Real): void {
    sqs.now += this.ms;
    sqs.engine.advance(sqs.now);
    const deadline = sqs.engine.nextDeadline();
    agree(deadline === undefined || deadline > sqs.now, true);
  }

  toString = (): string => `wait(${this.ms})`;
}

const COMMANDS = [
  fc.constantFrom(...GROUPS).map((group) => new Send(group)),
  fc.constantFrom(...GROUPS).map((group) => new Send(group)),
  fc.integer({ min: 1, max: 10 }).map((max) => new Receive(max)),
  fc.integer({ min: 1, max: 10 }).map((max) => new Receive(max)),
  fc.nat().map((pick) => new Delete(pick)),
  fc
    .tuple(fc.nat(), fc.integer({ min: 0, max: 60 }))
    .map(([pick, seconds]) => new ChangeVisibility(pick, seconds)),
  fc.constantFrom(1, 1_000, VISIBILITY_MS - 1, VISIBILITY_MS, 2 * VISIBILITY_MS).map((ms) => new Wait(ms)),
];

function setup(isFifo: boolean): Real {
  const suffix = isFifo ? '.fifo' : '';
  const sqs = setupSqs({ areLimitsEnforced: false });
  const dead = sqs.create(`dead${suffix}`);
  const url = sqs.create(`jobs${suffix}`, {
    VisibilityTimeout: String(VISIBILITY_MS / 1000),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: arnOf(`dead${suffix}`),
      maxReceiveCount: MAX_RECEIVES,
    }),
  });
  return { sqs, url, dead, isFifo };
}

/** In the end every message is deleted, in the dead-letter queue, or comes out of the queue once more. */
function expectNothingLost(model: Model, real: Real): void {
  const { sqs, url, isFifo } = real;
  sqs.now += 2 * VISIBILITY_MS;
  const remaining = new Set<string>();
  for (let round = 0; round < model.sent + 1; round += 1) {
    for (const message of sqs.receive(url, { MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 })) {
      expect(remaining).not.toContain(message.Body);
      remaining.add(message.Body);
      if (isFifo) sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message.ReceiptHandle });
    }
    model.dead.push(...drainDead(real));
  }
  const left = model.messages.map(({ body }) => body).filter((body) => !model.dead.includes(body));
  expect([...remaining].sort()).toEqual(left.sort());
  expect(new Set(model.dead).size).toBe(model.dead.length);
}

describe.each([
  ['standard', false],
  ['FIFO', true],
] as const)('%s queue against a model', (_name, isFifo) => {
  it('loses and invents nothing, keeps the order it promises, and gives one live right per receive', () => {
    fc.assert(
      fc.property(fc.commands(COMMANDS, { maxCommands: 80, size: 'max' }), (commands) => {
        const real = setup(isFifo);
        const model: Model = { messages: [], dead: [], sent: 0, handles: [] };
        fc.modelRun(() => ({ model, real }), commands);
        expectNothingLost(model, real);
      }),
      { numRuns: 80 },
    );
  });
});

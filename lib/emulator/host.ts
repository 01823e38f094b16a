import type { Clock, Timer } from '../core/clock.js';
import type {
  ApiCall,
  ApiFault,
  ApiResult,
  Engine,
  EventSource,
  ServiceName,
  StreamEvent,
} from './engine.js';

/** Who made a call, as far as the emulator must know: whether anybody still waits for the answer. */
export interface Caller {
  /** Calls back once when the caller goes away before the answer; at once when it is gone already. */
  whenGone(onGone: () => void): void;
}

/** A final answer of an engine: nothing is left to wait for but the events of a stream. */
export type HostAnswer =
  | { readonly kind: 'output'; readonly output: Readonly<Record<string, unknown>> }
  | { readonly kind: 'fault'; readonly fault: ApiFault }
  | { readonly kind: 'events'; readonly events: AsyncIterable<StreamEvent> }
  /** The caller went away while the engine waited; nobody is to be answered. */
  | { readonly kind: 'abandoned' };

type WaitingResult = Extract<ApiResult, { readonly kind: 'wait' }>;

interface Waiting {
  result: WaitingResult;
  readonly settle: (answer: HostAnswer) => void;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** Whose state may have changed when a service was called: SNS delivers into SQS. */
const TOUCHED_BY: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  sqs: ['sqs'],
  sns: ['sns', 'sqs'],
  kinesis: ['kinesis'],
  s3: ['s3'],
};
const EVERY_SERVICE: readonly ServiceName[] = ['sqs', 'sns', 'kinesis', 's3'];

/**
 * Drives engines on a clock: hands them calls and the time, keeps long polls until the engine changed or their time is
 * up, pulls event streams, and sets the one timer that the earliest deadline needs. With a virtual clock hours of
 * retention pass in milliseconds, and nothing here can tell.
 */
export class EngineHost {
  readonly #clock: Clock;
  readonly #engines: ReadonlyMap<ServiceName, Engine>;
  readonly #waiting: Readonly<Record<ServiceName, Set<Waiting>>> = {
    sqs: new Set(),
    sns: new Set(),
    kinesis: new Set(),
    s3: new Set(),
  };
  readonly #sleepers: Readonly<Record<ServiceName, Set<Sleeper>>> = {
    sqs: new Set(),
    sns: new Set(),
    kinesis: new Set(),
    s3: new Set(),
  };
  readonly #onChange: () => void;
  readonly #startedAt: { readonly wall: number; readonly monotonic: number };
  #armed: { readonly at: number; readonly timer: Timer } | undefined;
  #isClosed = false;

  /** @param onChange called after calls and after time did its work: to send what an engine wants sent */
  constructor(clock: Clock, engines: readonly Engine[], onChange: () => void = () => undefined) {
    this.#clock = clock;
    this.#startedAt = { wall: clock.now(), monotonic: clock.monotonic() };
    this.#engines = new Map(engines.map((engine) => [engine.service, engine]));
    this.#onChange = onChange;
  }

  /**
   * The time engines are given, epoch milliseconds: the wall clock at the start and what went by since. The services
   * don't share their clients' clock at AWS, so turning the machine's clock must not turn theirs.
   */
  now(): number {
    return Math.floor(this.#startedAt.wall + this.#clock.monotonic() - this.#startedAt.monotonic);
  }

  /** Makes one call. Resolves when there is an answer, or when the caller is gone. */
  call(service: ServiceName, call: ApiCall, caller: Caller): Promise<HostAnswer> {
    const engine = this.#engines.get(service);
    if (engine === undefined) return Promise.resolve({ kind: 'fault', fault: notRunning(service) });
    const result = engine.call(call, this.now());
    switch (result.kind) {
      case 'output':
      case 'fault':
        this.touch(service);
        return Promise.resolve(result);
      case 'stream':
        this.touch(service);
        return Promise.resolve({ kind: 'events', events: this.#pull(service, result.stream, caller) });
      case 'wait':
        return this.#wait(service, result, caller);
    }
  }

  /** Says that a service changed outside a call: wakes who waits for it and looks at the deadlines anew. */
  touch(service: ServiceName): void {
    if (this.#isClosed) return;
    this.#onChange();
    this.#wake(TOUCHED_BY[service]);
    this.#arm();
  }

  /** Ends every wait and stream; engines are driven no further. */
  close(): void {
    this.#isClosed = true;
    this.#armed?.timer.cancel();
    this.#armed = undefined;
    for (const service of EVERY_SERVICE) {
      for (const waiting of [...this.#waiting[service]]) {
        waiting.result.abandon();
        this.#waiting[service].delete(waiting);
        waiting.settle({ kind: 'abandoned' });
      }
      for (const sleeper of [...this.#sleepers[service]]) sleeper.wake();
    }
  }

  #wait(service: ServiceName, result: WaitingResult, caller: Caller): Promise<HostAnswer> {
    return new Promise((settle) => {
      const waiting: Waiting = { result, settle };
      this.#waiting[service].add(waiting);
      this.#arm();
      caller.whenGone(() => {
        if (!this.#waiting[service].delete(waiting)) return;
        waiting.result.abandon();
        settle({ kind: 'abandoned' });
      });
    });
  }

  #wake(services: readonly ServiceName[]): void {
    for (const service of services) {
      for (const waiting of this.#waiting[service]) this.#retry(service, waiting);
      for (const sleeper of [...this.#sleepers[service]]) sleeper.wake();
    }
  }

  #retry(service: ServiceName, waiting: Waiting): void {
    const result = waiting.result.retry(this.now());
    switch (result.kind) {
      case 'wait':
        waiting.result = result;
        return;
      case 'output':
      case 'fault':
        this.#waiting[service].delete(waiting);
        waiting.settle(result);
        return;
      case 'stream':
        throw new TypeError('a long poll can only end in an output or a fault');
    }
  }

  async *#pull(service: ServiceName, source: EventSource, caller: Caller): AsyncGenerator<StreamEvent> {
    const departure = { isGone: false, wakeUp: (): void => undefined };
    caller.whenGone(() => {
      departure.isGone = true;
      source.close(this.now());
      departure.wakeUp();
    });
    const isOver = (): boolean => departure.isGone || this.#isClosed;
    try {
      while (!isOver()) {
        const { events, ended, nextAt } = source.next(this.now());
        yield* events;
        if (ended || isOver()) return;
        await this.#sleepUntil(service, nextAt, (wake) => (departure.wakeUp = wake));
      }
    } finally {
      source.close(this.now());
    }
  }

  #sleepUntil(service: ServiceName, wakeAt: number, give: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers[service].delete(sleeper);
        resolve();
      };
      const sleeper: Sleeper = { wakeAt, wake };
      this.#sleepers[service].add(sleeper);
      give(wake);
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#isClosed) return;
    const at = this.#earliestDeadline();
    if (this.#armed !== undefined && this.#armed.at <= at) return;
    this.#armed?.timer.cancel();
    this.#armed = undefined;
    if (at === Infinity) return;
    const timer = this.#clock.schedule(Math.max(0, at - this.now()), () => this.#onDue());
    this.#armed = { at, timer };
  }

  #onDue(): void {
    this.#armed = undefined;
    const now = this.now();
    for (const engine of this.#engines.values()) engine.advance(now);
    this.#onChange();
    this.#wake(EVERY_SERVICE);
    this.#arm();
  }

  #earliestDeadline(): number {
    let earliest = Infinity;
    for (const engine of this.#engines.values())
      earliest = Math.min(earliest, engine.nextDeadline() ?? Infinity);
    for (const service of EVERY_SERVICE) {
      for (const { result } of this.#waiting[service]) earliest = Math.min(earliest, result.until);
      for (const { wakeAt } of this.#sleepers[service]) earliest = Math.min(earliest, wakeAt);
    }
    return earliest;
  }
}

const notRunning = (service: ServiceName): ApiFault => ({
  code: 'UnknownOperationException',
  message: `${service} is not part of this emulator`,
  status: 400,
});

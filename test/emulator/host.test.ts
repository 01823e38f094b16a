import type { ApiResult, Engine, EventSource } from '../../lib/emulator/engine.js';
import { EngineHost, type Caller } from '../../lib/emulator/host.js';
import { createVirtualClock } from '../../lib/testing/virtual-clock.js';

const STAYING: Caller = { whenGone: () => undefined };
const CALL = { operation: 'Any', input: {} };

/** A queue of texts: `Put` adds one, `Take` waits for one up to a second. */
function createTextEngine(start: number) {
  const texts: string[] = [];
  const seen = { abandoned: 0, advancedAt: [] as number[] };
  let deadline: number | undefined;
  const take =
    (until: number) =>
    (now: number): ApiResult => {
      const text = texts.shift();
      if (text !== undefined) return { kind: 'output', output: { text } };
      if (now >= until) return { kind: 'output', output: {} };
      return { kind: 'wait', until, retry: take(until), abandon: () => void (seen.abandoned += 1) };
    };
  const engine: Engine = {
    service: 'sqs',
    call: ({ operation, input }, now) => {
      if (operation === 'Take') return take(start + 1_000)(now);
      texts.push(String(input['text']));
      return { kind: 'output', output: {} };
    },
    advance: (now) => {
      seen.advancedAt.push(now - start);
      if (deadline !== undefined && deadline <= now) deadline = undefined;
    },
    nextDeadline: () => deadline,
  };
  return { engine, texts, seen, setDeadline: (at: number) => void (deadline = at) };
}

function setup() {
  const clock = createVirtualClock();
  const fake = createTextEngine(clock.now());
  const host = new EngineHost(clock, [fake.engine]);
  const put = (text: string) => host.call('sqs', { operation: 'Put', input: { text } }, STAYING);
  const take = (caller = STAYING) => host.call('sqs', { operation: 'Take', input: {} }, caller);
  return { ...fake, clock, host, put, take };
}

describe('EngineHost', () => {
  it('answers a long poll when another call changed the engine', async () => {
    const { take, put } = setup();
    const polled = take();

    await put('hello');

    expect(await polled).toEqual({ kind: 'output', output: { text: 'hello' } });
  });

  it('answers a long poll for good at its deadline', async () => {
    const { take, clock } = setup();
    const polled = take();

    await clock.advanceBy(1_000);

    expect(await polled).toEqual({ kind: 'output', output: {} });
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives one message to one of several polls, the first', async () => {
    const { take, put, clock } = setup();
    const polls = [take(), take()];

    await put('once');
    await clock.advanceBy(1_000);

    expect(await Promise.all(polls)).toEqual([
      { kind: 'output', output: { text: 'once' } },
      { kind: 'output', output: {} },
    ]);
  });

  it('takes nothing for a caller that is gone', async () => {
    const { take, put, texts, seen } = setup();
    let leave: () => void = () => undefined;
    const polled = take({ whenGone: (onGone) => (leave = onGone) });

    leave();
    await put('kept');

    expect(await polled).toEqual({ kind: 'abandoned' });
    expect([texts, seen.abandoned]).toEqual([['kept'], 1]);
  });

  it('lets time do its work when the engine has a deadline, with one timer', async () => {
    const { host, clock, setDeadline, seen } = setup();
    setDeadline(clock.now() + 500);
    host.touch('sqs');

    const timers = clock.pendingTimers;
    await clock.advanceBy(600);

    expect(timers).toBe(1);
    expect(seen.advancedAt).toEqual([500]);
  });

  it('gives engines a time that a turned wall clock does not turn', async () => {
    const { host, clock } = setup();
    const before = host.now();

    clock.skewBy(-3_600_000);
    await clock.advanceBy(10);

    expect(host.now() - before).toBe(10);
  });

  it('ends polls when it closes', async () => {
    const { host, take, clock } = setup();
    const polled = take();

    host.close();

    expect(await polled).toEqual({ kind: 'abandoned' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('closes an event source when its reader stops reading', async () => {
    const clock = createVirtualClock();
    let closed = 0;
    const source: EventSource = {
      next: (now) => ({
        events: [{ type: 'Tick', isException: false, payload: {} }],
        ended: false,
        nextAt: now + 5_000,
      }),
      close: () => void (closed += 1),
    };
    const host = new EngineHost(clock, [
      {
        service: 'kinesis',
        call: () => ({ kind: 'stream', stream: source }),
        advance: () => undefined,
        nextDeadline: () => undefined,
      },
    ]);

    const answer = await host.call('kinesis', CALL, STAYING);
    const events = answer.kind === 'events' ? answer.events[Symbol.asyncIterator]() : undefined;
    const first = await events?.next();
    await events?.return?.();

    expect(first?.value).toMatchObject({ type: 'Tick' });
    expect(closed).toBe(1);
  });

  it('refuses a service that is not part of it', async () => {
    expect(await setup().host.call('sns', CALL, STAYING)).toMatchObject({
      kind: 'fault',
      fault: { code: 'UnknownOperationException' },
    });
  });
});

import { WakeTimer } from '../../../lib/runtime/sqs/wake-timer.js';
import { createFakeClock } from '../support/fake-clock.js';

function setup() {
  const clock = createFakeClock(0);
  const wakes: number[] = [];
  let timersSet = 0;
  const counting = {
    ...clock,
    schedule: (delayMs: number, onDue: () => void) => {
      timersSet += 1;
      return clock.schedule(delayMs, onDue);
    },
  };
  const timer = new WakeTimer({
    clock: counting,
    stallMs: 1_000,
    onDue: () => void wakes.push(clock.monotonic()),
    onStall: () => undefined,
  });
  return { clock, timer, wakes, timersSet: () => timersSet };
}

describe('a wake timer', () => {
  it('wakes once, when it is due', async () => {
    const { clock, timer, wakes } = setup();
    timer.arm(500);
    await clock.advance(2_000);
    expect(wakes).toEqual([500]);
  });

  it('wakes earlier when something else comes first', async () => {
    const { clock, timer, wakes } = setup();
    timer.arm(500);
    timer.arm(200);
    await clock.advance(300);
    expect(wakes).toEqual([200]);
  });

  it('is put off again and again at the price of one timer, and wakes at the last time only', async () => {
    const { clock, timer, wakes, timersSet } = setup();
    for (let at = 500; at <= 900; at += 1) timer.arm(at);
    expect(timersSet()).toBe(1);
    await clock.advance(2_000);
    expect(wakes).toEqual([900]);
    expect(timersSet()).toBe(2);
  });

  it('does not wake when there is nothing to wake for any more', async () => {
    const { clock, timer, wakes } = setup();
    timer.arm(500);
    timer.arm(undefined);
    await clock.advance(2_000);
    expect([wakes, clock.pending]).toEqual([[], 0]);
  });
});

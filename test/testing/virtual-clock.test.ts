import { createVirtualClock } from '../../lib/testing/virtual-clock.js';

describe('createVirtualClock', () => {
  it('stands still until it is moved', () => {
    const clock = createVirtualClock({ startAt: 1_000 });

    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  });

  it('fires timers in the order of their time, equal ones in the order they were set', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    clock.schedule(20, () => fired.push('late'));
    clock.schedule(10, () => fired.push('first'));
    clock.schedule(10, () => fired.push('second'));

    await clock.advanceBy(20);

    expect(fired).toEqual(['first', 'second', 'late']);
  });

  it('shows each timer its own time', async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const seen: number[] = [];
    clock.schedule(10, () => seen.push(clock.now()));
    clock.schedule(30, () => seen.push(clock.now()));

    await clock.advanceBy(100);

    expect(seen).toEqual([10, 30]);
    expect(clock.now()).toBe(100);
  });

  it('fires what is set on the way, also by promises that timers settle', async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const seen: number[] = [];
    const wait = (delayMs: number) => new Promise<void>((resolve) => void clock.schedule(delayMs, resolve));
    const walk = (async () => {
      for (let step = 0; step < 3; step += 1) {
        await wait(10);
        seen.push(clock.now());
      }
    })();

    await clock.advanceBy(30);
    await walk;

    expect(seen).toEqual([10, 20, 30]);
  });

  it('forgets a cancelled timer', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    const timer = clock.schedule(10, () => fired.push('cancelled'));

    timer.cancel();
    await clock.advanceBy(10);

    expect(fired).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('turns the wall clock without moving timers', async () => {
    const clock = createVirtualClock({ startAt: 3_600_000 });
    const fired: number[] = [];
    clock.schedule(10, () => fired.push(clock.monotonic()));

    clock.skewBy(-3_600_000);
    await clock.advanceBy(10);

    expect(fired).toEqual([10]);
    expect(clock.now()).toBe(10);
  });

  it('steps from timer to timer', () => {
    const clock = createVirtualClock({ startAt: 0 });
    clock.schedule(5, () => undefined);

    expect([clock.step(), clock.now(), clock.step()]).toEqual([true, 5, false]);
  });

  it('rejects going back in time', async () => {
    await expect(createVirtualClock().advanceBy(-1)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

import { settledWithin } from '../../../lib/runtime/system/settled-within.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('settledWithin', () => {
  it('says that the work came first and leaves no timer behind', async () => {
    const clock = createFakeClock();
    await expect(settledWithin(clock, 25_000, Promise.resolve())).resolves.toBe('settled');
    expect(clock.pending).toBe(0);
  });

  it('says that the time was over first', async () => {
    const clock = createFakeClock();
    const outcome = settledWithin(clock, 25_000, new Promise(() => undefined));
    await clock.advance(25_000);
    await expect(outcome).resolves.toBe('late');
    expect(clock.pending).toBe(0);
  });

  it('hands on the failure of the work and leaves no timer behind', async () => {
    const clock = createFakeClock();
    await expect(settledWithin(clock, 25_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(clock.pending).toBe(0);
  });
});

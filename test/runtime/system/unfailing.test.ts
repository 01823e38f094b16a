import { unfailing } from '../../../lib/runtime/system/unfailing.js';
import { turns } from '../support/fake-clock.js';

describe('an unfailing listener', () => {
  it('is told everything', () => {
    const told: number[] = [];
    const listen = unfailing((event: number) => void told.push(event));
    listen(1);
    listen(2);
    expect(told).toEqual([1, 2]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('a bug of the listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug of the listener'))],
  ])('becomes a warning of the process when it %s', async (_case, listener) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    unfailing(listener)('event');
    await turns();
    expect(warn.mock.calls).toEqual([[expect.stringContaining('a bug of the listener')]]);
    warn.mockRestore();
  });
});

import { LazyAbort } from '../../../lib/runtime/system/lazy-abort.js';

describe('a lazy abort', () => {
  it('tells who listens now, once, and needs no signal for that', () => {
    const abort = new LazyAbort();
    const told: string[] = [];
    abort.onAbort(() => void told.push('former'));
    abort.onAbort(() => void told.push('latter'));
    expect(abort.isAborted).toBe(false);
    abort.abort('stop');
    abort.abort('again');
    expect([abort.isAborted, told]).toEqual([true, ['latter']]);
  });

  it('aborts the signal that was asked for', () => {
    const abort = new LazyAbort();
    const { signal } = abort;
    const reasons: unknown[] = [];
    signal.addEventListener('abort', () => void reasons.push(signal.reason));
    abort.abort('stop');
    abort.abort('again');
    expect([signal.aborted, reasons, abort.signal === signal]).toEqual([true, ['stop'], true]);
  });

  it('gives a signal that is aborted already to whoever asks too late', () => {
    const abort = new LazyAbort();
    abort.abort('lost');
    abort.abort('stop');
    expect([abort.signal.aborted, abort.signal.reason]).toEqual([true, 'lost']);
  });
});

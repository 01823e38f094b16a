import { LazyAbort } from '../../../lib/runtime/sqs/lazy-abort.js';

describe('a lazy abort', () => {
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

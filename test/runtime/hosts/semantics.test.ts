import { whenError } from '../../../lib/runtime/index.js';
import type { LocalQueue } from '../support/local-queue.js';
import { lambda, leanPoller, poller, putEffect, setup } from './setup.js';

const names = (count: number, prefix = 'a'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

const reasonOf = (letter: Awaited<ReturnType<LocalQueue['deadLetters']>>[number] | undefined): unknown =>
  JSON.parse(letter?.MessageAttributes?.['millrace-reason']?.StringValue ?? '{}');

describe.each([
  { name: 'the poller', host: poller },
  { name: 'the poller over the lean transport', host: leanPoller },
  { name: 'the Lambda host', host: lambda },
])('the semantics of a queue on $name', ({ host }) => {
  it('trap 25: has each effect exactly once and suppresses copies, whose SQS ids are others', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host);
    const log = work();
    const jobs = names(30);
    await publishAll(jobs);
    await publishAll(jobs.slice(0, 5));
    await isEmpty();
    const effects = await local.effects();
    expect(effects.map(({ pk, n }) => [pk, n]).sort()).toEqual(jobs.map((job) => [job, '1']));
    expect([log.of('handled').length, log.of('duplicate').length]).toEqual([30, 5]);
  });

  it('moves poison to the dead-letter queue with its reason and lets the rest through', async () => {
    const { local, work, publishAll, sendText, isEmpty } = await setup(host);
    await sendText('no json');
    await publishAll(names(5));
    const log = work();
    await isEmpty();
    const [letter] = await local.deadLetters();
    expect(letter?.Body).toBe('no json');
    expect(reasonOf(letter)).toMatchObject({ v: 1, reason: 'missing-envelope', queue: local.binding.arn });
    expect(await local.effects()).toHaveLength(5);
    expect(log.of('deadLettered')).toHaveLength(1);
  });

  it('tries a failed message again after a wait', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host);
    await publishAll(['a1']);
    let tries = 0;
    const log = work((job, ctx) => {
      if ((tries += 1) === 1) throw new Error('not yet');
      putEffect(job, ctx);
    });
    await isEmpty();
    expect(await local.effects()).toEqual([{ pk: 'a1', n: '1' }]);
    expect(log.of('handled').map(({ receiveCount }) => receiveCount)).toEqual([2]);
  });

  it('leaves what always fails to the queue, which redrives it to the dead-letter queue', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host, { maxReceiveCount: 2 });
    await publishAll(['a1']);
    const log = work(() => Promise.reject(new Error('no')));
    await isEmpty();
    expect(log.of('failed').map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, true]);
    expect(await local.deadLetters()).toHaveLength(1);
  });

  it('does with an error what its rule says', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host);
    await publishAll(['drop', 'letter']);
    const log = work(
      (job) => {
        throw Object.assign(new Error('gone'), { name: job === 'drop' ? 'Dull' : 'Hopeless' });
      },
      { errors: [whenError('Dull', { then: 'drop' }), whenError('Hopeless', { then: 'dead-letter' })] },
    );
    await isEmpty();
    const letters = await local.deadLetters();
    expect(letters.map(reasonOf)).toEqual([
      expect.objectContaining({ reason: 'error-policy', error: 'Hopeless', id: 'letter' }),
    ]);
    expect(log.of('dropped').map(({ id }) => id)).toEqual(['drop']);
  });

  it('runs one handler at a time per business id in lease mode', async () => {
    const { work, publishAll, isEmpty } = await setup(host, { visibilityTimeoutSeconds: 2 });
    let [live, most, runs] = [0, 0, 0];
    await publishAll(['a1', 'a1']);
    const log = work(
      async () => {
        [live, runs] = [live + 1, runs + 1];
        most = Math.max(most, live);
        await new Promise((resolve) => setTimeout(resolve, 300));
        live -= 1;
      },
      { idempotency: 'lease' },
    );
    await isEmpty();
    expect([most, runs]).toEqual([1, 1]);
    expect(log.of('duplicate')).toHaveLength(1);
    expect(log.of('failed')).toEqual([]);
  });

  it('keeps the order inside each FIFO group and stops a group at a failure, that group only', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host, { fifo: true });
    const seen: string[] = [];
    let failures = 0;
    work((job, ctx) => {
      if (job === 'b001' && (failures += 1) < 3) {
        seen.push(`${job} failed`);
        throw new Error('not yet');
      }
      seen.push(job);
      putEffect(job, ctx);
    });
    await publishAll([...names(4, 'a'), ...names(4, 'b'), ...names(4, 'c')]);
    await isEmpty();
    const of = (group: string): string[] => seen.filter((entry) => entry.startsWith(group));
    expect(of('a')).toEqual(names(4, 'a'));
    expect(of('b')).toEqual(['b000', 'b001 failed', 'b001 failed', 'b001', 'b002', 'b003']);
    expect(of('c')).toEqual(names(4, 'c'));
    expect((await local.effects()).every(({ n }) => n === '1')).toBe(true);
  });

  it('moves a poisoned message of a FIFO group aside and carries on behind it', async () => {
    const { local, work, publishAll, isEmpty } = await setup(host, { fifo: true });
    const seen: string[] = [];
    work(
      (job) => {
        seen.push(job);
        if (job === 'a001') throw Object.assign(new Error('never'), { name: 'Hopeless' });
      },
      { errors: [whenError('Hopeless', { then: 'dead-letter' })] },
    );
    await publishAll(names(4));
    await isEmpty();
    expect(seen).toEqual(names(4));
    expect((await local.deadLetters()).map(reasonOf)).toEqual([expect.objectContaining({ id: 'a001' })]);
  });
});

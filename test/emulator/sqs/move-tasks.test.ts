import fc from 'fast-check';
import { arnOf, setupSqs, type Sqs } from './setup.js';

/** A queue whose messages go to `dead` after one receive, with some there already. */
function setup(count = 3): { readonly sqs: Sqs; readonly jobs: string; readonly dead: string } {
  const sqs = setupSqs();
  const dead = sqs.create('dead');
  const jobs = sqs.create('jobs', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 }),
  });
  for (let n = 0; n < count; n += 1) sqs.send(jobs, `m${n}`);
  // The first receive takes all, the second finds them received once and moves them.
  for (let n = 0; n < 2; n += 1) sqs.receive(jobs, { MaxNumberOfMessages: 10 });
  return { sqs, jobs, dead };
}

const SOURCE = { SourceArn: arnOf('dead') };

describe('message move tasks', () => {
  it('sends messages back to where they came from, as new ones', () => {
    const { sqs, jobs, dead } = setup();
    const ids = sqs.receive(dead, { MaxNumberOfMessages: 10, VisibilityTimeout: 0 }).map((m) => m.MessageId);
    sqs.call('StartMessageMoveTask', SOURCE);
    sqs.now += 1_000;
    sqs.engine.advance(sqs.now);
    const back = sqs.receive(jobs, { MaxNumberOfMessages: 10 });
    expect(back.map((message) => message.Body)).toEqual(['m0', 'm1', 'm2']);
    expect(back.every((message) => !ids.includes(message.MessageId))).toBe(true);
    expect(back[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(sqs.call('ListMessageMoveTasks', SOURCE)['Results']).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
    ]);
  });

  it('keeps the rate, and can be cancelled on the way', () => {
    const { sqs, dead } = setup(10);
    const { TaskHandle } = sqs.call('StartMessageMoveTask', { ...SOURCE, MaxNumberOfMessagesPerSecond: 2 });
    expect(sqs.engine.nextDeadline()).toBe(sqs.now + 500);
    sqs.now += 2_000;
    expect(sqs.call('CancelMessageMoveTask', { TaskHandle })).toEqual({
      ApproximateNumberOfMessagesMoved: 4,
    });
    sqs.now += 10_000;
    expect(sqs.attributes(dead)['ApproximateNumberOfMessages']).toBe('6');
    expect(sqs.refused('CancelMessageMoveTask', { TaskHandle }).code).toBe('UnsupportedOperation');
  });

  it('moves to a destination of its own choice', () => {
    const { sqs } = setup(1);
    const elsewhere = sqs.create('elsewhere');
    sqs.call('StartMessageMoveTask', { ...SOURCE, DestinationArn: arnOf('elsewhere') });
    sqs.now += 1_000;
    expect(sqs.bodies(elsewhere)).toEqual(['m0']);
  });

  it('fails on a message that never had a source', () => {
    const { sqs, dead } = setup(0);
    sqs.send(dead, 'sent here directly');
    sqs.call('StartMessageMoveTask', SOURCE);
    sqs.now += 1_000;
    expect(sqs.call('ListMessageMoveTasks', SOURCE)['Results']).toMatchObject([
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' },
    ]);
  });

  it.each([
    ['a source that is no dead-letter queue', { SourceArn: arnOf('jobs') }, 'InvalidParameterValue'],
    ['a source that does not exist', { SourceArn: arnOf('none') }, 'ResourceNotFoundException'],
    [
      'a destination that does not exist',
      { ...SOURCE, DestinationArn: arnOf('none') },
      'ResourceNotFoundException',
    ],
    ['a rate above 500', { ...SOURCE, MaxNumberOfMessagesPerSecond: 501 }, 'InvalidParameterValue'],
  ])('rejects %s', (_what, input, code) => {
    const { sqs } = setup();
    expect(sqs.refused('StartMessageMoveTask', input).code).toBe(code);
  });

  it('rejects a second task on the same source', () => {
    const { sqs } = setup();
    sqs.call('StartMessageMoveTask', SOURCE);
    expect(sqs.refused('StartMessageMoveTask', SOURCE).message).toContain('already a task running');
  });

  it('loses and doubles nothing, whatever the rate and whenever it is cancelled', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 12_000 }),
        (count, MaxNumberOfMessagesPerSecond, cancelledAfter) => {
          const { sqs, jobs, dead } = setup(count);
          const task = { ...SOURCE, MaxNumberOfMessagesPerSecond };
          const { TaskHandle } = sqs.call('StartMessageMoveTask', task);
          sqs.now += cancelledAfter;
          // Refused when the task is done by then.
          sqs.engine.call({ operation: 'CancelMessageMoveTask', input: { TaskHandle } }, sqs.now);
          sqs.now += 60_000;
          const moved = sqs.bodies(jobs);
          const most = Math.ceil((cancelledAfter / 1_000) * MaxNumberOfMessagesPerSecond);
          expect(moved.length).toBeLessThanOrEqual(Math.min(count, most));
          expect([...moved, ...sqs.bodies(dead)].sort()).toEqual(
            Array.from({ length: count }, (_, n) => `m${n}`),
          );
        },
      ),
    );
  });
});

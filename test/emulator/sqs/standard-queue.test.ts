import { arnOf, setupSqs } from './setup.js';

describe('standard queue', () => {
  it('hands out what was sent, with digests that match', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const sent = sqs.send(url, 'hello', {
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
    });
    const [message] = sqs.receive(url, { MessageAttributeNames: ['All'] });
    expect(url).toBe('http://127.0.0.1:4566/000000000000/jobs');
    expect(sent['MD5OfMessageBody']).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(message).toMatchObject({
      MessageId: sent['MessageId'],
      Body: 'hello',
      MD5OfBody: sent['MD5OfMessageBody'],
      MD5OfMessageAttributes: sent['MD5OfMessageAttributes'],
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sqs.now) },
    });
  });

  it('hides a received message until its visibility timeout ends', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '30' });
    sqs.send(url, 'one');
    sqs.receive(url);
    sqs.now += 29_999;
    expect(sqs.bodies(url)).toEqual([]);
    sqs.now += 1;
    expect(sqs.receive(url)[0]?.Attributes?.['ApproximateReceiveCount']).toBe('2');
  });

  it('counts the visibility timeout from the change, not from the receive', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'one');
    const [message] = sqs.receive(url);
    sqs.now += 20_000;
    sqs.call('ChangeMessageVisibility', {
      QueueUrl: url,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 30,
    });
    sqs.now += 29_999;
    expect(sqs.bodies(url)).toEqual([]);
    sqs.now += 1;
    expect(sqs.bodies(url)).toEqual(['one']);
  });

  it('rejects a visibility beyond twelve hours after the receive', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'one');
    const [message] = sqs.receive(url);
    sqs.now += 1;
    const change = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 43_200 };
    expect(sqs.refused('ChangeMessageVisibility', change).message).toContain('43200 seconds');
  });

  it('succeeds without deleting when a later receive took the message over', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '1' });
    sqs.send(url, 'one');
    const [first] = sqs.receive(url);
    sqs.now += 1000;
    const [second] = sqs.receive(url);
    sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle });
    expect(sqs.attributes(url)['ApproximateNumberOfMessagesNotVisible']).toBe('1');
    sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: second?.ReceiptHandle });
    expect(sqs.attributes(url)['ApproximateNumberOfMessagesNotVisible']).toBe('0');
  });

  it('rejects a receipt handle of another queue', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const other = sqs.create('other');
    sqs.send(other, 'one');
    const [message] = sqs.receive(other);
    const refusal = sqs.refused('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle });
    expect(refusal).toMatchObject({ code: 'ReceiptHandleIsInvalid', status: 404 });
  });

  it('moves a message to the dead-letter queue when it was received as often as allowed', () => {
    const sqs = setupSqs();
    const dead = sqs.create('dead');
    const url = sqs.create('jobs', {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 }),
    });
    const sent = sqs.send(url, 'poison');
    const sentAt = sqs.now;
    sqs.receive(url);
    sqs.now += 1000;
    sqs.receive(url);
    sqs.now += 1000;
    expect(sqs.receive(url)).toEqual([]);
    expect(sqs.receive(dead)[0]).toMatchObject({
      MessageId: sent['MessageId'],
      Attributes: {
        DeadLetterQueueSourceArn: arnOf('jobs'),
        SentTimestamp: String(sentAt),
        ApproximateReceiveCount: '3',
      },
    });
  });

  it('waits for a message that arrives during a long poll, and holds none when the poll is abandoned', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const poll = { operation: 'ReceiveMessage', input: { QueueUrl: url, WaitTimeSeconds: 20 } };
    const abandoned = sqs.engine.call(poll, sqs.now);
    const waiting = sqs.engine.call(poll, sqs.now);
    expect(abandoned).toMatchObject({ kind: 'wait', until: sqs.now + 20_000 });
    if (abandoned.kind !== 'wait' || waiting.kind !== 'wait') throw new Error('both must wait');
    abandoned.abandon();
    sqs.now += 5_000;
    sqs.send(url, 'late');
    expect(waiting.retry(sqs.now)).toMatchObject({
      kind: 'output',
      output: { Messages: [{ Body: 'late' }] },
    });
  });

  it('answers an empty long poll without a list when its time is over', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { ReceiveMessageWaitTimeSeconds: '5' });
    const waiting = sqs.engine.call({ operation: 'ReceiveMessage', input: { QueueUrl: url } }, sqs.now);
    if (waiting.kind !== 'wait') throw new Error('must wait');
    expect(waiting.retry(sqs.now + 4_999).kind).toBe('wait');
    expect(waiting.retry(sqs.now + 5_000)).toEqual({ kind: 'output', output: {} });
  });

  it('drops messages when their retention is over', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { MessageRetentionPeriod: '60' });
    sqs.send(url, 'old');
    expect(sqs.engine.nextDeadline()).toBe(sqs.now + 60_000);
    sqs.engine.advance(sqs.now + 60_000);
    sqs.now += 60_000;
    expect(sqs.bodies(url)).toEqual([]);
    expect(sqs.engine.nextDeadline()).toBeUndefined();
  });

  it('serves quiet tenants before one that holds most of the messages in flight', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    for (let n = 0; n < 60; n += 1) sqs.send(url, `noisy-${n}`, { MessageGroupId: 'noisy' });
    for (let n = 0; n < 4; n += 1) sqs.bodies(url);
    sqs.send(url, 'quiet-1', { MessageGroupId: 'quiet' });
    expect(sqs.bodies(url, { MaxNumberOfMessages: 2 })).toEqual(['quiet-1', 'noisy-40']);
  });

  it('serves a slow tenant after the others, however few of its messages are in flight', () => {
    const sqs = setupSqs();
    const url = queueWithSlowTenant(sqs, { slowMs: 40_000 });
    expect(sqs.bodies(url, { MaxNumberOfMessages: 3 })).toEqual(['quick-1', 'slow-1', 'slow-2']);
  });

  it('judges nobody by less than half a minute of processing', () => {
    const sqs = setupSqs();
    const url = queueWithSlowTenant(sqs, { slowMs: 25_000 });
    expect(sqs.bodies(url, { MaxNumberOfMessages: 3 })).toEqual(['slow-1', 'slow-2', 'quick-1']);
  });

  it('takes a slow tenant back among the quiet ones when it sent nothing for five minutes', () => {
    const sqs = setupSqs();
    const url = queueWithSlowTenant(sqs, { slowMs: 40_000 });
    sqs.now += 300_000;
    expect(sqs.bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['quick-1']);
    expect(sqs.bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['slow-1']);
    sqs.send(url, 'quick-2', { MessageGroupId: 'quick' });
    expect(sqs.bodies(url, { MaxNumberOfMessages: 2 })).toEqual(['slow-2', 'quick-2']);
  });

  it('serves the noisy tenant with the fewest messages in flight first', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '600' });
    for (const tenant of ['a', 'b'])
      for (let n = 0; n < 50; n += 1) sqs.send(url, `${tenant}-${n}`, { MessageGroupId: tenant });
    for (let n = 0; n < 7; n += 1) sqs.bodies(url);
    expect(sqs.bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['a-35']);
    expect(sqs.bodies(url, { MaxNumberOfMessages: 2 })).toEqual(['b-35', 'a-36']);
  });
});

/** A tenant that had a message in flight for so long, and two more in front of another tenant's. */
function queueWithSlowTenant(
  sqs: ReturnType<typeof setupSqs>,
  { slowMs }: { readonly slowMs: number },
): string {
  const url = sqs.create('jobs', { VisibilityTimeout: '600' });
  for (let n = 0; n < 3; n += 1) sqs.send(url, `slow-${n}`, { MessageGroupId: 'slow' });
  const [first] = sqs.receive(url);
  sqs.now += slowMs;
  sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle });
  sqs.send(url, 'quick-1', { MessageGroupId: 'quick' });
  return url;
}

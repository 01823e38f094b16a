import { arnOf, setupSqs, type Sqs } from './setup.js';

const send = (
  sqs: Sqs,
  url: string,
  body: string,
  group: string,
  id = body,
): Readonly<Record<string, unknown>> =>
  sqs.send(url, body, { MessageGroupId: group, MessageDeduplicationId: id });

describe('FIFO queue', () => {
  it('returns up to ten messages of one group in one receive, then those of the next', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo');
    for (const body of ['a1', 'b1', 'a2', 'b2', 'a3']) send(sqs, url, body, body.slice(0, 1));
    expect(sqs.bodies(url)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  });

  it('locks a group while any of its messages is in flight', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo');
    for (const body of ['a1', 'a2', 'b1']) send(sqs, url, body, body.slice(0, 1));
    const [first] = sqs.receive(url);
    expect(sqs.bodies(url)).toEqual(['b1']);
    sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle });
    expect(sqs.bodies(url)).toEqual(['a2']);
  });

  it('gives messages back in their order when their visibility ends', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', { VisibilityTimeout: '5' });
    for (const body of ['a1', 'a2', 'a3']) send(sqs, url, body, 'a');
    expect(sqs.bodies(url, { MaxNumberOfMessages: 2 })).toEqual(['a1', 'a2']);
    sqs.now += 5_000;
    expect(sqs.bodies(url)).toEqual(['a1', 'a2', 'a3']);
  });

  it('answers a duplicate within five minutes like its first, also after that was deleted', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo');
    const first = send(sqs, url, 'one', 'a', 'id');
    const [message] = sqs.receive(url);
    sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle });
    sqs.now += 299_999;
    expect(send(sqs, url, 'two', 'b', 'id')).toMatchObject({
      MessageId: first['MessageId'],
      SequenceNumber: first['SequenceNumber'],
    });
    sqs.now += 1;
    send(sqs, url, 'three', 'b', 'id');
    expect(sqs.bodies(url)).toEqual(['three']);
  });

  it('deduplicates per group where the scope says so', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', { DeduplicationScope: 'messageGroup' });
    send(sqs, url, 'a', 'a', 'id');
    send(sqs, url, 'b', 'b', 'id');
    send(sqs, url, 'again', 'a', 'id');
    expect(sqs.bodies(url)).toEqual(['a', 'b']);
  });

  it('takes the body alone for content-based deduplication', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', { ContentBasedDeduplication: 'true' });
    sqs.send(url, 'same', { MessageGroupId: 'a' });
    sqs.send(url, 'same', {
      MessageGroupId: 'a',
      MessageAttributes: { x: { DataType: 'String', StringValue: 'y' } },
    });
    expect(sqs.bodies(url)).toEqual(['same']);
  });

  it('rejects deleting with a handle whose visibility timeout is over', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', { VisibilityTimeout: '1' });
    send(sqs, url, 'one', 'a');
    const [message] = sqs.receive(url);
    sqs.now += 1000;
    const refusal = sqs.refused('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle });
    expect(refusal.code).toBe('InvalidParameterValue');
    expect(refusal.message).toContain('The receipt handle has expired');
  });

  it('repeats a receive with the same attempt id until one of its messages changed', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo');
    for (const body of ['a1', 'a2', 'b1']) send(sqs, url, body, body.slice(0, 1));
    const attempt = { MaxNumberOfMessages: 2, ReceiveRequestAttemptId: 'try' };
    const first = sqs.receive(url, attempt);
    sqs.now += 10_000;
    expect(sqs.receive(url, attempt).map((m) => m.ReceiptHandle)).toEqual(first.map((m) => m.ReceiptHandle));
    sqs.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first[0]?.ReceiptHandle });
    expect(sqs.receive(url, attempt).map((m) => m.Body)).toEqual(['b1']);
  });

  it('starts a dead-lettered message anew with its message id as deduplication id', () => {
    const sqs = setupSqs();
    const dead = sqs.create('dead.fifo');
    const url = sqs.create('jobs.fifo', {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead.fifo'), maxReceiveCount: 1 }),
    });
    const sent = send(sqs, url, 'poison', 'a');
    send(sqs, url, 'good', 'a');
    sqs.receive(url);
    sqs.now += 1000;
    expect(sqs.bodies(url)).toEqual(['good']);
    expect(sqs.receive(dead)[0]?.Attributes).toMatchObject({
      MessageDeduplicationId: sent['MessageId'],
      MessageGroupId: 'a',
      SentTimestamp: String(sqs.now),
    });
  });
});

import type { Hazard } from '../../../lib/emulator/engine.js';
import { setupSns } from '../sns/setup.js';
import { arnOf, setupSqs, type Sqs } from './setup.js';

function strike(
  sqs: Sqs,
  operation: string,
  input: Readonly<Record<string, unknown>>,
  hazard: Hazard,
): Readonly<Record<string, unknown>> {
  const result = sqs.engine.call({ operation, input, hazard }, sqs.now);
  if (result.kind !== 'output') throw new Error(JSON.stringify(result));
  return result.output;
}

describe('hazards on standard queues', () => {
  it('stores a message twice under one id', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    strike(sqs, 'SendMessage', { QueueUrl: url, MessageBody: 'x' }, 'duplicate');
    const [one, two] = sqs.receive(url, { MaxNumberOfMessages: 10 });
    expect(two?.MessageId).toBe(one?.MessageId);
    expect(two?.ReceiptHandle).not.toBe(one?.ReceiptHandle);
  });

  it('hands messages out that stay visible to others', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'x');
    strike(sqs, 'ReceiveMessage', { QueueUrl: url }, 'duplicate');
    expect(sqs.bodies(url)).toEqual(['x']);
  });

  it('sends what is first in line to its end', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    for (const body of ['1', '2', '3']) sqs.send(url, body);
    strike(sqs, 'ReceiveMessage', { QueueUrl: url }, 'reorder');
    expect(sqs.bodies(url)).toEqual(['3', '1']);
  });

  it('misses what is there', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'x');
    expect(strike(sqs, 'ReceiveMessage', { QueueUrl: url }, 'miss')).toEqual({});
    expect(sqs.bodies(url)).toEqual(['x']);
  });

  it('forgets a delete it has answered', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '1' });
    sqs.send(url, 'x');
    const [message] = sqs.receive(url);
    strike(sqs, 'DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }, 'forget');
    sqs.now += 1000;
    expect(sqs.bodies(url)).toEqual(['x']);
  });
});

describe('hazards on FIFO queues', () => {
  it.each(['duplicate', 'reorder', 'forget'] as const)('leave exactly-once and order alone: %s', (hazard) => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', { VisibilityTimeout: '1' });
    for (const body of ['1', '2'])
      strike(
        sqs,
        'SendMessage',
        { QueueUrl: url, MessageBody: body, MessageGroupId: 'a', MessageDeduplicationId: body },
        hazard,
      );
    const received = strike(sqs, 'ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10 }, hazard);
    const messages = received['Messages'] as { Body: string; ReceiptHandle: string }[];
    expect(messages.map(({ Body }) => Body)).toEqual(['1', '2']);
    for (const { ReceiptHandle } of messages)
      strike(sqs, 'DeleteMessage', { QueueUrl: url, ReceiptHandle }, hazard);
    sqs.now += 1000;
    expect(sqs.bodies(url)).toEqual([]);
  });
});

describe('hazards on topics', () => {
  const publish = (hazard: Hazard): ReturnType<typeof setupSns> & { readonly url: string } => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', { RawMessageDelivery: 'true' });
    sns.engine.call({ operation: 'Publish', input: { TopicArn: topic, Message: 'x' }, hazard }, sns.sqs.now);
    return { ...sns, url };
  };

  it('delivers twice', () => {
    const { sqs, url } = publish('duplicate');
    expect(sqs.bodies(url)).toEqual(['x', 'x']);
  });

  it('fails the first try of a delivery and succeeds with the next', () => {
    const { sqs, url, engine } = publish('fail-delivery');
    expect(sqs.bodies(url)).toEqual([]);
    engine.advance(sqs.now);
    expect(sqs.bodies(url)).toEqual(['x']);
  });
});

describe('throughput of FIFO queues', () => {
  const sends = (sqs: Sqs, url: string, group: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => {
      const input = {
        QueueUrl: url,
        MessageBody: 'x',
        MessageGroupId: group,
        MessageDeduplicationId: `${group}${n}-${sqs.now}`,
      };
      const result = sqs.engine.call({ operation: 'SendMessage', input }, sqs.now);
      return result.kind === 'fault' ? result.fault.code : 'sent';
    });

  it('is 300 calls a second', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo');
    expect(sends(sqs, url, 'a', 301).slice(-2)).toEqual(['sent', 'RequestThrottled']);
    sqs.now += 1000;
    expect(sends(sqs, url, 'a', 301).slice(-2)).toEqual(['sent', 'RequestThrottled']);
  });

  it('is 300 calls a second per group in high-throughput mode', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs.fifo', {
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    expect(sends(sqs, url, 'a', 301).slice(-2)).toEqual(['sent', 'RequestThrottled']);
    expect(sends(sqs, url, 'b', 300).slice(-1)).toEqual(['sent']);
  });

  it('is unlimited where limits are off, and on standard queues', () => {
    const off = setupSqs({ areLimitsEnforced: false });
    expect(sends(off, off.create('jobs.fifo'), 'a', 400).slice(-1)).toEqual(['sent']);
  });

  it('is 300 messages a second per group on a FIFO topic', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events.fifo');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint: arnOf('jobs.fifo') });
    const input = (n: number): Readonly<Record<string, unknown>> => ({
      TopicArn: topic,
      Message: 'x',
      MessageGroupId: 'a',
      MessageDeduplicationId: String(n),
    });
    for (let n = 0; n < 300; n += 1) sns.call('Publish', input(n));
    expect(sns.refused('Publish', input(300))).toMatchObject({ queryCode: 'Throttled', status: 429 });
  });
});

import { arnOf } from '../sqs/setup.js';
import { allowTopic, setupSns } from './setup.js';

const RAW = { RawMessageDelivery: 'true' };
const STRING = (value: string): Readonly<Record<string, string>> => ({
  DataType: 'String',
  StringValue: value,
});

describe('delivery to queues', () => {
  it('wraps a message in the notification JSON of AWS', () => {
    const sns = setupSns({
      sign: (_text, version) => `signed-${version}`,
      endpointUrl: () => 'http://sns.test',
    });
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs');
    const { MessageId } = sns.call('Publish', {
      TopicArn: topic,
      Message: 'hi "there"',
      Subject: 'greeting',
      MessageAttributes: { branch: STRING('main') },
    });
    const [message] = sns.sqs.receive(url, { MessageAttributeNames: ['All'] });
    expect(message?.MessageAttributes).toBeUndefined();
    expect(Object.keys(JSON.parse(message?.Body ?? '') as object)).toEqual([
      'Type',
      'MessageId',
      'TopicArn',
      'Subject',
      'Message',
      'Timestamp',
      'SignatureVersion',
      'Signature',
      'SigningCertURL',
      'UnsubscribeURL',
      'MessageAttributes',
    ]);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn: topic,
      Subject: 'greeting',
      Message: 'hi "there"',
      Timestamp: new Date(sns.sqs.now).toISOString(),
      SignatureVersion: '1',
      Signature: 'signed-1',
      MessageAttributes: { branch: { Type: 'String', Value: 'main' } },
    });
  });

  it('passes body and attributes on as they are with raw delivery', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', RAW);
    sns.call('Publish', { TopicArn: topic, Message: 'plain', MessageAttributes: { branch: STRING('main') } });
    expect(sns.sqs.receive(url, { MessageAttributeNames: ['All'] })[0]).toMatchObject({
      Body: 'plain',
      MessageAttributes: { branch: STRING('main') },
    });
  });

  it('discards a raw delivery with more than ten attributes', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', RAW);
    const attributes = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, STRING('x')]));
    sns.call('Publish', { TopicArn: topic, Message: 'plain', MessageAttributes: attributes });
    expect(sns.sqs.receive(url)).toEqual([]);
    expect(sns.engine.lostDeliveries()[0]?.reason).toContain('at most 10');
  });

  it('loses a message whose queue has no policy for the topic, and says so', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.sqs.create('jobs');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint: arnOf('jobs') });
    sns.call('Publish', { TopicArn: topic, Message: 'lost' });
    expect(sns.sqs.receive(url)).toEqual([]);
    expect(sns.engine.lostDeliveries()[0]?.reason).toContain('does not allow sns.amazonaws.com');
  });

  it('rejects a source the policy does not name', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const other = sns.createTopic('other');
    const url = sns.sqs.create('jobs', { Policy: allowTopic('jobs', other) });
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint: arnOf('jobs') });
    sns.call('Publish', { TopicArn: topic, Message: 'lost' });
    expect(sns.sqs.receive(url)).toEqual([]);
  });

  it("moves what can't be delivered to the subscription's dead-letter queue", () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const dead = sns.sqs.create('dead', { Policy: allowTopic('dead', topic) });
    sns.call('Subscribe', {
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf('missing'),
      Attributes: { ...RAW, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead') }) },
    });
    sns.call('Publish', { TopicArn: topic, Message: 'saved' });
    expect(sns.sqs.receive(dead, { MessageAttributeNames: ['All'] })[0]).toMatchObject({
      Body: 'saved',
      MessageAttributes: { ErrorMessage: { StringValue: `queue ${arnOf('missing')} does not exist` } },
    });
  });

  it('forwards the message group to standard queues, so that they can be fair', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', RAW);
    sns.call('Publish', { TopicArn: topic, Message: 'hi', MessageGroupId: 'tenant-1' });
    expect(sns.sqs.receive(url)[0]?.Attributes?.['MessageGroupId']).toBe('tenant-1');
  });

  it('carries group, deduplication id and order from a FIFO topic to a FIFO queue', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events.fifo');
    const url = sns.subscribeQueue(topic, 'jobs.fifo', RAW);
    const publish = (message: string, id: string): Readonly<Record<string, unknown>> =>
      sns.call('Publish', {
        TopicArn: topic,
        Message: message,
        MessageGroupId: 'a',
        MessageDeduplicationId: id,
      });
    const first = publish('1', 'one');
    publish('2', 'two');
    expect(publish('1 again', 'one')).toEqual(first);
    const received = sns.sqs.receive(url, { MaxNumberOfMessages: 10 });
    expect(received.map((message) => message.Body)).toEqual(['1', '2']);
    expect(received[0]?.Attributes).toMatchObject({ MessageGroupId: 'a', MessageDeduplicationId: 'one' });
  });

  it('delivers only what the filter policy lets through', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', { ...RAW, FilterPolicy: '{"branch":["main"]}' });
    for (const branch of ['main', 'dev'])
      sns.call('Publish', {
        TopicArn: topic,
        Message: branch,
        MessageAttributes: { branch: STRING(branch) },
      });
    expect(sns.sqs.bodies(url)).toEqual(['main']);
  });
});

describe('Subscribe', () => {
  it.each([
    ['a FIFO queue to a standard topic', 'events', 'sqs', arnOf('jobs.fifo')],
    ['e-mail to a FIFO topic', 'events.fifo', 'email', 'a@example.org'],
    ['an endpoint that is no queue', 'events', 'sqs', 'http://x'],
  ])('rejects %s', (_what, name, protocol, endpoint) => {
    const sns = setupSns();
    const topic = sns.createTopic(name);
    const refusal = sns.refused('Subscribe', { TopicArn: topic, Protocol: protocol, Endpoint: endpoint });
    expect(refusal).toMatchObject({ code: 'InvalidParameterException', queryCode: 'InvalidParameter' });
  });
});

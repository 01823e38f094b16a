import { X509Certificate, createVerify } from 'node:crypto';
import { createNotificationSigner } from '../../../lib/emulator/http/notification-signer.js';
import type { DeliveryOutcome } from '../../../lib/emulator/sqs/delivery.js';
import { arnOf } from '../sqs/setup.js';
import { allowTopic, setupSns, type Sns } from './setup.js';

const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:handle';
const URL = 'http://127.0.0.1:8080/hook';

function subscribeHttp(sns: Sns, topic: string, attributes: Readonly<Record<string, string>> = {}): string {
  sns.call('Subscribe', { TopicArn: topic, Protocol: 'http', Endpoint: URL, Attributes: attributes });
  const [request] = sns.engine.takeDeliveries();
  const { Token } = JSON.parse(request?.body ?? '{}') as { Token: string };
  return sns.call('ConfirmSubscription', { TopicArn: topic, Token })['SubscriptionArn'] as string;
}

describe('HTTP endpoints', () => {
  it('have to confirm before they get anything', () => {
    const sns = setupSns({ endpointUrl: () => 'http://sns.test' });
    const topic = sns.createTopic('events');
    const subscribed = sns.call('Subscribe', { TopicArn: topic, Protocol: 'http', Endpoint: URL });
    expect(subscribed).toEqual({ SubscriptionArn: 'pending confirmation' });
    sns.call('Publish', { TopicArn: topic, Message: 'too early' });
    const [request, ...others] = sns.engine.takeDeliveries();
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      endpoint: URL,
      headers: { 'x-amz-sns-message-type': 'SubscriptionConfirmation', 'x-amz-sns-topic-arn': topic },
    });
    const body = JSON.parse(request?.body ?? '') as Readonly<Record<string, string>>;
    expect(body['SubscribeURL']).toBe(
      `http://sns.test/?Action=ConfirmSubscription&TopicArn=${topic}&Token=${String(body['Token'])}`,
    );
    sns.call('ConfirmSubscription', { TopicArn: topic, Token: body['Token'] });
    sns.call('Publish', { TopicArn: topic, Message: 'now' });
    expect(JSON.parse(sns.engine.takeDeliveries()[0]?.body ?? '')).toMatchObject({ Message: 'now' });
  });

  it('rejects a wrong token, and one older than two days', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'http', Endpoint: URL });
    const { Token } = JSON.parse(sns.engine.takeDeliveries()[0]?.body ?? '') as { Token: string };
    expect(sns.refused('ConfirmSubscription', { TopicArn: topic, Token: 'x' }).message).toContain('Token');
    sns.sqs.now += 2 * 86_400_000;
    expect(sns.refused('ConfirmSubscription', { TopicArn: topic, Token }).message).toContain('Token');
  });

  it('drops the attributes and the envelope with raw delivery', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const arn = subscribeHttp(sns, topic, { RawMessageDelivery: 'true' });
    sns.call('Publish', { TopicArn: topic, Message: 'plain' });
    expect(sns.engine.takeDeliveries()).toMatchObject([
      {
        body: 'plain',
        headers: { 'x-amz-sns-rawdelivery': 'true', 'x-amz-sns-subscription-arn': arn },
      },
    ]);
  });

  it('is tried again as the delivery policy says, then goes to the dead-letter queue', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const dead = sns.sqs.create('dead', { Policy: allowTopic('dead', topic) });
    subscribeHttp(sns, topic, {
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 9, numRetries: 4, numNoDelayRetries: 1 },
      }),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead') }),
    });
    sns.call('Publish', { TopicArn: topic, Message: 'x' });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const [delivery] = sns.engine.takeDeliveries();
      expect(delivery?.attempt).toBe(attempt);
      sns.engine.deliveryOutcome(delivery?.id ?? '', { kind: 'failed', reason: 'HTTP 503' }, sns.sqs.now);
      const due = sns.engine.nextDeadline();
      if (due === undefined) break;
      waits.push(due - sns.sqs.now);
      sns.sqs.now = due;
      sns.engine.advance(due);
    }
    expect(waits).toEqual([0, 1000, 5000, 9000]);
    expect(sns.sqs.receive(dead)).toHaveLength(1);
    expect(sns.engine.lostDeliveries()).toMatchObject([{ reason: 'HTTP 503', deadLetterArn: arnOf('dead') }]);
  });

  it('is not tried again after a refusal', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    subscribeHttp(sns, topic);
    sns.call('Publish', { TopicArn: topic, Message: 'x' });
    const [delivery] = sns.engine.takeDeliveries();
    sns.engine.deliveryOutcome(delivery?.id ?? '', { kind: 'refused', reason: 'HTTP 403' }, sns.sqs.now);
    expect(sns.engine.nextDeadline()).toBeUndefined();
    expect(sns.engine.lostDeliveries()).toMatchObject([{ reason: 'HTTP 403' }]);
  });
});

describe('functions', () => {
  it('get the event AWS invokes them with', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const { SubscriptionArn } = sns.call('Subscribe', {
      TopicArn: topic,
      Protocol: 'lambda',
      Endpoint: FUNCTION,
    });
    sns.call('Publish', { TopicArn: topic, Message: 'x' });
    const [delivery] = sns.engine.takeDeliveries();
    expect(delivery).toMatchObject({ protocol: 'lambda', endpoint: FUNCTION });
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({
      Records: [
        {
          EventSource: 'aws:sns',
          EventSubscriptionArn: SubscriptionArn,
          Sns: { Message: 'x', Subject: null },
        },
      ],
    });
  });
});

describe('queues whose service is down', () => {
  it('are tried 100,015 times over more than 23 days', () => {
    let tries = 0;
    const sns = setupSns({
      deliverToQueue: (): DeliveryOutcome => {
        tries += 1;
        return { kind: 'failed', reason: 'down' };
      },
    });
    const topic = sns.createTopic('events');
    sns.call('Subscribe', {
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf('jobs'),
      Attributes: { RawMessageDelivery: 'true' },
    });
    sns.call('Publish', { TopicArn: topic, Message: 'x' });
    const started = sns.sqs.now;
    let last = started;
    for (let due = sns.engine.nextDeadline(); due !== undefined; due = sns.engine.nextDeadline()) {
      last = due;
      sns.engine.advance(due);
    }
    expect(tries).toBe(100_015);
    expect(last - started).toBeGreaterThan(23 * 86_400_000);
  });

  it('keep the order of a group while its first message is tried again', () => {
    const failing = new Set(['a1']);
    const arrived: string[] = [];
    const sns = setupSns({
      deliverToQueue: (_arn, { body }): DeliveryOutcome => {
        if (failing.delete(body)) return { kind: 'failed', reason: 'down' };
        arrived.push(body);
        return { kind: 'delivered', messageId: body };
      },
    });
    const topic = sns.createTopic('events.fifo');
    sns.call('Subscribe', {
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf('jobs.fifo'),
      Attributes: { RawMessageDelivery: 'true' },
    });
    for (const message of ['a1', 'a2', 'b1', 'a3'])
      sns.call('Publish', {
        TopicArn: topic,
        Message: message,
        MessageGroupId: message.slice(0, 1),
        MessageDeduplicationId: message,
      });
    sns.engine.advance(sns.sqs.now + 1000);
    const ofGroup = (group: string): readonly string[] => arrived.filter((body) => body.startsWith(group));
    expect(ofGroup('a')).toEqual(['a1', 'a2', 'a3']);
    expect(ofGroup('b')).toEqual(['b1']);
  });
});

describe('outbox', () => {
  it('keeps the newest of what left AWS, with the token an e-mail would carry', () => {
    const sns = setupSns({ outboxSize: 2 });
    const topic = sns.createTopic('events');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'email', Endpoint: 'a@example.org' });
    const [{ token } = { token: undefined }] = sns.engine.outbox();
    sns.call('ConfirmSubscription', { TopicArn: topic, Token: token });
    for (const Message of ['1', '2', '3']) sns.call('Publish', { TopicArn: topic, Message, Subject: 's' });
    expect(sns.engine.outbox()).toMatchObject([
      { kind: 'notification', text: '2', subject: 's' },
      { kind: 'notification', text: '3' },
    ]);
  });
});

describe('local signer', () => {
  it.each([
    ['1', 'RSA-SHA1'],
    ['2', 'RSA-SHA256'],
  ] as const)('signs version %s so that its certificate verifies it', (version, digest) => {
    const signer = createNotificationSigner(Date.now());
    const sns = setupSns({ sign: signer.sign });
    const topic = sns.createTopic('events', { SignatureVersion: version });
    const url = sns.subscribeQueue(topic, 'jobs');
    sns.call('Publish', { TopicArn: topic, Message: 'hello', Subject: 'hi' });
    const note = JSON.parse(sns.sqs.receive(url)[0]?.Body ?? '') as Readonly<Record<string, string>>;
    const canonical = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      .map((name) => `${name}\n${String(note[name])}\n`)
      .join('');
    const certificate = new X509Certificate(signer.certificate());
    const isVerified = createVerify(digest)
      .update(canonical)
      .verify(certificate.publicKey, note['Signature'] ?? '', 'base64');
    expect(note['SignatureVersion']).toBe(version);
    expect(isVerified).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=sns.amazonaws.com');
  });
});

describe('archive', () => {
  const DAY = 86_400_000;
  const RAW = { RawMessageDelivery: 'true' };

  function setupArchive(): {
    readonly sns: Sns;
    readonly topic: string;
    readonly publish: (message: string) => void;
  } {
    const sns = setupSns();
    const topic = sns.createTopic('events.fifo', { ArchivePolicy: '{"MessageRetentionPeriod":"2"}' });
    return {
      sns,
      topic,
      publish: (message) => {
        sns.call('Publish', {
          TopicArn: topic,
          Message: message,
          MessageGroupId: 'a',
          MessageDeduplicationId: message,
        });
        sns.sqs.now += DAY / 2;
      },
    };
  }

  const replayFrom = (from: number, until?: number): string =>
    JSON.stringify({
      PointType: 'Timestamp',
      StartingPoint: new Date(from).toISOString(),
      ...(until === undefined ? {} : { EndingPoint: new Date(until).toISOString() }),
    });

  it('replays what was published since a time to a new subscription, then goes on', () => {
    const { sns, topic, publish } = setupArchive();
    publish('1');
    const from = sns.sqs.now;
    publish('2');
    publish('3');
    const url = sns.subscribeQueue(topic, 'jobs.fifo', { ...RAW, ReplayPolicy: replayFrom(from) });
    publish('4');
    expect(sns.sqs.bodies(url)).toEqual(['2', '3', '4']);
  });

  it('ends at its end, and marks what is replayed', () => {
    const { sns, topic, publish } = setupArchive();
    const from = sns.sqs.now;
    publish('1');
    const url = sns.subscribeQueue(topic, 'jobs.fifo', { ReplayPolicy: replayFrom(from, sns.sqs.now) });
    sns.sqs.now += 1;
    publish('2');
    const notes = sns.sqs.receive(url, { MaxNumberOfMessages: 10 }).map((m) => JSON.parse(m.Body) as unknown);
    expect(notes).toMatchObject([{ Message: '1', Replayed: 'true' }]);
  });

  it('forgets what is older than its policy', () => {
    const { sns, topic, publish } = setupArchive();
    const from = sns.sqs.now;
    for (let n = 0; n < 8; n += 1) publish(`m${n}`);
    const url = sns.subscribeQueue(topic, 'jobs.fifo', { ...RAW, ReplayPolicy: replayFrom(from) });
    expect(sns.sqs.bodies(url)).toEqual(['m3', 'm4', 'm5', 'm6', 'm7']);
  });

  it('rejects a replay from before the archive began, and deleting the topic', () => {
    const { sns, topic } = setupArchive();
    const subscribe = {
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf('jobs.fifo'),
      Attributes: { ReplayPolicy: replayFrom(sns.sqs.now - 1) },
    };
    expect(sns.refused('Subscribe', subscribe).message).toContain('BeginningArchiveTime');
    expect(sns.refused('DeleteTopic', { TopicArn: topic }).queryCode).toBe('InvalidState');
    sns.call('SetTopicAttributes', { TopicArn: topic, AttributeName: 'ArchivePolicy', AttributeValue: '{}' });
    expect(sns.call('DeleteTopic', { TopicArn: topic })).toEqual({});
  });
});

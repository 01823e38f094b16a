import { arnOf } from '../sqs/setup.js';
import { setupSns } from './setup.js';

const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:events';

describe('CreateTopic', () => {
  it('answers a second creation with the same topic', () => {
    const sns = setupSns();
    expect(sns.createTopic('events')).toBe(TOPIC);
    expect(sns.createTopic('events')).toBe(TOPIC);
  });

  it('rejects a second creation with other attributes or tags', () => {
    const sns = setupSns();
    sns.createTopic('events', { DisplayName: 'a' });
    const again = (more: Readonly<Record<string, unknown>>): string =>
      sns.refused('CreateTopic', { Name: 'events', ...more }).message;
    expect(again({ Attributes: { DisplayName: 'b' } })).toContain('different attributes');
    expect(again({ Tags: [{ Key: 'a', Value: 'b' }] })).toContain('different tags');
  });

  it.each([
    ['a name with a dot', 'a.b', {}],
    ['a .fifo name without FifoTopic', 'a.fifo', {}],
    ['FifoTopic without a .fifo name', 'a', { FifoTopic: 'true' }],
    ['an unknown attribute', 'a', { Colour: 'red' }],
    ['a message size above 1 MiB', 'a', { MaximumMessageSize: '1048577' }],
    ['an archive on a standard topic', 'a', { ArchivePolicy: '{"MessageRetentionPeriod":"1"}' }],
    [
      'an archive of 366 days',
      'a.fifo',
      { FifoTopic: 'true', ArchivePolicy: '{"MessageRetentionPeriod":"366"}' },
    ],
    ['a signature version 3', 'a', { SignatureVersion: '3' }],
  ])('rejects %s', (_what, name, attributes) => {
    const sns = setupSns();
    expect(sns.refused('CreateTopic', { Name: name, Attributes: attributes }).queryCode).toBe(
      'InvalidParameter',
    );
  });
});

describe('topics', () => {
  it('answers attributes with counts', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    sns.subscribeQueue(topic, 'jobs');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'email', Endpoint: 'a@example.org' });
    expect(sns.call('GetTopicAttributes', { TopicArn: topic })['Attributes']).toMatchObject({
      TopicArn: topic,
      Owner: '000000000000',
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '1',
      SubscriptionsDeleted: '0',
    });
  });

  it('lists a hundred a page', () => {
    const sns = setupSns();
    for (let n = 0; n < 101; n += 1) sns.createTopic(`t${n}`);
    const first = sns.call('ListTopics', {});
    const second = sns.call('ListTopics', { NextToken: first['NextToken'] });
    expect(first['Topics']).toHaveLength(100);
    expect(second).toEqual({ Topics: [{ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:t100' }] });
  });

  it('deletes a topic with its subscriptions, also when it is not there', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    sns.subscribeQueue(topic, 'jobs');
    sns.call('DeleteTopic', { TopicArn: topic });
    sns.call('DeleteTopic', { TopicArn: topic });
    expect(sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
    expect(sns.refused('Publish', { TopicArn: topic, Message: 'x' })).toMatchObject({
      code: 'NotFoundException',
      queryCode: 'NotFound',
      status: 404,
    });
  });

  it('tags, overwrites and untags', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const tags = (
      ...pairs: readonly (readonly [string, string])[]
    ): readonly Readonly<Record<string, string>>[] => pairs.map(([Key, Value]) => ({ Key, Value }));
    sns.call('TagResource', { ResourceArn: topic, Tags: tags(['a', '1'], ['b', '2']) });
    sns.call('TagResource', { ResourceArn: topic, Tags: tags(['a', '3']) });
    sns.call('UntagResource', { ResourceArn: topic, TagKeys: ['b'] });
    expect(sns.call('ListTagsForResource', { ResourceArn: topic })).toEqual({ Tags: tags(['a', '3']) });
  });

  it('allows messages above 256 KiB only while all subscriptions can take them', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const large = { TopicArn: topic, AttributeName: 'MaximumMessageSize', AttributeValue: '1048576' };
    const body = 'x'.repeat(300_000);
    expect(sns.refused('Publish', { TopicArn: topic, Message: body }).message).toBe(
      'Invalid parameter: Message too long',
    );
    sns.call('SetTopicAttributes', large);
    const url = sns.subscribeQueue(topic, 'jobs', { RawMessageDelivery: 'true' });
    sns.call('Publish', { TopicArn: topic, Message: body });
    expect(sns.sqs.bodies(url)).toEqual([body]);
    const email = { TopicArn: topic, Protocol: 'email', Endpoint: 'a@example.org' };
    expect(sns.refused('Subscribe', email).queryCode).toBe('InvalidParameter');
    sns.call('SetTopicAttributes', { ...large, AttributeValue: '262144' });
    sns.call('Subscribe', email);
    expect(sns.refused('SetTopicAttributes', large).queryCode).toBe('InvalidParameter');
  });

  it.each(['CreateSMSSandboxPhoneNumber', 'AddPermission', 'PutDataProtectionPolicy'])(
    'rejects %s by name and with its page',
    (operation) => {
      const refusal = setupSns().refused(operation, {});
      expect(refusal.message).toContain(`https://docs.aws.amazon.com/sns/latest/api/API_${operation}.html`);
    },
  );
});

describe('Publish', () => {
  it.each([
    ['an empty message', { Message: '' }, 'InvalidParameter'],
    ['a subject of two lines', { Message: 'x', Subject: 'a\nb' }, 'InvalidParameter'],
    ['a subject of 101 characters', { Message: 'x', Subject: 'a'.repeat(101) }, 'InvalidParameter'],
    [
      'a deduplication id on a standard topic',
      { Message: 'x', MessageDeduplicationId: 'a' },
      'InvalidParameter',
    ],
    [
      'JSON structure without default',
      { Message: '{"sqs":"x"}', MessageStructure: 'json' },
      'InvalidParameter',
    ],
    ['JSON structure without JSON', { Message: 'x', MessageStructure: 'json' }, 'InvalidParameter'],
    [
      'an array attribute that is none',
      { Message: 'x', MessageAttributes: { a: { DataType: 'String.Array', StringValue: 'x' } } },
      'ParameterValueInvalid',
    ],
    [
      'an attribute without a value',
      { Message: 'x', MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      'ParameterValueInvalid',
    ],
    ['a phone number beside a topic', { Message: 'x', PhoneNumber: '+15550100' }, 'InvalidParameter'],
  ])('rejects %s', (_what, input, code) => {
    const sns = setupSns();
    const TopicArn = sns.createTopic('events');
    expect(sns.refused('Publish', { TopicArn, ...input }).queryCode).toBe(code);
  });

  it.each([
    ['no group', { MessageDeduplicationId: 'a' }],
    ['no deduplication id', { MessageGroupId: 'a' }],
  ])('rejects %s on a FIFO topic', (_what, input) => {
    const sns = setupSns();
    const TopicArn = sns.createTopic('events.fifo');
    expect(sns.refused('Publish', { TopicArn, Message: 'x', ...input }).queryCode).toBe('InvalidParameter');
  });

  it('gives each protocol its own text', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', { RawMessageDelivery: 'true' });
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'sms', Endpoint: '+15550100' });
    const Message = JSON.stringify({ default: 'all', sqs: 'for queues', http: 1 });
    sns.call('Publish', { TopicArn: topic, Message, MessageStructure: 'json' });
    expect(sns.sqs.bodies(url)).toEqual(['for queues']);
    expect(sns.engine.outbox()).toMatchObject([{ protocol: 'sms', endpoint: '+15550100', text: 'all' }]);
  });

  it('deduplicates per topic, or per group where the scope is the group', () => {
    const sns = setupSns();
    const perTopic = sns.createTopic('a.fifo');
    const perGroup = sns.createTopic('b.fifo', { FifoThroughputScope: 'MessageGroup' });
    const ids = (topic: string): readonly unknown[] =>
      ['x', 'y'].map(
        (group) =>
          sns.call('Publish', {
            TopicArn: topic,
            Message: 'm',
            MessageGroupId: group,
            MessageDeduplicationId: 'd',
          })['MessageId'],
      );
    expect(new Set(ids(perTopic)).size).toBe(1);
    expect(new Set(ids(perGroup)).size).toBe(2);
  });
});

describe('PublishBatch', () => {
  it('fails entries alone', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', { RawMessageDelivery: 'true' });
    const result = sns.call('PublishBatch', {
      TopicArn: topic,
      PublishBatchRequestEntries: [
        { Id: 'good', Message: 'x' },
        { Id: 'bad', Message: '' },
      ],
    });
    expect(result).toMatchObject({
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', Code: 'InvalidParameter', SenderFault: true }],
    });
    expect(sns.sqs.bodies(url)).toEqual(['x']);
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, n) => ({ Id: `e${n}`, Message: 'x' })),
      'TooManyEntriesInBatchRequest',
    ],
    [
      'an id twice',
      [
        { Id: 'a', Message: 'x' },
        { Id: 'a', Message: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['an id with a dot', [{ Id: 'a.b', Message: 'x' }], 'InvalidBatchEntryId'],
    [
      'more than the limit together',
      [
        { Id: 'a', Message: 'x'.repeat(200_000) },
        { Id: 'b', Message: 'x'.repeat(200_000) },
      ],
      'BatchRequestTooLong',
    ],
  ])('rejects %s as a whole', (_what, entries, code) => {
    const sns = setupSns();
    const TopicArn = sns.createTopic('events');
    expect(sns.refused('PublishBatch', { TopicArn, PublishBatchRequestEntries: entries }).queryCode).toBe(
      code,
    );
  });
});

describe('subscriptions', () => {
  it('is one subscription per protocol and endpoint', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const input = { TopicArn: topic, Protocol: 'sqs', Endpoint: arnOf('jobs') };
    const first = sns.call('Subscribe', input);
    expect(sns.call('Subscribe', input)).toEqual(first);
    const other = { ...input, Attributes: { RawMessageDelivery: 'true' } };
    expect(sns.refused('Subscribe', other).message).toContain('already exists with different attributes');
    expect(sns.call('ListSubscriptionsByTopic', { TopicArn: topic })['Subscriptions']).toHaveLength(1);
  });

  it.each([
    ['RawMessageDelivery', 'yes'],
    ['RawMessageDelivery', 'maybe'],
    ['FilterPolicy', '{"a":"x"}'],
    ['FilterPolicyScope', 'Everything'],
    ['RedrivePolicy', '{"deadLetterTargetArn":"arn:aws:sns:x"}'],
    ['RedrivePolicy', `{"deadLetterTargetArn":"${arnOf('dead.fifo')}"}`],
    ['DeliveryPolicy', '{"healthyRetryPolicy":{"numRetries":101}}'],
    ['ReplayPolicy', '{"PointType":"Timestamp","StartingPoint":"2024-01-01T00:00:00Z"}'],
    ['Colour', 'red'],
  ])('rejects %s of %s', (name, value) => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    sns.subscribeQueue(topic, 'jobs');
    const [subscription] = sns.call('ListSubscriptions', {})['Subscriptions'] as {
      SubscriptionArn: string;
    }[];
    const set = {
      SubscriptionArn: subscription?.SubscriptionArn,
      AttributeName: name,
      AttributeValue: value,
    };
    expect(sns.refused('SetSubscriptionAttributes', set).queryCode).toBe('InvalidParameter');
  });

  it('changes the filter of a live subscription, and stops with Unsubscribe', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const url = sns.subscribeQueue(topic, 'jobs', { RawMessageDelivery: 'true' });
    const [{ SubscriptionArn }] = sns.call('ListSubscriptions', {})['Subscriptions'] as [
      { SubscriptionArn: string },
    ];
    const publish = (): unknown => sns.call('Publish', { TopicArn: topic, Message: '{"a":"x"}' });
    const set = (AttributeName: string, AttributeValue: string): unknown =>
      sns.call('SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue });
    set('FilterPolicyScope', 'MessageBody');
    set('FilterPolicy', '{"a":["y"]}');
    publish();
    expect(sns.sqs.bodies(url)).toEqual([]);
    set('FilterPolicy', '{"a":["x"]}');
    publish();
    expect(sns.sqs.bodies(url)).toHaveLength(1);
    sns.call('Unsubscribe', { SubscriptionArn });
    publish();
    expect(sns.sqs.bodies(url)).toEqual([]);
    expect(sns.refused('GetSubscriptionAttributes', { SubscriptionArn }).queryCode).toBe('NotFound');
  });

  it('takes at most 200 filter policies per topic', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    const subscribe = (n: number): Readonly<Record<string, unknown>> => ({
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf(`q${n}`),
      Attributes: { FilterPolicy: '{"a":["x"]}' },
    });
    for (let n = 0; n < 200; n += 1) sns.call('Subscribe', subscribe(n));
    expect(sns.refused('Subscribe', subscribe(200)).queryCode).toBe('FilterPolicyLimitExceeded');
  });

  it('takes at most 100 subscriptions of a FIFO topic', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events.fifo');
    const subscribe = (n: number): Readonly<Record<string, unknown>> => ({
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf(`q${n}.fifo`),
    });
    for (let n = 0; n < 100; n += 1) sns.call('Subscribe', subscribe(n));
    expect(sns.refused('Subscribe', subscribe(100)).queryCode).toBe('SubscriptionLimitExceeded');
  });
});

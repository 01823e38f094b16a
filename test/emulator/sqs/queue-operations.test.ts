import { ACCOUNT, arnOf, BASE, setupSqs } from './setup.js';

describe('CreateQueue', () => {
  it('answers a second creation with the same queue', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { DelaySeconds: '5', VisibilityTimeout: '60' });
    expect(sqs.create('jobs')).toBe(url);
    expect(sqs.create('jobs', { DelaySeconds: '5' })).toBe(url);
  });

  it('rejects a second creation with another value', () => {
    const sqs = setupSqs();
    sqs.create('jobs', { DelaySeconds: '5' });
    const refusal = sqs.refused('CreateQueue', { QueueName: 'jobs', Attributes: { DelaySeconds: '6' } });
    expect(refusal).toMatchObject({ code: 'QueueNameExists', queryCode: 'QueueAlreadyExists', status: 400 });
  });

  it.each([
    ['a name with a dot', 'a.b', {}, 'InvalidParameterValue'],
    ['a name of 81 characters', 'x'.repeat(81), {}, 'InvalidParameterValue'],
    ['a .fifo name without FifoQueue', 'a.fifo', {}, 'InvalidParameterValue'],
    ['FifoQueue without a .fifo name', 'a', { FifoQueue: 'true' }, 'InvalidParameterValue'],
    ['FifoQueue false', 'a', { FifoQueue: 'false' }, 'InvalidAttributeName'],
    ['an unknown attribute', 'a', { Colour: 'red' }, 'InvalidAttributeName'],
    ['a delay of 901 seconds', 'a', { DelaySeconds: '901' }, 'InvalidAttributeValue'],
    ['a message size below 1 KiB', 'a', { MaximumMessageSize: '1023' }, 'InvalidAttributeValue'],
    ['a message size above 1 MiB', 'a', { MaximumMessageSize: '1048577' }, 'InvalidAttributeValue'],
    ['a retention of 59 seconds', 'a', { MessageRetentionPeriod: '59' }, 'InvalidAttributeValue'],
    ['a long poll of 21 seconds', 'a', { ReceiveMessageWaitTimeSeconds: '21' }, 'InvalidAttributeValue'],
    ['a visibility above 12 hours', 'a', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
    [
      'a policy that is no policy',
      'a',
      { Policy: '{"Statement":[{"Effect":"Maybe"}]}' },
      'InvalidAttributeValue',
    ],
    [
      'a redrive policy without target',
      'a',
      { RedrivePolicy: '{"maxReceiveCount":3}' },
      'InvalidAttributeValue',
    ],
    [
      'content deduplication on a standard queue',
      'a',
      { ContentBasedDeduplication: 'true' },
      'InvalidAttributeName',
    ],
    [
      'throughput per group with queue-wide deduplication',
      'a.fifo',
      { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' },
      'InvalidAttributeValue',
    ],
  ])('rejects %s', (_what, name, attributes, code) => {
    const sqs = setupSqs();
    expect(sqs.refused('CreateQueue', { QueueName: name, Attributes: attributes }).code).toBe(code);
  });

  it('rejects the name of a queue deleted less than a minute ago', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.call('DeleteQueue', { QueueUrl: url });
    sqs.now += 59_999;
    expect(sqs.refused('CreateQueue', { QueueName: 'jobs' }).code).toBe('QueueDeletedRecently');
    sqs.now += 1;
    expect(sqs.create('jobs')).toBe(url);
  });
});

describe('redrive policy', () => {
  const redriveTo = (arn: string): Readonly<Record<string, string>> => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 3 }),
  });

  it.each([
    ['a target that does not exist', arnOf('missing'), 'does not exist'],
    ['a target of the other type', arnOf('other.fifo'), 'same type'],
    ['itself as target', arnOf('jobs'), 'its own'],
    ['a target that denies it', arnOf('denies'), 'RedriveAllowPolicy'],
  ])('rejects %s', (_what, arn, words) => {
    const sqs = setupSqs();
    sqs.create('other.fifo');
    sqs.create('denies', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    const url = sqs.create('jobs');
    const refusal = sqs.refused('SetQueueAttributes', { QueueUrl: url, Attributes: redriveTo(arn) });
    expect(refusal.message).toContain(words);
  });

  it('allows sources that the target names', () => {
    const sqs = setupSqs();
    const dead = sqs.create('dead', {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf('jobs')] }),
    });
    const url = sqs.create('jobs', redriveTo(arnOf('dead')));
    expect(sqs.call('ListDeadLetterSourceQueues', { QueueUrl: dead })).toEqual({ queueUrls: [url] });
  });

  it('leaves messages in their queue when the target is deleted', () => {
    const sqs = setupSqs();
    const dead = sqs.create('dead');
    const url = sqs.create('jobs', {
      VisibilityTimeout: '0',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 }),
    });
    sqs.call('DeleteQueue', { QueueUrl: dead });
    sqs.send(url, 'kept');
    sqs.receive(url);
    expect(sqs.bodies(url)).toEqual(['kept']);
  });
});

describe('queue attributes', () => {
  it('answers defaults, counts and what was set', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '60' });
    sqs.send(url, 'ready');
    sqs.send(url, 'ready too');
    sqs.send(url, 'delayed', { DelaySeconds: 10 });
    sqs.receive(url);
    expect(sqs.attributes(url)).toEqual({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      CreatedTimestamp: '1700000000',
      LastModifiedTimestamp: '1700000000',
      QueueArn: arnOf('jobs'),
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      VisibilityTimeout: '60',
      SqsManagedSseEnabled: 'true',
    });
  });

  it('takes a policy away when it is set to nothing', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { Policy: '{"Statement":[]}' });
    sqs.call('SetQueueAttributes', { QueueUrl: url, Attributes: { Policy: '' } });
    expect(sqs.attributes(url)['Policy']).toBeUndefined();
  });

  it('ends the managed encryption when a key is set, and the other way round', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.call('SetQueueAttributes', { QueueUrl: url, Attributes: { KmsMasterKeyId: 'alias/mine' } });
    expect(sqs.attributes(url)['SqsManagedSseEnabled']).toBe('false');
    sqs.call('SetQueueAttributes', { QueueUrl: url, Attributes: { SqsManagedSseEnabled: 'true' } });
    expect(sqs.attributes(url)['KmsMasterKeyId']).toBeUndefined();
  });

  it('applies a new delay to messages already waiting on a FIFO queue only', () => {
    const sqs = setupSqs();
    const fifo = sqs.create('jobs.fifo', { DelaySeconds: '60' });
    const standard = sqs.create('jobs', { DelaySeconds: '60' });
    sqs.send(fifo, 'f', { MessageGroupId: 'a', MessageDeduplicationId: '1' });
    sqs.send(standard, 's');
    for (const url of [fifo, standard])
      sqs.call('SetQueueAttributes', { QueueUrl: url, Attributes: { DelaySeconds: '0' } });
    expect([sqs.bodies(fifo), sqs.bodies(standard)]).toEqual([['f'], []]);
  });

  it('rejects attributes it does not know', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const refusal = sqs.refused('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['Colour'] });
    expect(refusal.code).toBe('InvalidAttributeName');
  });
});

describe('finding queues', () => {
  it('finds a queue by name, and by URL whatever the host', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    expect(sqs.call('GetQueueUrl', { QueueName: 'jobs' })).toEqual({ QueueUrl: url });
    expect(sqs.send(`http://elsewhere/${ACCOUNT}/jobs`, 'hi')['MessageId']).toBeDefined();
  });

  it.each([
    ['a name nobody has', 'GetQueueUrl', { QueueName: 'none' }],
    ['another account', 'SendMessage', { QueueUrl: `${BASE}/111111111111/jobs`, MessageBody: 'x' }],
    ['a deleted queue', 'ReceiveMessage', { QueueUrl: `${BASE}/${ACCOUNT}/deleted` }],
  ])('rejects %s', (_what, operation, input) => {
    const sqs = setupSqs();
    sqs.create('jobs');
    sqs.call('DeleteQueue', { QueueUrl: sqs.create('deleted') });
    expect(sqs.refused(operation, input)).toMatchObject({
      code: 'QueueDoesNotExist',
      queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  it('lists queues by prefix, a page at a time', () => {
    const sqs = setupSqs();
    for (const name of ['a-3', 'a-1', 'b-1', 'a-2']) sqs.create(name);
    const first = sqs.call('ListQueues', { QueueNamePrefix: 'a-', MaxResults: 2 });
    const second = sqs.call('ListQueues', {
      QueueNamePrefix: 'a-',
      MaxResults: 2,
      NextToken: first['NextToken'],
    });
    expect(first['QueueUrls']).toEqual(['a-1', 'a-2'].map((name) => `${BASE}/${ACCOUNT}/${name}`));
    expect(second).toEqual({ QueueUrls: [`${BASE}/${ACCOUNT}/a-3`] });
  });
});

describe('PurgeQueue', () => {
  it('empties a queue, once a minute', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'ready');
    sqs.send(url, 'in flight');
    sqs.receive(url);
    sqs.call('PurgeQueue', { QueueUrl: url });
    expect(sqs.attributes(url)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
    sqs.now += 59_999;
    expect(sqs.refused('PurgeQueue', { QueueUrl: url })).toMatchObject({
      code: 'PurgeQueueInProgress',
      status: 403,
    });
    sqs.now += 1;
    expect(sqs.call('PurgeQueue', { QueueUrl: url })).toEqual({});
  });
});

describe('tags', () => {
  it('adds, overwrites, lists and removes tags', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.call('TagQueue', { QueueUrl: url, Tags: { team: 'a', stage: 'dev' } });
    sqs.call('TagQueue', { QueueUrl: url, Tags: { team: 'b' } });
    sqs.call('UntagQueue', { QueueUrl: url, TagKeys: ['stage'] });
    expect(sqs.call('ListQueueTags', { QueueUrl: url })).toEqual({ Tags: { team: 'b' } });
  });
});

describe('operations that are not done', () => {
  it.each(['AddPermission', 'RemovePermission', 'Nonsense'])('rejects %s by name', (operation) => {
    const refusal = setupSqs().refused(operation, {});
    expect(refusal.code).toBe('UnsupportedOperation');
    expect(refusal.message).toContain(operation);
  });
});

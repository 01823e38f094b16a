import { setupSqs } from './setup.js';

const STRING = (value: string): Readonly<Record<string, string>> => ({
  DataType: 'String',
  StringValue: value,
});

describe('SendMessage', () => {
  it('counts UTF-8 bytes of body, names, types and values against the limit of the queue', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { MaximumMessageSize: '1024' });
    const body = 'é'.repeat(505);
    const attribute = { MessageAttributes: { ab: STRING('123456') } };
    expect(sqs.send(url, body, attribute)['MessageId']).toBeDefined();
    const refusal = sqs.refused('SendMessage', { QueueUrl: url, MessageBody: `${body}x`, ...attribute });
    expect(refusal.message).toContain('shorter than 1024 bytes');
  });

  it.each([
    ['letters, tabs and line breaks', 'a\t\r\n', true],
    ['an emoji', '🚀', true],
    ['U+FFFD', '\uFFFD', true],
    ['a null character', 'a\u0000', false],
    ['U+FFFE', '\uFFFE', false],
    ['half of a surrogate pair', '\uD83D', false],
    ['a vertical tab', '\u000B', false],
  ])('decides on %s as XML does', (_what, body, isAllowed) => {
    const sqs = setupSqs();
    const input = { QueueUrl: sqs.create('jobs'), MessageBody: body };
    const result = sqs.engine.call({ operation: 'SendMessage', input }, sqs.now);
    expect(result.kind === 'fault' ? result.fault.code : 'sent').toBe(
      isAllowed ? 'sent' : 'InvalidMessageContents',
    );
  });

  it.each([
    ['no body', {}, 'MissingParameter'],
    ['an empty body', { MessageBody: '' }, 'MissingParameter'],
    ['a delay of 901 seconds', { MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['a deduplication id', { MessageBody: 'x', MessageDeduplicationId: 'a' }, 'InvalidParameterValue'],
    ['a group with a blank', { MessageBody: 'x', MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    [
      'a group of 129 characters',
      { MessageBody: 'x', MessageGroupId: 'a'.repeat(129) },
      'InvalidParameterValue',
    ],
    [
      'an attribute without a type',
      { MessageBody: 'x', MessageAttributes: { a: { StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    [
      'an attribute without a value',
      { MessageBody: 'x', MessageAttributes: { a: STRING('') } },
      'InvalidParameterValue',
    ],
    [
      'a reserved attribute name',
      { MessageBody: 'x', MessageAttributes: { 'AWS.a': STRING('x') } },
      'InvalidParameterValue',
    ],
    [
      'an attribute name with two dots',
      { MessageBody: 'x', MessageAttributes: { 'a..b': STRING('x') } },
      'InvalidParameterValue',
    ],
    [
      'a number that is none',
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Number', StringValue: 'one' } } },
      'InvalidParameterValue',
    ],
    [
      'an unknown type',
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Bool', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    [
      'an unknown system attribute',
      { MessageBody: 'x', MessageSystemAttributes: { Other: STRING('x') } },
      'InvalidParameterValue',
    ],
    [
      'eleven attributes',
      {
        MessageBody: 'x',
        MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, STRING('x')])),
      },
      'InvalidParameterValue',
    ],
  ])('rejects %s on a standard queue', (_what, input, code) => {
    const sqs = setupSqs();
    expect(sqs.refused('SendMessage', { QueueUrl: sqs.create('jobs'), ...input }).code).toBe(code);
  });

  it.each([
    ['no group', { MessageDeduplicationId: 'a' }, 'MissingParameter'],
    ['neither deduplication id nor content deduplication', { MessageGroupId: 'a' }, 'InvalidParameterValue'],
    [
      'a delay of its own',
      { MessageGroupId: 'a', MessageDeduplicationId: 'a', DelaySeconds: 1 },
      'InvalidParameterValue',
    ],
  ])('rejects %s on a FIFO queue', (_what, input, code) => {
    const sqs = setupSqs();
    const refusal = sqs.refused('SendMessage', {
      QueueUrl: sqs.create('jobs.fifo'),
      MessageBody: 'x',
      ...input,
    });
    expect(refusal.code).toBe(code);
  });

  it('digests attributes of all types as AWS does', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const sent = sqs.send(url, 'x', {
      MessageAttributes: {
        timestamp: { DataType: 'Number', StringValue: '1493147359900' },
      },
    });
    expect(sent['MD5OfMessageAttributes']).toBe('235c5c510d26fb653d073faed50ae77c');
  });

  it('carries the trace header without counting it', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { MaximumMessageSize: '1024' });
    const sent = sqs.send(url, 'x'.repeat(1024), {
      MessageSystemAttributes: { AWSTraceHeader: STRING('Root=1-a') },
    });
    expect(sent['MD5OfMessageSystemAttributes']).toMatch(/^[0-9a-f]{32}$/);
    expect(sqs.receive(url)[0]?.Attributes?.['AWSTraceHeader']).toBe('Root=1-a');
  });

  it('delays a message by its own seconds rather than those of the queue', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { DelaySeconds: '60' });
    sqs.send(url, 'sooner', { DelaySeconds: 5 });
    sqs.now += 4_999;
    expect(sqs.bodies(url)).toEqual([]);
    sqs.now += 1;
    expect(sqs.bodies(url)).toEqual(['sooner']);
  });
});

describe('ReceiveMessage', () => {
  it('returns just the attributes that were asked for, with the digest of just those', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '0' });
    sqs.send(url, 'x', { MessageAttributes: { 'a.one': STRING('1'), 'a.two': STRING('2'), b: STRING('3') } });
    const names = (wanted: readonly string[]): readonly string[] =>
      Object.keys(sqs.receive(url, { MessageAttributeNames: wanted })[0]?.MessageAttributes ?? {}).sort();
    expect(names([])).toEqual([]);
    expect(names(['a.*'])).toEqual(['a.one', 'a.two']);
    expect(names(['b', 'nothing'])).toEqual(['b']);
    expect(names(['.*'])).toEqual(['a.one', 'a.two', 'b']);
    const digest = sqs.receive(url, { MessageAttributeNames: ['b'] })[0]?.MD5OfMessageAttributes;
    const alone = sqs.send(url, 'y', { MessageAttributes: { b: STRING('3') } });
    expect(digest).toBe(alone['MD5OfMessageAttributes']);
  });

  it.each([
    ['more than ten messages', { MaxNumberOfMessages: 11 }],
    ['no messages', { MaxNumberOfMessages: 0 }],
    ['a wait of 21 seconds', { WaitTimeSeconds: 21 }],
    ['a visibility above 12 hours', { VisibilityTimeout: 43_201 }],
    ['an attempt id on a standard queue', { ReceiveRequestAttemptId: 'a' }],
  ])('rejects %s', (_what, input) => {
    const sqs = setupSqs();
    expect(sqs.refused('ReceiveMessage', { QueueUrl: sqs.create('jobs'), ...input }).code).toBe(
      'InvalidParameterValue',
    );
  });

  it('says OverLimit to a short poll at the in-flight limit, and nothing to a long one', () => {
    const sqs = setupSqs({ maxInFlight: 2 });
    const url = sqs.create('jobs');
    for (const body of ['1', '2', '3']) sqs.send(url, body);
    expect(sqs.bodies(url)).toHaveLength(2);
    expect(sqs.refused('ReceiveMessage', { QueueUrl: url })).toMatchObject({
      code: 'OverLimit',
      status: 403,
    });
    const long = { operation: 'ReceiveMessage', input: { QueueUrl: url, WaitTimeSeconds: 1 } };
    expect(sqs.engine.call(long, sqs.now).kind).toBe('wait');
  });

  it('says nothing at the in-flight limit of a FIFO queue', () => {
    const sqs = setupSqs({ maxInFlight: 1 });
    const url = sqs.create('jobs.fifo', { ContentBasedDeduplication: 'true' });
    for (const body of ['1', '2']) sqs.send(url, body, { MessageGroupId: body });
    expect(sqs.bodies(url)).toHaveLength(1);
    expect(sqs.bodies(url)).toEqual([]);
  });

  it('makes a message received with no visibility timeout visible at once', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    sqs.send(url, 'x');
    expect(sqs.bodies(url, { VisibilityTimeout: 0 })).toEqual(['x']);
    expect(sqs.bodies(url)).toEqual(['x']);
  });
});

describe('batches', () => {
  it('fails entries alone', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const result = sqs.call('SendMessageBatch', {
      QueueUrl: url,
      Entries: [
        { Id: 'good', MessageBody: 'x' },
        { Id: 'bad', MessageBody: 'x', DelaySeconds: 901 },
      ],
    });
    expect(result).toMatchObject({
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' }],
    });
    expect(sqs.bodies(url)).toEqual(['x']);
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, n) => ({ Id: `e${n}`, MessageBody: 'x' })),
      'TooManyEntriesInBatchRequest',
    ],
    [
      'an id twice',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['an id with a dot', [{ Id: 'a.b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB together',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600_000) },
        { Id: 'b', MessageBody: 'x'.repeat(600_000) },
      ],
      'BatchRequestTooLong',
    ],
  ])('rejects %s as a whole', (_what, entries, code) => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    const refusal = sqs.refused('SendMessageBatch', { QueueUrl: url, Entries: entries });
    expect(refusal).toMatchObject({ code, queryCode: `AWS.SimpleQueueService.${code}` });
    expect(sqs.bodies(url)).toEqual([]);
  });

  it('deletes and extends by entry', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs');
    for (const body of ['1', '2']) sqs.send(url, body);
    const [one, two] = sqs.receive(url, { MaxNumberOfMessages: 2 });
    const deleted = sqs.call('DeleteMessageBatch', {
      QueueUrl: url,
      Entries: [
        { Id: 'one', ReceiptHandle: one?.ReceiptHandle },
        { Id: 'bogus', ReceiptHandle: 'bogus' },
      ],
    });
    const changed = sqs.call('ChangeMessageVisibilityBatch', {
      QueueUrl: url,
      Entries: [
        { Id: 'one', ReceiptHandle: one?.ReceiptHandle, VisibilityTimeout: 0 },
        { Id: 'two', ReceiptHandle: two?.ReceiptHandle, VisibilityTimeout: 0 },
      ],
    });
    expect(deleted).toMatchObject({
      Successful: [{ Id: 'one' }],
      Failed: [{ Id: 'bogus', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    });
    expect(changed).toMatchObject({ Successful: [{ Id: 'two' }], Failed: [{ Id: 'one' }] });
    expect(sqs.bodies(url)).toEqual(['2']);
  });
});

describe('ChangeMessageVisibility', () => {
  it('rejects a message that is visible again', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '1' });
    sqs.send(url, 'x');
    const [message] = sqs.receive(url);
    sqs.now += 1000;
    const change = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 5 };
    expect(sqs.refused('ChangeMessageVisibility', change)).toMatchObject({
      code: 'MessageNotInflight',
      queryCode: 'AWS.SimpleQueueService.MessageNotInflight',
    });
  });

  it('rejects the handle of an earlier receive, so that one holder cannot extend for another', () => {
    const sqs = setupSqs();
    const url = sqs.create('jobs', { VisibilityTimeout: '1' });
    sqs.send(url, 'x');
    const [first] = sqs.receive(url);
    sqs.now += 1000;
    sqs.receive(url);
    const change = { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 5 };
    expect(sqs.refused('ChangeMessageVisibility', change).code).toBe('InvalidParameterValue');
  });
});

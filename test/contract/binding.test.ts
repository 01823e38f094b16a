import { bindingVariable, parseBinding, readBinding, type QueueBinding } from '../../lib/contract/index.js';

const queue: QueueBinding = {
  v: 1,
  kind: 'queue',
  name: 'Builds',
  region: 'us-east-1',
  url: 'http://127.0.0.1:4566/000000000000/builds',
  arn: 'arn:aws:sqs:us-east-1:000000000000:builds',
  fifo: false,
  delivery: 'raw',
  messages: [{ name: 'github.push', version: 1 }],
  handlerTimeoutSeconds: 5,
  visibilityTimeoutSeconds: 30,
  maxReceiveCount: 5,
  retentionSeconds: 345_600,
  maxMessageBytes: 1_048_576,
  deadLetterQueue: {
    url: 'http://127.0.0.1:4566/000000000000/dlq',
    arn: 'arn:aws:sqs:us-east-1:000000000000:dlq',
  },
};

describe('bindingVariable', () => {
  it.each([
    ['queue', 'Builds', 'MILLRACE_QUEUE_BUILDS'],
    ['topic', 'RepositoryEvents', 'MILLRACE_TOPIC_REPOSITORY_EVENTS'],
    ['reader', 'Flights/delays', 'MILLRACE_READER_FLIGHTS_DELAYS'],
    ['stream', 'HTTPLogs-eu', 'MILLRACE_STREAM_HTTP_LOGS_EU'],
  ] as const)('names the variable of %s %s as %s', (kind, name, variable) => {
    expect(bindingVariable(kind, name)).toBe(variable);
  });
});

describe('readBinding', () => {
  it('reads what a construct wrote', () => {
    const environment = { MILLRACE_QUEUE_BUILDS: JSON.stringify(queue) };
    expect(readBinding('queue', 'Builds', environment)).toEqual(queue);
  });

  it('rejects a missing variable and lists the bindings of that kind that are there', () => {
    const environment = { MILLRACE_QUEUE_TRIAGE: '{}', MILLRACE_TOPIC_X: '{}' };
    expect(() => readBinding('queue', 'Builds', environment)).toThrow(
      expect.objectContaining({
        code: 'BINDING_MISSING',
        message: expect.stringMatching(
          /MILLRACE_QUEUE_BUILDS is not set \(queue bindings found: MILLRACE_QUEUE_TRIAGE\)/,
        ) as string,
      }) as Error,
    );
  });

  it.each([
    ['text that is no JSON', '{', /is not JSON/],
    ['a list', '[]', /must be a JSON object, got a list/],
    ['another format', JSON.stringify({ ...queue, v: 2 }), /has binding format 2, this package reads 1/],
    ['another kind', JSON.stringify({ ...queue, kind: 'topic' }), /binds a topic, but a queue was asked for/],
  ])('rejects %s', (_what, json, words) => {
    expect(() => parseBinding('queue', json, 'MILLRACE_QUEUE_BUILDS')).toThrow(words);
  });

  it('rejects every wrong field at once', () => {
    const broken = { ...queue, url: '', fifo: 'no', messages: [{ name: 'x' }], deadLetterQueue: {} };
    expect(() => parseBinding('queue', JSON.stringify(broken), 'here')).toThrow(
      expect.objectContaining({
        code: 'BINDING_INVALID',
        violations: [/^url/, /^fifo/, /^messages/, /^deadLetterQueue/].map(
          (words) => expect.stringMatching(words) as string,
        ),
      }) as Error,
    );
  });
});

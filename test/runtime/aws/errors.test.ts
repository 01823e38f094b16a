import { awsFailureError, cancellationCodes, classifyAwsError } from '../../../lib/runtime/aws/errors.js';

const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error('words'), { name, ...more });

describe('classifyAwsError', () => {
  it.each([
    [
      'QueueDoesNotExist',
      named('QueueDoesNotExist', { $metadata: { httpStatusCode: 400 } }),
      'missing',
      false,
    ],
    ['ThrottlingException', named('ThrottlingException'), 'throttled', true],
    ['a throttle by $retryable alone', named('Odd', { $retryable: { throttling: true } }), 'throttled', true],
    ['HTTP 429', named('Odd', { $metadata: { httpStatusCode: 429 } }), 'throttled', true],
    ['HTTP 503', named('ServiceUnavailable', { $metadata: { httpStatusCode: 503 } }), 'unavailable', true],
    ['ECONNREFUSED', named('AggregateError', { code: 'ECONNREFUSED' }), 'unreachable', true],
    ['a wrapped ECONNRESET', named('Error', { cause: { code: 'ECONNRESET' } }), 'unreachable', true],
    ['TimeoutError', named('TimeoutError'), 'unreachable', true],
    [
      'a request that S3 waited for in vain',
      named('RequestTimeout', { $metadata: { httpStatusCode: 400 } }),
      'unreachable',
      true,
    ],
    ['no free port', named('Error', { code: 'EADDRNOTAVAIL' }), 'unreachable', true],
    ['TLS that broke off', named('Error', { code: 'EPROTO' }), 'unreachable', true],
    ['no credentials', named('CredentialsProviderError'), 'denied', false],
    ['AbortError', named('AbortError'), 'aborted', false],
    ['a failed condition', named('ConditionalCheckFailedException'), 'condition-failed', false],
    ['another 4xx', named('InvalidParameterValue', { $metadata: { httpStatusCode: 400 } }), 'refused', false],
    ['a TypeError', new TypeError('x is not a function'), 'unknown', false],
    ['a thrown string', 'no', 'unknown', false],
    ['a thrown null', null, 'unknown', false],
  ])('classifies %s', (_case, error, kind, isRetryable) => {
    expect(classifyAwsError(error)).toMatchObject({ kind, isRetryable, error });
  });
});

describe('cancellationCodes', () => {
  it('lists one code per item of a cancelled transaction', () => {
    const error = named('TransactionCanceledException', {
      CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }, {}],
    });
    expect(cancellationCodes(error)).toEqual(['ConditionalCheckFailed', 'None', 'None']);
  });

  it('answers nothing for other errors', () => {
    expect(cancellationCodes(named('ValidationException'))).toBeUndefined();
  });
});

describe('awsFailureError', () => {
  it('says what was attempted, where, what came back and what to do', () => {
    const failure = classifyAwsError(named('Error', { code: 'ECONNREFUSED' }));
    const error = awsFailureError(failure, {
      action: "receive from queue 'Builds'",
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:9',
    });
    expect(error.code).toBe('ENDPOINT_UNREACHABLE');
    expect(error.message).toMatch(
      /can't receive from queue 'Builds'.*127\.0\.0\.1:9.*ECONNREFUSED.*AWS_ENDPOINT_URL/s,
    );
    expect(error.cause).toBe(failure.error);
  });
});

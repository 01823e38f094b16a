import fc from 'fast-check';
import { decideExpansion } from '../../../lib/core/claim-check/expansion.js';
import {
  declaredPayloadBytes,
  decodePointer,
  encodePointer,
  splitReceiptHandle,
} from '../../../lib/core/claim-check/pointer.js';
import { payloadDays } from '../../../lib/core/claim-check/retention.js';

const JAVA =
  '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"payloads","s3Key":"5d8c1a6e"}]';
const OLD_JAVA =
  '["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"payloads","s3Key":"5d8c1a6e"}]';

describe('a claim check on the wire', () => {
  it("is written byte for byte as AWS's extended clients write it", () => {
    expect(encodePointer({ bucket: 'payloads', key: '5d8c1a6e' })).toBe(JAVA);
  });

  it.each([
    ['today', JAVA],
    ['formerly', OLD_JAVA],
    ['by Python, with spaces', JAVA.replace('",{', '", {').replace('","s3Key":', '", "s3Key": ')],
  ])('is read as it is written %s', (_when, body) => {
    expect(decodePointer(body)).toEqual({ bucket: 'payloads', key: '5d8c1a6e' });
  });

  it.each(['', '{}', '[]', 'null', '["other",{"s3BucketName":"b","s3Key":"k"}]', `${JAVA.slice(0, -1)},1]`])(
    'is not seen in %s',
    (body) => expect(decodePointer(body)).toBeUndefined(),
  );

  it('is not seen where bucket or key is no text', () => {
    expect(decodePointer(JAVA.replace('"5d8c1a6e"', '1'))).toBeUndefined();
    expect(decodePointer(JAVA.replace('"payloads"', '""'))).toBeUndefined();
    expect(decodePointer('["software.amazon.payloadoffloading.PayloadS3Pointer",null]')).toBeUndefined();
  });

  it.each(['ExtendedPayloadSize', 'SQSLargePayloadSize'])('is announced by the attribute %s', (name) => {
    expect(declaredPayloadBytes((asked) => (asked === name ? '300000' : undefined))).toBe(300_000);
    expect(declaredPayloadBytes(() => undefined)).toBeUndefined();
  });

  it('survives any bucket and key', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'binary' }), (bucket, key) => {
        expect(decodePointer(encodePointer({ bucket, key }))).toEqual({ bucket, key });
      }),
    );
  });
});

describe('a receipt handle of an extended client', () => {
  it('is taken apart into pointer and handle', () => {
    const handle = '-..s3BucketName..-payloads-..s3BucketName..--..s3Key..-a/b-..s3Key..-AQEBxyz==';
    expect(splitReceiptHandle(handle)).toEqual({
      receiptHandle: 'AQEBxyz==',
      pointer: { bucket: 'payloads', key: 'a/b' },
    });
  });

  it('is left alone when it is one of SQS', () => {
    expect(splitReceiptHandle('AQEBxyz==')).toEqual({ receiptHandle: 'AQEBxyz==' });
    const torn = '-..s3BucketName..-payloads-..s3BucketName..-AQEB';
    expect(splitReceiptHandle(torn)).toEqual({ receiptHandle: torn });
  });
});

describe('a payload that grows while it is read', () => {
  const limits = { maxBytes: 10_000_000, maxRatio: 100 };
  it.each([
    ['fine', 1_000, 100_000],
    ['fine', 100, 1_048_576], // short ones may compress as well as they can
    ['too-dense', 10_000, 1_048_577],
    ['fine', 100_000, 10_000_000],
    ['too-large', 10_000_000, 10_000_001],
  ] as const)('is %s: %d bytes stored, %d read', (decision, storedBytes, expandedBytes) => {
    expect(decideExpansion({ storedBytes, expandedBytes }, limits)).toBe(decision);
  });
});

it('keeps payloads for a pass through queue, dead-letter queue and, after a redrive, the queue again', () => {
  expect(payloadDays({ queueSeconds: 345_600, deadLetterSeconds: 1_209_600 })).toBe(22);
  expect(payloadDays({ queueSeconds: 60, deadLetterSeconds: 60 })).toBe(1);
});

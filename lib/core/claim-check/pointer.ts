/**
 * A claim check on the wire, as AWS's extended clients for SQS and SNS (Java, Python) write and read it: the payload is an
 * object in S3, the body of the message is a pointer to it.
 *
 * | part | content |
 * |---|---|
 * | attribute `ExtendedPayloadSize` | Number: UTF-8 bytes of the payload; formerly `SQSLargePayloadSize`, still understood |
 * | body | JSON list of two: the class tag, then `{"s3BucketName":"…","s3Key":"…"}` |
 *
 * @see https://github.com/awslabs/amazon-sqs-java-extended-client-lib
 * @see https://github.com/awslabs/payload-offloading-java-common-lib-for-aws
 */
export const PAYLOAD_SIZE_ATTRIBUTE = 'ExtendedPayloadSize';

/** What old versions of the extended clients call it. @see PAYLOAD_SIZE_ATTRIBUTE */
const LEGACY_PAYLOAD_SIZE_ATTRIBUTE = 'SQSLargePayloadSize';

/** Attributes that say "the body is a pointer"; they are not free for anything else. */
export const CLAIM_CHECK_ATTRIBUTES: readonly string[] = Object.freeze([
  PAYLOAD_SIZE_ATTRIBUTE,
  LEGACY_PAYLOAD_SIZE_ATTRIBUTE,
]);

const CLASS_TAG = 'software.amazon.payloadoffloading.PayloadS3Pointer';
const CLASS_TAGS: readonly unknown[] = [CLASS_TAG, 'com.amazon.sqs.javamessaging.MessageS3Pointer'];

/** Where a payload is. */
export interface PayloadPointer {
  /** S3 bucket the payload is in. */
  readonly bucket: string;
  /** Its object key there. */
  readonly key: string;
}

/** Writes a pointer as the body of a message. Members and their order are what the Java client writes. */
export function encodePointer({ bucket, key }: PayloadPointer): string {
  return JSON.stringify([CLASS_TAG, { s3BucketName: bucket, s3Key: key }]);
}

/** Reads a pointer from the body of a message; undefined when it is none. */
export function decodePointer(body: string): PayloadPointer | undefined {
  const value = parseJson(body);
  if (!Array.isArray(value) || value.length !== 2 || !CLASS_TAGS.includes(value[0])) return undefined;
  const { s3BucketName, s3Key } = (value[1] ?? {}) as {
    readonly s3BucketName?: unknown;
    readonly s3Key?: unknown;
  };
  return isText(s3BucketName) && isText(s3Key) ? { bucket: s3BucketName, key: s3Key } : undefined;
}

/** How many bytes the attributes of a message say its payload has; undefined when it carries its payload itself. */
export function declaredPayloadBytes(attribute: (name: string) => string | undefined): number | undefined {
  const text = CLAIM_CHECK_ATTRIBUTES.map(attribute).find((value) => value !== undefined);
  return text === undefined ? undefined : Number(text);
}

const BUCKET_MARKER = '-..s3BucketName..-';
const KEY_MARKER = '-..s3Key..-';

/** A receipt handle as an extended client gives it out, taken apart. */
export interface SplitReceiptHandle {
  /** The handle as SQS knows it. */
  readonly receiptHandle: string;
  /** The payload in S3; undefined where the handle names none. */
  readonly pointer?: PayloadPointer;
}

/**
 * Takes the pointer out of a receipt handle that an extended client made: `-..s3BucketName..-<bucket>-..s3BucketName..-`
 * and the same for the key stand before SQS's own handle. For handles that were stored or passed on by such a client; the
 * worker's own never have it.
 */
export function splitReceiptHandle(handle: string): SplitReceiptHandle {
  const bucket = between(handle, BUCKET_MARKER);
  const key = bucket && between(bucket.rest, KEY_MARKER);
  if (bucket === undefined || key === undefined) return { receiptHandle: handle };
  return { receiptHandle: key.rest, pointer: { bucket: bucket.inside, key: key.inside } };
}

function between(
  text: string,
  marker: string,
): { readonly inside: string; readonly rest: string } | undefined {
  const end = text.indexOf(marker, marker.length);
  if (!text.startsWith(marker) || end === -1) return undefined;
  return { inside: text.slice(marker.length, end), rest: text.slice(end + marker.length) };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

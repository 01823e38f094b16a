import { Duration, Size, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { limitOf } from '../../contract/limits.js';
import { payloadDays, SNS_RETRY_DAYS } from '../../core/claim-check/retention.js';
import { unknownNames } from '../../core/options.js';
import { checkBytes, show, type Checked } from '../bounds.js';

/** How payloads that are too large for a message are kept in S3. */
export interface ClaimCheckProps {
  /**
   * How long a payload is kept, in whole days. It has to outlive every message that points to it.
   *
   * @default - of a queue: twice its retention and that of its dead-letter queue together, for a redrive begins anew; of a
   * topic: 79 days, the longest that its deliveries and any queue behind it can take
   */
  readonly expireAfter?: Duration;

  /**
   * Messages that weigh more leave their payload in S3: 1 KiB up to the largest message. SQS and SNS bill per 64 KiB.
   *
   * @default - 256 KiB, or the largest message where that is less
   */
  readonly threshold?: Size;

  /**
   * A customer managed key for the payloads.
   *
   * @default - the key of the queue or topic, else the one S3 manages, free of charge
   */
  readonly encryptionKey?: IKey;
}

/** What is known of the claim check of a queue or topic that another app manages. */
export interface ClaimCheckAttributes {
  /** Where its payloads are kept. */
  readonly bucketName: string;

  /**
   * The customer managed key of the payloads, which senders and workers must be allowed to use.
   *
   * @default - the key that S3 manages
   */
  readonly encryptionKeyArn?: string;

  /**
   * What the names of its payloads begin with.
   *
   * @default - the binding's name and a slash, as our constructs have it
   */
  readonly prefix?: string;

  /**
   * Messages that weigh more leave their payload in S3.
   *
   * @default - 256 KiB, or the largest message where that is less
   */
  readonly threshold?: Size;
}

const ATTRIBUTES = {
  bucketName: true,
  encryptionKeyArn: true,
  prefix: true,
  threshold: true,
} satisfies Record<keyof ClaimCheckAttributes, true>;

/** An imported claim check, decided. */
export interface CompiledClaimCheckAttributes {
  readonly bucketName: string;
  /** @default - the key that S3 manages */
  readonly encryptionKeyArn?: string;
  readonly prefix: string;
  readonly thresholdBytes: number;
}

/** Decides an imported claim check; no settings where there is none. */
export function compileClaimCheckAttributes(
  given: ClaimCheckAttributes | undefined,
  { bindingName, maxMessageBytes }: { readonly bindingName: string; readonly maxMessageBytes: number },
): { readonly violations: readonly string[]; readonly settings?: CompiledClaimCheckAttributes } {
  if (given === undefined) return { violations: [] };
  const isObject = typeof given === 'object' && !Token.isUnresolved(given);
  if (!isObject) return { violations: [`claimCheck must be its attributes, got ${show(given)}`] };
  const { bucketName, encryptionKeyArn, prefix = `${bindingName}/` } = given;
  const threshold = thresholdOf(given.threshold, maxMessageBytes);
  return {
    violations: [
      ...unknownNames(given, Object.keys(ATTRIBUTES), 'claimCheck.'),
      ...threshold.violations,
      ...(typeof bucketName === 'string' && bucketName !== ''
        ? []
        : [`claimCheck.bucketName must be the name of a bucket, got ${show(bucketName)}`]),
      ...(prefix === '' || prefix.endsWith('/') || Token.isUnresolved(prefix)
        ? []
        : [`claimCheck.prefix must end with a slash, got ${show(prefix)}`]),
    ],
    settings: {
      bucketName,
      prefix,
      thresholdBytes: threshold.value,
      ...(encryptionKeyArn !== undefined && { encryptionKeyArn }),
    },
  };
}

/** What is decided of a claim check. */
export interface CompiledClaimCheckProps {
  /** @default - the queue's or topic's own */
  readonly encryptionKey?: IKey;
  readonly expireAfterDays: number;
  readonly thresholdBytes: number;
}

/** What a claim check has to fit. */
export interface ClaimCheckFrame {
  readonly maxMessageBytes: number;
  /** Messages may point to a payload for so long. */
  readonly neededDays: number;
  readonly defaultDays: number;
}

const PROPS = { encryptionKey: true, expireAfter: true, threshold: true } satisfies Record<
  keyof ClaimCheckProps,
  true
>;

/** Decides a claim check; no settings where there is to be none. */
export function compileClaimCheckProps(
  given: boolean | ClaimCheckProps | undefined,
  { maxMessageBytes, neededDays, defaultDays }: ClaimCheckFrame,
): { readonly violations: readonly string[]; readonly settings?: CompiledClaimCheckProps } {
  if (given === undefined || given === false) return { violations: [] };
  if ((given !== true && typeof given !== 'object') || Token.isUnresolved(given))
    return { violations: [`claimCheck must be true, false or its properties, got ${show(given)}`] };
  const props: ClaimCheckProps = given === true ? {} : given;
  const threshold = thresholdOf(props.threshold, maxMessageBytes);
  const days = daysOf(props.expireAfter ?? Duration.days(defaultDays), neededDays);
  return {
    violations: [
      ...unknownNames(props, Object.keys(PROPS), 'claimCheck.'),
      ...threshold.violations,
      ...days.violations,
    ],
    settings: {
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
      expireAfterDays: days.value,
      thresholdBytes: threshold.value,
    },
  };
}

const thresholdOf = (threshold: Size | undefined, maxMessageBytes: number): Checked =>
  checkBytes('claimCheck.threshold', threshold ?? smaller(maxMessageBytes), {
    min: limitOf('sqs.message.minConfigurableBytes'),
    max: maxMessageBytes,
    words: `1 KiB to the largest message (${maxMessageBytes} bytes)`,
  });

const smaller = (maxMessageBytes: number): Size =>
  Size.bytes(Math.min(limitOf('sns.message.defaultBytes'), maxMessageBytes));

function daysOf(
  expireAfter: Duration,
  neededDays: number,
): { readonly value: number; readonly violations: readonly string[] } {
  if (expireAfter.isUnresolved())
    return { value: Number.NaN, violations: ['claimCheck.expireAfter must be known at synth'] };
  const days = expireAfter.toDays({ integral: false });
  if (Number.isInteger(days) && days >= neededDays) return { value: days, violations: [] };
  return {
    value: Number.NaN,
    violations: [
      `claimCheck.expireAfter must be whole days, at least ${neededDays}, for so long a message can point to its payload; got ${expireAfter.toHumanString()}`,
    ],
  };
}

const DAY_SECONDS = 86_400;
const LONGEST_DAYS = limitOf('sqs.retention.max') / DAY_SECONDS;

/** The days that a queue's messages need their payloads; the longest there are where that is known at deployment only. */
export function daysOfQueue(queueSeconds: number, deadLetterSeconds: number): number {
  const known = (seconds: number): number =>
    Token.isUnresolved(seconds) || Number.isNaN(seconds) ? limitOf('sqs.retention.max') : seconds;
  return payloadDays({ queueSeconds: known(queueSeconds), deadLetterSeconds: known(deadLetterSeconds) });
}

/** The days that a topic's messages can need their payloads at most: tries of SNS, its dead-letter queue, any queue. */
export const TOPIC_DAYS =
  SNS_RETRY_DAYS + LONGEST_DAYS + daysOfQueue(limitOf('sqs.retention.max'), limitOf('sqs.retention.max'));

import type { QueueBinding, TopicBinding } from '../../contract/binding.js';
import type { ExpansionLimits } from '../../core/claim-check/expansion.js';
import { choiceViolations, numberViolations, textViolations, unknownNames } from '../../core/options.js';
import { codecOf, type PayloadCompression } from './compression.js';

/** Where a publisher leaves payloads that are too large for a message. */
export interface ClaimCheckOptions {
  /** The S3 bucket. @default - the one of the construct */
  readonly bucket?: string;
  /** What the keys begin with, ends with a slash. @default - the construct's, else the destination's name and a slash */
  readonly prefix?: string;
  /**
   * Messages that weigh more leave their payload in S3, 0 bytes up to the destination's own limit; 0 stores every payload.
   * @default - the construct's, else the destination's limit
   */
  readonly thresholdBytes?: number;
  /**
   * How payloads are stored. AWS's extended clients read `none` only; millrace's workers read all of them, `zstd` from Node
   * 22.15 on. What does not shrink is stored as it is. @default 'none'
   */
  readonly compression?: PayloadCompression;
  /** The largest payload, 1024 to 536870912 bytes. Workers have the same limit. @default 67108864 */
  readonly maxPayloadBytes?: number;
}

/** How a worker takes payloads out of S3. */
export interface ClaimCheckReadOptions {
  /** Buckets that messages may point to beside those of the binding, e.g. of a producer with an extended client of AWS. @default - none */
  readonly buckets?: readonly string[];
  /** The largest payload, 1024 to 536870912 bytes; a larger one is poison. @default 67108864 */
  readonly maxPayloadBytes?: number;
  /** How many times larger than its stored form a payload of more than 1 MiB may be, 1-100000; beyond it is poison. @default 100 */
  readonly maxRatio?: number;
  /**
   * Whether payloads of the queue's own senders are deleted once their message is. Those of topics never are: other queues
   * may point to them. @default - true, and false with idempotency 'none', where a second copy of a message could not be
   * told from one whose payload is missing
   */
  readonly deletePayloads?: boolean;
}

/** Defaults of claim checks, with their reasons in {@link ClaimCheckOptions} and {@link ClaimCheckReadOptions}. */
export const CLAIM_CHECK_DEFAULTS = Object.freeze({
  compression: 'none',
  maxPayloadBytes: 67_108_864,
  maxRatio: 100,
} as const);

/** A publisher's claim check with every default filled in. */
export interface CompiledClaimCheck {
  readonly bucket: string;
  readonly prefix: string;
  readonly thresholdBytes: number;
  readonly compression: PayloadCompression;
  readonly limits: ExpansionLimits;
}

/** A worker's claim checks with every default filled in. */
export interface CompiledClaimCheckReading {
  /** Buckets that messages may point to. */
  readonly buckets: readonly string[];
  readonly limits: ExpansionLimits;
  /** What may be deleted; undefined for nothing. */
  readonly deletable: { readonly bucket: string; readonly prefix: string } | undefined;
}

/** What longer strings Node can't hold. */
const LONGEST_PAYLOAD = 536_870_912;
const PAYLOAD_BYTES = { min: 1_024, max: LONGEST_PAYLOAD, whole: true, unit: 'bytes' };

const WRITE_NAMES = [
  'bucket',
  'prefix',
  'thresholdBytes',
  'compression',
  'maxPayloadBytes',
] satisfies readonly (keyof ClaimCheckOptions)[];
const READ_NAMES = [
  'buckets',
  'maxPayloadBytes',
  'maxRatio',
  'deletePayloads',
] satisfies readonly (keyof ClaimCheckReadOptions)[];

/** What is wrong with a publisher's claim check by itself. */
export function claimCheckViolations(options: ClaimCheckOptions | false | undefined): string[] {
  if (options === undefined || options === false) return [];
  const { bucket, prefix, thresholdBytes, compression, maxPayloadBytes } = options;
  return [
    ...unknownNames(options, WRITE_NAMES, 'claimCheck.'),
    ...(bucket === undefined ? [] : textViolations('claimCheck.bucket', bucket)),
    ...(prefix === undefined || /^[^/].*\/$/.test(prefix)
      ? []
      : [`claimCheck.prefix must end with a slash and not begin with one, got '${prefix}'`]),
    ...(thresholdBytes === undefined
      ? []
      : numberViolations('claimCheck.thresholdBytes', thresholdBytes, { ...PAYLOAD_BYTES, min: 0 })),
    ...(compression === undefined
      ? []
      : choiceViolations('claimCheck.compression', compression, ['none', 'gzip', 'zstd'])),
    ...(compression === 'zstd' && codecOf('zstd') === undefined
      ? [`claimCheck.compression 'zstd' needs Node 22.15 or later, this is ${process.version}: use 'gzip'`]
      : []),
    ...maxPayloadViolations(maxPayloadBytes),
  ];
}

/** What is wrong with a worker's claim checks by themselves. */
export function claimCheckReadViolations(options: ClaimCheckReadOptions | undefined): string[] {
  if (options === undefined) return [];
  const { buckets, maxRatio, maxPayloadBytes, deletePayloads } = options;
  return [
    ...unknownNames(options, READ_NAMES, 'claimCheck.'),
    ...(buckets ?? []).flatMap((bucket, index) => textViolations(`claimCheck.buckets[${index}]`, bucket)),
    ...maxPayloadViolations(maxPayloadBytes),
    ...(maxRatio === undefined
      ? []
      : numberViolations('claimCheck.maxRatio', maxRatio, { min: 1, max: 100_000, unit: 'times' })),
    ...(deletePayloads === undefined || typeof deletePayloads === 'boolean'
      ? []
      : [`claimCheck.deletePayloads must be true or false, got ${typeof deletePayloads}`]),
  ];
}

const maxPayloadViolations = (maxPayloadBytes: number | undefined): string[] =>
  maxPayloadBytes === undefined
    ? []
    : numberViolations('claimCheck.maxPayloadBytes', maxPayloadBytes, PAYLOAD_BYTES);

/** Where options and the destination disagree. */
export function claimCheckMismatches(
  options: ClaimCheckOptions | false | undefined,
  binding: TopicBinding | QueueBinding,
): string[] {
  if (options === undefined || options === false) return [];
  const { bucket, thresholdBytes } = options;
  return [
    ...((bucket ?? binding.claimCheck?.bucket) === undefined
      ? [
          'claimCheck names no bucket, and the construct has none: set claimCheck: true on it, or name a bucket',
        ]
      : []),
    ...(thresholdBytes !== undefined && thresholdBytes > binding.maxMessageBytes
      ? [
          `claimCheck.thresholdBytes is ${thresholdBytes}, and messages of ${binding.maxMessageBytes} bytes are the largest that are taken: lower it`,
        ]
      : []),
  ];
}

/** Fills in defaults; undefined when payloads always travel in their message. */
export function compileClaimCheck(
  options: ClaimCheckOptions | false | undefined,
  binding: TopicBinding | QueueBinding,
): CompiledClaimCheck | undefined {
  if (options === false) return undefined;
  const bucket = options?.bucket ?? binding.claimCheck?.bucket;
  if (bucket === undefined) return undefined;
  const defaults = CLAIM_CHECK_DEFAULTS;
  return Object.freeze({
    bucket,
    prefix: options?.prefix ?? binding.claimCheck?.prefix ?? `${binding.name}/`,
    thresholdBytes: options?.thresholdBytes ?? binding.claimCheck?.thresholdBytes ?? binding.maxMessageBytes,
    compression: options?.compression ?? defaults.compression,
    limits: {
      maxBytes: options?.maxPayloadBytes ?? defaults.maxPayloadBytes,
      maxRatio: defaults.maxRatio,
    },
  });
}

/** Fills in defaults; undefined when no message of this queue may point anywhere. */
export function compileClaimCheckReading(
  options: ClaimCheckReadOptions | undefined,
  binding: QueueBinding,
  isIdempotent: boolean,
): CompiledClaimCheckReading | undefined {
  const { claimCheck, claimCheckBuckets = [] } = binding;
  const own = claimCheck === undefined ? [] : [claimCheck.bucket];
  const buckets = [...new Set([...own, ...claimCheckBuckets, ...(options?.buckets ?? [])])];
  if (buckets.length === 0) return undefined;
  const defaults = CLAIM_CHECK_DEFAULTS;
  return Object.freeze({
    buckets,
    limits: {
      maxBytes: options?.maxPayloadBytes ?? defaults.maxPayloadBytes,
      maxRatio: options?.maxRatio ?? defaults.maxRatio,
    },
    deletable: (options?.deletePayloads ?? isIdempotent) ? claimCheck : undefined,
  });
}

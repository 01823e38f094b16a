import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding, TopicBinding } from '../../contract/binding.js';
import { readBinding } from '../../contract/binding-reader.js';
import type { MessageDefinition } from '../../contract/message.js';
import type { Clock, Random } from '../../core/clock.js';
import { refuseAll } from '../../core/errors.js';
import { choiceViolations, numberViolations, textViolations, unknownNames } from '../../core/options.js';
import { TRANSPORTS, type Transport } from '../aws/transport.js';
import {
  claimCheckMismatches,
  claimCheckViolations,
  compileClaimCheck,
  type ClaimCheckOptions,
  type CompiledClaimCheck,
} from '../claim-check/claim-check-options.js';
import {
  compileTelemetry,
  telemetryViolations,
  type Telemetry,
  type TelemetryOption,
} from '../observability/telemetry.js';
import { createSystemClock } from '../system/clock.js';
import { createSystemRandom } from '../system/random.js';

/** What a publisher is made of: exactly one of `topic` and `queue`. */
export interface PublisherOptions {
  /** The construct id of the topic, looked up in the environment, or its binding itself. @default - it sends to a `queue` */
  readonly topic?: string | TopicBinding;
  /** The construct id of the queue to send to directly, or its binding itself. @default - it publishes to a `topic` */
  readonly queue?: string | QueueBinding;
  /** What it will publish, to be checked at once instead of at the first publish. @default - checked at each publish */
  readonly messages?: readonly MessageDefinition[];
  /** While a call is out, messages wait this long for others, 0-60000 milliseconds. @default 20 */
  readonly maxAgeMs?: number;
  /** Calls that may be out at once, 1-100. @default 4 */
  readonly maxCallsOut?: number;
  /** Messages accepted but not sent yet may weigh this much together, payloads on their way to S3 included; `publish` waits beyond it. At least 1024. @default 4194304 */
  readonly maxPendingBytes?: number;
  /** How often a message is tried before `publish` rejects, 1-100. @default 5 */
  readonly maxAttempts?: number;
  /**
   * Whether and where payloads are left in S3 that are too large for a message; the message then carries a pointer, in the
   * form of AWS's extended clients. False sends everything in the message. @default - on where the construct has a bucket
   */
  readonly claimCheck?: ClaimCheckOptions | false;
  /**
   * Who makes the requests: `lean` costs a fraction of the CPU and leaves the SDK client's middleware and
   * request handler out. @default 'sdk'
   */
  readonly transport?: Transport;
  /** Where spans and metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** SDK clients to use instead of its own; they stay open at the end. @default - made from the binding */
  readonly clients?: { readonly sns?: SNSClient; readonly sqs?: SQSClient; readonly s3?: S3Client };
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  /** @default - Math.random */
  readonly random?: Random;
}

/** Defaults of a publisher, with their reasons in {@link PublisherOptions}. */
export const PUBLISHER_DEFAULTS = Object.freeze({
  maxAgeMs: 20,
  maxCallsOut: 4,
  maxPendingBytes: 4_194_304,
  maxAttempts: 5,
  transport: 'sdk',
} as const);

/** Options with every default filled in and every rule checked. */
export interface CompiledPublisherOptions {
  readonly binding: TopicBinding | QueueBinding;
  readonly maxAgeMs: number;
  readonly maxCallsOut: number;
  readonly maxPendingBytes: number;
  readonly maxAttempts: number;
  readonly transport: Transport;
  /** Undefined when payloads always travel in their message. */
  readonly claimCheck: CompiledClaimCheck | undefined;
  readonly telemetry: readonly Telemetry[];
  readonly clients: { readonly sns?: SNSClient; readonly sqs?: SQSClient; readonly s3?: S3Client };
  readonly clock: Clock;
  readonly random: Random;
}

const OPTION_NAMES = [
  'topic',
  'queue',
  'messages',
  'maxAgeMs',
  'maxCallsOut',
  'maxPendingBytes',
  'maxAttempts',
  'claimCheck',
  'transport',
  'telemetry',
  'clients',
  'environment',
  'clock',
  'random',
] as const satisfies readonly (keyof PublisherOptions)[];

/**
 * Fills in defaults and checks options against each other and against the binding.
 * @throws {INVALID_OPTIONS} options that break a rule, all of them at once
 * @throws {BINDING_MISSING} {BINDING_INVALID} no usable binding in the environment
 * @throws {BINDING_MISMATCH} a message that the destination does not carry
 */
export function compilePublisherOptions(
  options: PublisherOptions,
  environment: Readonly<Record<string, string | undefined>>,
): CompiledPublisherOptions {
  refuseAll("createPublisher can't use these options", optionViolations(options));
  const binding = bindingOf(options, options.environment ?? environment);
  refuseAll(
    `this publisher does not fit the ${binding.kind} '${binding.name}' as it is deployed`,
    [
      ...(options.messages ?? []).flatMap((message) => carriedViolations(message, binding)),
      ...claimCheckMismatches(options.claimCheck, binding),
    ],
    'BINDING_MISMATCH',
  );
  const defaults = PUBLISHER_DEFAULTS;
  return Object.freeze({
    binding,
    maxAgeMs: options.maxAgeMs ?? defaults.maxAgeMs,
    maxCallsOut: options.maxCallsOut ?? defaults.maxCallsOut,
    maxPendingBytes: options.maxPendingBytes ?? defaults.maxPendingBytes,
    maxAttempts: options.maxAttempts ?? defaults.maxAttempts,
    claimCheck: compileClaimCheck(options.claimCheck, binding),
    transport: options.transport ?? defaults.transport,
    telemetry: compileTelemetry(options.telemetry),
    clients: options.clients ?? {},
    clock: options.clock ?? createSystemClock(),
    random: options.random ?? createSystemRandom(),
  });
}

/** What keeps a message from being published to this destination. */
export function carriedViolations(
  message: MessageDefinition,
  binding: TopicBinding | QueueBinding,
): string[] {
  const carried = binding.messages.find(({ name }) => name === message.name);
  const where = `the ${binding.kind} '${binding.name}'`;
  if (carried === undefined) {
    const names = binding.messages.map(({ name }) => name).join(', ') || 'nothing';
    return [
      `'${message.name}' is not among what ${where} carries (${names}): add it to the construct's messages`,
    ];
  }
  return [
    ...(message.version > carried.version
      ? [
          `'${message.name}' is version ${message.version} here, ${where} was deployed with ${carried.version}: deploy the stack first`,
        ]
      : []),
    ...(binding.fifo && message.group === undefined
      ? [`'${message.name}' declares no group, and ${where} is FIFO: declare group in defineMessage`]
      : []),
  ];
}

function bindingOf(
  { topic, queue }: PublisherOptions,
  environment: Readonly<Record<string, string | undefined>>,
): TopicBinding | QueueBinding {
  if (topic !== undefined)
    return typeof topic === 'string' ? readBinding('topic', topic, environment) : topic;
  return typeof queue === 'object' ? queue : readBinding('queue', queue ?? '', environment);
}

function optionViolations(options: PublisherOptions): string[] {
  const { topic, queue } = options;
  const whole = (
    name: 'maxAgeMs' | 'maxCallsOut' | 'maxPendingBytes' | 'maxAttempts',
    bounds: { min: number; max: number; unit: string },
  ): string[] =>
    options[name] === undefined ? [] : numberViolations(name, options[name], { ...bounds, whole: true });
  return [
    ...unknownNames(options, OPTION_NAMES),
    ...((topic === undefined) === (queue === undefined)
      ? [`exactly one of topic and queue must be given, got ${topic === undefined ? 'neither' : 'both'}`]
      : []),
    ...(topic === undefined || typeof topic === 'object' ? [] : textViolations('topic', topic)),
    ...(queue === undefined || typeof queue === 'object' ? [] : textViolations('queue', queue)),
    ...whole('maxAgeMs', { min: 0, max: 60_000, unit: 'milliseconds' }),
    ...whole('maxCallsOut', { min: 1, max: 100, unit: 'calls' }),
    ...whole('maxPendingBytes', { min: 1_024, max: Number.MAX_SAFE_INTEGER, unit: 'bytes' }),
    ...whole('maxAttempts', { min: 1, max: 100, unit: 'attempts' }),
    ...claimCheckViolations(options.claimCheck),
    ...(options.transport === undefined ? [] : choiceViolations('transport', options.transport, TRANSPORTS)),
    ...telemetryViolations(options.telemetry),
    ...unknownNames(options.clients ?? {}, ['sns', 'sqs', 's3'], 'clients.'),
  ];
}

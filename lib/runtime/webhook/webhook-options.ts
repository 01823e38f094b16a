import type { SNSClient } from '@aws-sdk/client-sns';
import { limitOf } from '../../contract/limits.js';
import type { Clock } from '../../core/clock.js';
import { refuseAll } from '../../core/errors.js';
import { callbackViolations, numberViolations, textViolations, unknownNames } from '../../core/options.js';
import { errorPolicyViolations, type ErrorRule } from '../../core/retry/error-policy.js';
import { placeOfTopic } from '../../core/webhook/certificate-policy.js';
import type { SignatureVersion } from '../../core/webhook/sns-message.js';
import type { MessageHandler } from '../sqs/handler.js';
import { createSystemClock } from '../system/clock.js';
import { issuerViolations } from './certificate-facts.js';
import type { WebhookEvent } from './webhook-events.js';

/** A subscription of this endpoint that wants to be confirmed; it came with a good signature, from a listed topic. */
export interface SubscriptionRequest {
  readonly topicArn: string;
  readonly token: string;
}

/** Fetches a certificate: PEM. The URL has been checked; redirects must not be followed. */
export type FetchCertificate = (url: string, signal: AbortSignal) => Promise<string>;

/** What a webhook receiver is made of. */
export interface WebhookReceiverOptions {
  /** The topics whose messages are let in, and nobody else's: anybody can have a topic, and its messages are signed too. */
  readonly topicArns: readonly string[];
  /** One handler per message type, made with `on`. */
  readonly handlers: readonly MessageHandler[];
  /**
   * The oldest message that is let in, 60-604800 seconds. SNS tries an HTTP(S) endpoint for an hour at most, so nothing
   * older is a retry.
   * @default 3600
   */
  readonly maxAgeSeconds?: number;
  /** The largest body, at least 1024 bytes. @default 2162688: 1 MiB, twice for JSON's escapes, and 64 KiB for the rest */
  readonly maxBytes?: number;
  /**
   * How many message ids are remembered to recognise copies, each for `maxAgeSeconds`: after that a copy is too old.
   * In this process only.
   * @default 10000
   */
  readonly remember?: number;
  /** After it a handler's signal aborts and SNS is asked to come again, 1-14 seconds: SNS waits for 15. @default 10 */
  readonly handlerTimeoutSeconds?: number;
  /** What is done with errors of certain classes, made with `whenError`. @default - every error is answered 500, and SNS tries again */
  readonly errors?: readonly ErrorRule[];
  /** Signature versions that are let in; `['2']` once every topic has `SignatureVersion` 2. @default ['1', '2'] */
  readonly signatureVersions?: readonly SignatureVersion[];
  /**
   * Certificates (PEM) of which one must have issued SNS's. Without them the origin alone vouches: it is fetched over TLS
   * from the host of SNS in the region of the topic.
   * @default - the issuer is not looked at
   */
  readonly certificateIssuers?: readonly string[];
  /** @default - HTTPS, no redirects, 3 seconds, 64 KiB */
  readonly fetchCertificate?: FetchCertificate;
  /**
   * Confirms a subscription. Rejecting answers 500, and SNS asks again.
   * @default - `ConfirmSubscription` of the SNS API, with authenticated unsubscribing
   */
  readonly confirm?: (request: SubscriptionRequest) => Promise<void>;
  /**
   * Lets in notifications of subscriptions with raw delivery. They carry no signature and no time: whoever finds the URL
   * can send them. Needs exactly one handler, since they don't carry their type either.
   * @default false
   */
  readonly allowRaw?: boolean;
  /**
   * FOR TESTS ONLY: origins on this machine that certificates are taken from as if they were SNS, such as
   * `aws.endpoint` of an embedded AWS. Whoever can listen there can sign anything.
   * @default - certificates come from SNS
   */
  readonly insecureTrustForTests?: { readonly certificateOrigins: readonly string[] };
  /** Endpoint of the SNS API that subscriptions are confirmed with. @default - AWS's, in the region of the topic */
  readonly endpoint?: string;
  /** SDK client to use instead of the receiver's own; it stays open at the end. @default - one per region */
  readonly clients?: { readonly sns?: SNSClient };
  /** Told everything that happens; must not throw. @default - nobody is told */
  readonly onEvent?: (event: WebhookEvent) => void;
  /** @default - the machine's clock */
  readonly clock?: Clock;
}

/** Room for an envelope of SNS around the largest message, escaped as JSON. */
const ENVELOPE_BYTES = 65_536;

/** Defaults of {@link WebhookReceiverOptions}, with their reasons there. */
export const WEBHOOK_RECEIVER_DEFAULTS = Object.freeze({
  maxAgeSeconds: 3_600,
  maxBytes: 2 * limitOf('sns.message.maxBytes') + ENVELOPE_BYTES,
  remember: 10_000,
  handlerTimeoutSeconds: 10,
  signatureVersions: Object.freeze(['1', '2'] as const),
  allowRaw: false,
});

type Optional =
  'fetchCertificate' | 'confirm' | 'endpoint' | 'insecureTrustForTests' | 'clients' | 'topicArns';

/** Options with every default filled in and every rule checked. */
export interface CompiledWebhookOptions
  extends
    Required<Omit<WebhookReceiverOptions, Optional>>,
    Pick<WebhookReceiverOptions, 'fetchCertificate' | 'confirm' | 'endpoint'> {
  readonly topicArns: ReadonlySet<string>;
  readonly testOrigins: readonly string[];
  readonly sns: SNSClient | undefined;
}

const OPTION_NAMES = [
  'topicArns',
  'handlers',
  'maxAgeSeconds',
  'maxBytes',
  'remember',
  'handlerTimeoutSeconds',
  'errors',
  'signatureVersions',
  'certificateIssuers',
  'fetchCertificate',
  'confirm',
  'allowRaw',
  'insecureTrustForTests',
  'endpoint',
  'clients',
  'onEvent',
  'clock',
] as const satisfies readonly (keyof WebhookReceiverOptions)[];

/** Fills in defaults and checks every rule. @throws {INVALID_OPTIONS} with every violation */
export function compileWebhookOptions(options: WebhookReceiverOptions): CompiledWebhookOptions {
  refuseAll("createWebhookReceiver can't use these options", violationsOf(options));
  const defaults = WEBHOOK_RECEIVER_DEFAULTS;
  const { fetchCertificate, confirm, endpoint } = options;
  return Object.freeze({
    topicArns: new Set(options.topicArns),
    handlers: [...options.handlers],
    maxAgeSeconds: options.maxAgeSeconds ?? defaults.maxAgeSeconds,
    maxBytes: options.maxBytes ?? defaults.maxBytes,
    remember: options.remember ?? defaults.remember,
    handlerTimeoutSeconds: options.handlerTimeoutSeconds ?? defaults.handlerTimeoutSeconds,
    errors: [...(options.errors ?? [])],
    signatureVersions: [...(options.signatureVersions ?? defaults.signatureVersions)],
    certificateIssuers: [...(options.certificateIssuers ?? [])],
    allowRaw: options.allowRaw ?? defaults.allowRaw,
    testOrigins: [...(options.insecureTrustForTests?.certificateOrigins ?? [])],
    sns: options.clients?.sns,
    onEvent: options.onEvent ?? (() => undefined),
    clock: options.clock ?? createSystemClock(),
    ...(fetchCertificate && { fetchCertificate }),
    ...(confirm && { confirm }),
    ...(endpoint !== undefined && { endpoint }),
  });
}

function violationsOf(options: WebhookReceiverOptions): string[] {
  const number = (
    name: 'maxAgeSeconds' | 'maxBytes' | 'remember' | 'handlerTimeoutSeconds',
    bounds: Parameters<typeof numberViolations>[2],
  ): string[] => (options[name] === undefined ? [] : numberViolations(name, options[name], bounds));
  return [
    ...unknownNames(options, OPTION_NAMES),
    ...topicViolations(options.topicArns),
    ...handlerViolations(options),
    ...number('maxAgeSeconds', { min: 60, max: 604_800, unit: 'seconds' }),
    ...number('maxBytes', { min: 1_024, max: 67_108_864, whole: true, unit: 'bytes' }),
    ...number('remember', { min: 1, max: 10_000_000, whole: true, unit: 'messages' }),
    ...number('handlerTimeoutSeconds', { min: 1, max: 14, unit: 'seconds' }),
    ...errorPolicyViolations(options.errors ?? []),
    ...versionViolations(options.signatureVersions ?? ['1', '2']),
    ...issuerViolations(options.certificateIssuers ?? []),
    ...callbackViolations('fetchCertificate', options.fetchCertificate),
    ...callbackViolations('confirm', options.confirm),
    ...callbackViolations('onEvent', options.onEvent),
    ...originViolations(options.insecureTrustForTests),
    ...(options.endpoint === undefined ? [] : textViolations('endpoint', options.endpoint)),
    ...unknownNames(options.clients ?? {}, ['sns'], 'clients.'),
  ];
}

function topicViolations(topicArns: unknown): string[] {
  if (!Array.isArray(topicArns) || topicArns.length === 0)
    return ['topicArns must list the ARN of every topic whose messages are let in'];
  return topicArns.flatMap((arn: unknown) =>
    typeof arn === 'string' && placeOfTopic(arn) !== undefined && !arn.endsWith('.fifo')
      ? []
      : [`topicArns: '${String(arn)}' is no ARN of a standard topic (SNS delivers no FIFO topic over HTTP)`],
  );
}

function handlerViolations({ handlers, allowRaw }: { handlers: unknown; allowRaw?: unknown }): string[] {
  if (!Array.isArray(handlers) || handlers.length === 0)
    return ['handlers must list at least one handler made with on(Message, handler)'];
  const names = handlers.map((handler: Partial<MessageHandler> | undefined) => handler?.message?.name);
  if (names.includes(undefined)) return ['every handler must be made with on(Message, handler)'];
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [
    ...[...twice].map((name) => `'${String(name)}' has more than one handler: keep one`),
    ...(allowRaw === undefined || typeof allowRaw === 'boolean'
      ? []
      : [`allowRaw must be true or false, got ${typeof allowRaw}`]),
    ...(allowRaw === true && handlers.length > 1
      ? ['allowRaw needs exactly one handler: raw deliveries over HTTP do not say their type']
      : []),
  ];
}

function versionViolations(versions: readonly unknown[]): string[] {
  return versions.length > 0 && versions.every((version) => version === '1' || version === '2')
    ? []
    : ["signatureVersions must list '1', '2' or both"];
}

/** Only this machine: a test never needs more, and in production nobody else's host gets in by mistake. */
function originViolations(trust: WebhookReceiverOptions['insecureTrustForTests']): string[] {
  if (trust === undefined) return [];
  const { certificateOrigins } = trust;
  const isLocal = (origin: unknown): boolean =>
    typeof origin === 'string' &&
    /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(origin);
  return [
    ...unknownNames(trust, ['certificateOrigins'], 'insecureTrustForTests.'),
    ...(Array.isArray(certificateOrigins) && certificateOrigins.every(isLocal)
      ? []
      : [
          'insecureTrustForTests.certificateOrigins must list origins on this machine, such as http://127.0.0.1:4566',
        ]),
  ];
}

import type { SNSClient } from '@aws-sdk/client-sns';
import { limitOf } from '../../contract/limits.js';
import type { Clock } from '../../core/clock.js';
import type { ErrorRule } from '../../core/retry/error-policy.js';
import type { SignatureVersion } from '../../core/webhook/sns-message.js';
import type { Telemetry, TelemetryOption } from '../observability/telemetry.js';
import type { MessageHandler } from '../sqs/handler.js';
import type { WebhookEvent } from './webhook-events.js';

/** A subscription of this endpoint that wants to be confirmed; it came with a good signature, from a listed topic. */
export interface SubscriptionRequest {
  /** The topic that asks, one of `topicArns`. */
  readonly topicArn: string;
  /** What confirms it, for three days. */
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
  /** Where spans and metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** Told everything that happens; what it throws becomes a warning of the process. @default - nobody is told */
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
  | 'fetchCertificate'
  | 'confirm'
  | 'endpoint'
  | 'insecureTrustForTests'
  | 'clients'
  | 'topicArns'
  | 'telemetry';

/** Options with every default filled in and every rule checked. */
export interface CompiledWebhookOptions
  extends
    Required<Omit<WebhookReceiverOptions, Optional>>,
    Pick<WebhookReceiverOptions, 'fetchCertificate' | 'confirm' | 'endpoint'> {
  readonly topicArns: ReadonlySet<string>;
  readonly testOrigins: readonly string[];
  readonly sns: SNSClient | undefined;
  readonly telemetry: readonly Telemetry[];
}

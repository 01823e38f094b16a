import { refuseAll } from '../../core/errors.js';
import { callbackViolations, numberViolations, textViolations, unknownNames } from '../../core/options.js';
import { errorPolicyViolations } from '../../core/retry/error-policy.js';
import { placeOfTopic } from '../../core/webhook/certificate-policy.js';
import { compileTelemetry, telemetryViolations } from '../observability/telemetry.js';
import type { MessageHandler } from '../sqs/handler.js';
import { createSystemClock } from '../system/clock.js';
import { unfailing } from '../system/unfailing.js';
import { issuerViolations } from './certificate-facts.js';
import {
  WEBHOOK_RECEIVER_DEFAULTS,
  type CompiledWebhookOptions,
  type WebhookReceiverOptions,
} from './webhook-options.js';

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
  'telemetry',
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
    telemetry: compileTelemetry(options.telemetry),
    onEvent: unfailing(options.onEvent ?? (() => undefined)),
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
    ...telemetryViolations(options.telemetry),
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

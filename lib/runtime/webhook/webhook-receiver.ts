import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.js';
import {
  admit,
  admitRaw,
  RAW_REFUSED,
  REFUSAL_STATUS,
  type AdmissionRules,
  type RefusalReason,
} from '../../core/webhook/admission.js';
import { parseSnsMessage, type SnsMessage } from '../../core/webhook/sns-message.js';
import { ANSWERS, HANDLED, type Answer } from './answer.js';
import { downloadCertificate } from './certificate-download.js';
import { readCertificate } from './certificate-facts.js';
import { createCertificateStore, type CertificateStore } from './certificate-store.js';
import { createConfirmations, type Confirmations } from './confirmation.js';
import { Handling } from './handling.js';
import { nodeListener } from './node-listener.js';
import type { Notification } from './notification.js';
import { readBody, type IncomingPost } from './request-body.js';
import { isSignedWith } from './signature.js';
import { settledWithin } from '../system/settled-within.js';
import { compileWebhookOptions } from './compiled-webhook-options.js';
import { observed, WebhookObservation } from './webhook-observation.js';
import type { CompiledWebhookOptions, WebhookReceiverOptions } from './webhook-options.js';

/** Receives what SNS posts to an HTTP(S) endpoint. Made by {@link createWebhookReceiver}. */
export interface WebhookReceiver extends AsyncDisposable {
  /**
   * Answers one request, in any framework that speaks the web's `Request` and `Response`. The body must be as it came: a
   * framework that has read it already leaves nothing to verify. Never rejects for what a sender does.
   */
  handle(request: Request): Promise<Response>;
  /** The same for `node:http`: `createServer(receiver.nodeListener())`. */
  nodeListener(): (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Answers 503 from now on, so that SNS tries elsewhere or later; resolves when every request under way is answered.
   * Idempotent, and fine before the first request.
   */
  stop(): Promise<void>;
}

/**
 * Makes a receiver for SNS's HTTP(S) deliveries: verifies what SNS signed, for topics on the list only, confirms
 * subscriptions through the API, and runs a handler once per notification that is remembered.
 *
 * At least once: copies are recognised in this process and for `maxAgeSeconds`. Where an effect must happen once, use
 * `context.id` as its key, or put a queue behind the topic.
 * @example
 * const receiver = createWebhookReceiver({ topicArns: [topicArn], handlers: [on(PushReceived, build)] });
 * createServer(receiver.nodeListener()).listen(8080);
 * @throws {INVALID_OPTIONS} naming every option that can't be used
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  const compiled = compileWebhookOptions(options);
  const observation = compiled.telemetry.length === 0 ? undefined : new WebhookObservation(compiled);
  return new VerifyingReceiver(observed(compiled, observation), observation);
}

/** SNS waits for 15 s in all; who takes longer for a body is not SNS. */
const BODY_MS = 10_000;

class VerifyingReceiver implements WebhookReceiver {
  readonly #options: CompiledWebhookOptions;
  readonly #clock: Clock;
  readonly #rules: AdmissionRules;
  readonly #certificates: CertificateStore;
  readonly #confirmations: Confirmations;
  readonly #handling: Handling;
  readonly #observation: WebhookObservation | undefined;
  readonly #underWay = new Set<Promise<Answer>>();
  #stopping: Promise<void> | undefined;

  constructor(options: CompiledWebhookOptions, observation: WebhookObservation | undefined) {
    this.#observation = observation;
    this.#options = options;
    this.#clock = options.clock;
    this.#rules = {
      topicArns: options.topicArns,
      maxAgeMs: options.maxAgeSeconds * 1_000,
      signatureVersions: options.signatureVersions,
      testOrigins: options.testOrigins,
    };
    this.#certificates = createCertificateStore({
      fetchCertificate: options.fetchCertificate ?? downloadCertificate,
      issuers: options.certificateIssuers.flatMap((pem) => readCertificate(pem) ?? []),
      clock: options.clock,
    });
    this.#confirmations = createConfirmations(options.endpoint, options.sns);
    this.#handling = new Handling(options, observation);
    if (options.testOrigins.length > 0)
      options.onEvent({ kind: 'insecure', certificateOrigins: options.testOrigins });
  }

  async handle(request: Request): Promise<Response> {
    const { status, words, allow } = await this.#answer({
      method: request.method,
      header: (name) => request.headers.get(name) ?? undefined,
      body: request.body ?? undefined,
    });
    const headers = { 'content-type': 'text/plain; charset=utf-8', ...(allow !== undefined && { allow }) };
    return new Response(`${words}\n`, { status, headers });
  }

  nodeListener(): (request: IncomingMessage, response: ServerResponse) => void {
    return nodeListener((post) => this.#answer(post));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #answer(post: IncomingPost): Promise<Answer> {
    if (this.#stopping !== undefined) return Promise.resolve(ANSWERS.stopped);
    const answer = this.#receive(post);
    this.#underWay.add(answer);
    const forget = (): void => void this.#underWay.delete(answer);
    answer.then(forget, forget);
    return answer;
  }

  async #receive(post: IncomingPost): Promise<Answer> {
    if (post.method !== 'POST')
      return { ...this.#refuse('method', `${post.method}, allowed is POST`), allow: 'POST' };
    const reading = readBody(post, this.#options.maxBytes).catch(() => undefined);
    if ((await settledWithin(this.#clock, BODY_MS, reading)) === 'late')
      return this.#refuse('unreadable', `the body did not end within ${BODY_MS} ms`);
    const body = await reading;
    if (body === undefined)
      return this.#refuse('unreadable', 'the body ended early, or something has read it before');
    if (body.kind === 'too-large')
      return this.#refuse('too-large', `more than ${this.#options.maxBytes} bytes`);
    if (body.kind === 'not-utf8') return this.#refuse('malformed', 'the body is no UTF-8');
    if (post.header('x-amz-sns-rawdelivery') === 'true') return this.#receiveRaw(post, body.text);
    const parsed = parseSnsMessage(body.text);
    if (parsed.kind === 'invalid') return this.#refuse('malformed', parsed.reason);
    return (await this.#prove(parsed.message)) ?? this.#act(parsed.message, body.text);
  }

  /** The answer to a message that is not proven to come from SNS; undefined for one that is. */
  async #prove(message: SnsMessage): Promise<Answer | undefined> {
    const { topicArn } = message;
    const admission = admit(message, this.#rules, this.#clock.now());
    if (admission.kind === 'refused') return this.#refuse(admission.reason, admission.detail, topicArn);
    const signing = await this.#certificates.keyAt(admission.certificateUrl, admission.place);
    if (signing.kind === 'refused') return this.#refuse('certificate', signing.reason, topicArn);
    if (signing.kind === 'unavailable') {
      this.#options.onEvent({ kind: 'certificateUnavailable', topicArn, error: signing.error });
      return ANSWERS.noCertificate;
    }
    if (isSignedWith(message, signing.key)) return undefined;
    return this.#refuse('signature', 'the signature does not fit the message', topicArn);
  }

  async #act(message: SnsMessage, body: string): Promise<Answer> {
    const { topicArn, messageId } = message;
    switch (message.kind) {
      case 'notification':
        return this.#handleNotification({
          messageId,
          topicArn,
          delivery: 'sns-envelope',
          body,
          forgetAt: message.sentAt + this.#rules.maxAgeMs,
        });
      case 'subscription':
        return this.#confirm(topicArn, message.token);
      case 'unsubscription':
        this.#options.onEvent({ kind: 'unsubscribed', topicArn });
        return ANSWERS.noted;
    }
  }

  async #receiveRaw(post: IncomingPost, body: string): Promise<Answer> {
    const admission = this.#options.allowRaw ? admitRaw(post.header, this.#rules) : RAW_REFUSED;
    if (admission.kind === 'refused') return this.#refuse(admission.reason, admission.detail);
    const { messageId, topicArn } = admission;
    const forgetAt = this.#clock.now() + this.#rules.maxAgeMs;
    return this.#handleNotification({ messageId, topicArn, delivery: 'raw', body, forgetAt });
  }

  async #handleNotification(notification: Notification): Promise<Answer> {
    return HANDLED[await this.#handling.handle(notification)];
  }

  async #confirm(topicArn: string, token: string): Promise<Answer> {
    const confirm = this.#options.confirm ?? ((request) => this.#confirmations.confirm(request));
    try {
      await confirm({ topicArn, token });
    } catch (error) {
      this.#options.onEvent({ kind: 'confirmationFailed', topicArn, error });
      return ANSWERS.notConfirmed;
    }
    this.#options.onEvent({ kind: 'confirmed', topicArn });
    return ANSWERS.confirmed;
  }

  #refuse(reason: RefusalReason, detail: string, topicArn?: string): Answer {
    this.#options.onEvent({ kind: 'refused', reason, detail, ...(topicArn !== undefined && { topicArn }) });
    return { status: REFUSAL_STATUS[reason], words: `refused: ${reason}` };
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#certificates.close();
    this.#confirmations.close();
    this.#observation?.close();
  }
}

import type { RefusalReason } from '../../core/webhook/admission.js';
import type { PoisonReason } from '../sqs/inbound.js';

/** Which notification an event is about. `type` and `id` are missing where the payload could not be read. */
export interface NotificationIdentity {
  /** SNS's id, the same for every try. */
  readonly messageId: string;
  /** The topic it was published to, by its signature. */
  readonly topicArn: string;
  /** Its declared name, where the envelope could be read. */
  readonly type?: string;
  /** The business id. */
  readonly id?: string;
}

/** Why a notification with a good signature can never be handled. */
export type WebhookPoisonReason =
  | PoisonReason
  /** The business id beside the payload is not the one the payload has: attributes are not signed, and these were changed. */
  | 'altered-attributes';

/** What a webhook receiver tells its `onEvent`: data only, never a body. */
export type WebhookEvent =
  /** Certificates are taken from elsewhere than SNS, so nothing that arrives is proven: for tests only. */
  | { readonly kind: 'insecure'; readonly certificateOrigins: readonly string[] }
  | ({ readonly kind: 'handled'; readonly durationMs: number } & NotificationIdentity)
  /** A copy of a notification that was handled; answered 200, nothing was done. */
  | ({ readonly kind: 'duplicate' } & NotificationIdentity)
  /** Answered 500: SNS tries again as its delivery policy says. */
  | ({ readonly kind: 'failed'; readonly error: unknown } & NotificationIdentity)
  /** The handler took longer than it may; answered 503. It may still end well: then the next try is a duplicate. */
  | ({ readonly kind: 'timedOut'; readonly error: Error } & NotificationIdentity)
  /** Answered 422, which SNS takes as final: to the subscription's dead-letter queue. */
  | ({
      readonly kind: 'poison';
      readonly reason: WebhookPoisonReason;
      readonly detail: string;
    } & NotificationIdentity)
  /** A handler failed, and a rule of `errors` drops such messages; answered 200. */
  | ({ readonly kind: 'dropped'; readonly error: unknown } & NotificationIdentity)
  /** Nothing was done. `topicArn` is what the sender claims, and proves nothing. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly topicArn?: string;
    }
  /** The certificate could not be had; answered 503, SNS tries again. */
  | { readonly kind: 'certificateUnavailable'; readonly topicArn: string; readonly error: Error }
  | { readonly kind: 'confirmed'; readonly topicArn: string }
  /** Answered 500: SNS asks again. */
  | { readonly kind: 'confirmationFailed'; readonly topicArn: string; readonly error: unknown }
  /** Somebody unsubscribed this endpoint. Nothing is done about it: subscribe again where that was wrong. */
  | { readonly kind: 'unsubscribed'; readonly topicArn: string };

import type { Random } from '../../core/clock.js';
import type { DeliveryOutcome, QueueDelivery } from '../sqs/delivery.js';

/** Signature versions of SNS: 1 is SHA1withRSA, 2 is SHA256withRSA. */
export type SignatureVersion = '1' | '2';

/** Signs the canonical text of a notification. */
export type Sign = (text: string, version: SignatureVersion) => string;

/** What the SNS engine is given: it makes nothing up by itself. */
export interface SnsEngineOptions {
  /** Region of its ARNs. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** A fresh uuid-like id; becomes message ids, subscription ids and tokens. */
  readonly randomId: () => string;
  readonly random: Random;
  /** Hands a message to a queue; `deliver` of the SQS engine. */
  readonly deliverToQueue: (queueArn: string, delivery: QueueDelivery, now: number) => DeliveryOutcome;
  /**
   * Base of the URLs in notifications (`UnsubscribeURL`, `SubscribeURL`, `SigningCertURL`).
   * @default `http://sns.<region>.localhost`
   */
  readonly endpointUrl?: () => string;
  /**
   * @default - a digest in place of a signature: of the right form, but no certificate verifies it
   */
  readonly sign?: Sign;
  /**
   * Whether FIFO topics throttle: 300 messages a second per group and, unless the scope is the group, 3,000 per topic.
   * @default true
   */
  readonly areLimitsEnforced?: boolean;
  /**
   * Recorded e-mails, SMS and push notifications that are kept; the oldest go first.
   * @default 1,000
   */
  readonly outboxSize?: number;
}

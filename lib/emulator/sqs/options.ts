import type { Random } from '../../core/clock.js';

/** What the SQS engine is given: it makes nothing up by itself. */
export interface SqsEngineOptions {
  /** Region of its ARNs. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Scheme, host and port that queue URLs begin with; asked each time, as a server learns its port late. */
  readonly queueUrlBase: () => string;
  /** A fresh uuid-like id; becomes message ids and task handles. */
  readonly randomId: () => string;
  readonly random: Random;
  /**
   * Messages that may be in flight per queue.
   * @default 120,000, as AWS
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
   */
  readonly maxInFlight?: number;
  /**
   * Whether FIFO queues throttle at 300 calls a second.
   * @default true
   */
  readonly areLimitsEnforced?: boolean;
}

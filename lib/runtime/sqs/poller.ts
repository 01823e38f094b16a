import type { Clock, Random } from '../../core/clock.js';
import { decideLongPollSeconds } from '../../core/delivery/claim.js';
import type { MillraceError } from '../../core/errors.js';
import { decideBackoffMs } from '../../core/retry/backoff.js';
import { limitOf } from '../../contract/limits.js';
import { awsFailureError, classifyAwsError } from '../aws/errors.js';
import type { ReceivedMessage, SqsApi } from '../aws/sqs-api.js';
import type { Cancellation } from '../system/lazy-abort.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** What a poll brought. */
export type PollOutcome =
  | { readonly kind: 'messages'; readonly messages: readonly ReceivedMessage[]; readonly requestedAt: number }
  /** To be tried again after the wait. */
  | { readonly kind: 'failed'; readonly error: MillraceError; readonly retryInMs: number }
  /** The queue has never answered and won't: starting makes no sense. */
  | { readonly kind: 'hopeless'; readonly error: MillraceError };

/** While nothing has ever answered: about 6 s in all, then the start has failed. */
const START_TRIES = 6;
const POLL_RETRY = { baseSeconds: 0.5, factor: 2, maxSeconds: 20 };
/** SQS hands the same messages out again for the same attempt id this long. */
const ATTEMPT_LIFETIME_MS = 240_000;

/** What a poller is made of. */
export interface PollerParts {
  readonly sqs: SqsApi;
  readonly options: CompiledWorkerOptions;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes long polls and judges their failures: hopeless at the start, to be waited out later. */
export class Poller {
  readonly #parts: PollerParts;
  readonly #waitSeconds: number;
  #hasAnswered = false;
  #failures = 0;
  #calls = 0;
  #lostAttempt: { readonly id: string; readonly at: number } | undefined;

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#waitSeconds = decideLongPollSeconds(
      parts.options.visibilityTimeoutSeconds,
      limitOf('sqs.longPoll.max'),
    );
  }

  /** Calls made so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Polls that failed since the last one that was answered. */
  get failedPolls(): number {
    return this.#failures;
  }

  /** How long a poll waits, milliseconds. */
  get waitMs(): number {
    return this.#waitSeconds * 1_000;
  }

  /** One long poll. Never rejects; an aborted one brought nothing. */
  async poll(maxMessages: number, cancellation: Cancellation): Promise<PollOutcome> {
    const { sqs, options, clock } = this.#parts;
    const requestedAt = clock.monotonic();
    const attemptId = options.binding.fifo ? this.#attemptId(requestedAt) : undefined;
    this.#calls += 1;
    try {
      const messages = await sqs.receive(
        {
          queueUrl: options.binding.url,
          maxMessages,
          waitSeconds: this.#waitSeconds,
          visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
          ...(attemptId !== undefined && { attemptId }),
        },
        cancellation,
      );
      this.#hasAnswered = true;
      this.#failures = 0;
      return { kind: 'messages', messages, requestedAt };
    } catch (error) {
      return this.#judge(error, { requestedAt, attemptId, isCut: cancellation.isAborted });
    }
  }

  #judge(
    error: unknown,
    poll: {
      readonly requestedAt: number;
      readonly attemptId: string | undefined;
      readonly isCut: boolean;
    },
  ): PollOutcome {
    const failure = classifyAwsError(error);
    // Only where we did it: a client that ends its calls by itself would be asked again at once, and so on.
    if (failure.kind === 'aborted' && poll.isCut)
      return { kind: 'messages', messages: [], requestedAt: poll.requestedAt };
    const { options, random } = this.#parts;
    const { binding } = options;
    const shown = awsFailureError(failure, {
      action: `receive from queue '${binding.name}'`,
      region: binding.region,
      ...(binding.endpoint !== undefined && { endpoint: binding.endpoint }),
    });
    this.#failures += 1;
    const isHopeless = !failure.isRetryable || this.#failures >= START_TRIES;
    if (!this.#hasAnswered && isHopeless) return { kind: 'hopeless', error: shown };
    // The answer may have been lost after SQS had handed messages out: the same id gets them again.
    if (poll.attemptId !== undefined) this.#lostAttempt = { id: poll.attemptId, at: poll.requestedAt };
    // Half the bound for sure, the other half by chance: a fleet must not return in step, nor too early.
    const retryInMs = decideBackoffMs(POLL_RETRY, this.#failures, 0.5 + random.next() / 2);
    return { kind: 'failed', error: shown, retryInMs };
  }

  #attemptId(now: number): string {
    const lost = this.#lostAttempt;
    this.#lostAttempt = undefined;
    if (lost !== undefined && now - lost.at < ATTEMPT_LIFETIME_MS) return lost.id;
    const { random } = this.#parts;
    return Array.from({ length: 4 }, () => Math.floor(random.next() * 2 ** 32).toString(36)).join('-');
  }
}

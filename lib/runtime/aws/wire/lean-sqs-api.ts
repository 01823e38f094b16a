import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../core/clock.js';
import type { Cancellation } from '../../system/lazy-abort.js';
import { alignOutcomes, type BatchAnswer } from '../batch-outcome.js';
import { http1Config } from '../client-config.js';
import { loadSqsModule, type AwsTarget } from '../load-sdk.js';
import type { SqsApi } from '../sqs-api.js';
import {
  BASE64,
  deleteInput,
  readMessage,
  receiveInput,
  sendInput,
  sentOutcomes,
  visibilityInput,
  type MessageShape,
  type SentShape,
} from '../sqs-shapes.js';
import { readSqsSettings, type SqsSettings } from './sdk-settings.js';
import { damagedAnswer, jsonErrorOf } from './service-error.js';
import { callForm, SignedCalls, type CallForm } from './signed-calls.js';

/** What a lean adapter is made of. */
export interface LeanSqsOptions {
  readonly target: AwsTarget;
  readonly clock: Clock;
  /** Whose credentials, region and endpoint are used; no request is made with it. @default - one made from the target */
  readonly client?: SQSClient | undefined;
}

/** How an operation is called. */
interface CallOptions {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly cancellation?: Cancellation;
}

/** A poll that has not come back this long after its wait is on a dead connection. */
const POLL_MARGIN_MS = 10_000;
/** Ten messages of 1 MiB, escaped for JSON. */
const MAX_RECEIVED_BYTES = 67_108_864;
const BATCH_CALL: CallOptions = { timeoutMs: 15_000, maxBytes: 1_048_576 };

/**
 * The SQS port over signed requests of its own. An SDK client says with which credentials, in which region and where; it
 * makes no request, so none of its middleware, retries or request handler takes part.
 * @throws {DEPENDENCY_MISSING} the SDK client is not installed
 */
export async function createLeanSqsApi({ target, clock, client }: LeanSqsOptions): Promise<SqsApi> {
  const guide = client ?? new (await loadSqsModule()).SQSClient(http1Config(target));
  const caller = new SqsCaller(await readSqsSettings(guide), clock);
  return {
    receive: async (request, cancellation) => {
      const timeoutMs = request.waitSeconds * 1_000 + POLL_MARGIN_MS;
      const options = { timeoutMs, maxBytes: MAX_RECEIVED_BYTES, cancellation };
      const answer = await caller.call<ReceiveAnswer>('ReceiveMessage', receiveInput(request), options);
      return (answer.Messages ?? []).map((message) => readMessage(message, BASE64));
    },
    deleteBatch: async (queueUrl, receiptHandles) => {
      const input = deleteInput(queueUrl, receiptHandles);
      const answer = await caller.call<BatchAnswer<SentShape>>('DeleteMessageBatch', input, BATCH_CALL);
      return alignOutcomes(answer, receiptHandles.length, () => undefined);
    },
    changeVisibilityBatch: async (queueUrl, changes) => {
      const input = visibilityInput(queueUrl, changes);
      const answer = await caller.call<BatchAnswer<SentShape>>(
        'ChangeMessageVisibilityBatch',
        input,
        BATCH_CALL,
      );
      return alignOutcomes(answer, changes.length, () => undefined);
    },
    sendBatch: async (queueUrl, messages) => {
      const input = sendInput(queueUrl, messages, BASE64);
      return sentOutcomes(
        await caller.call<BatchAnswer<SentShape>>('SendMessageBatch', input, BATCH_CALL),
        messages,
      );
    },
    close: () => {
      caller.close();
      if (client === undefined) guide.destroy();
    },
  };
}

interface ReceiveAnswer {
  readonly Messages?: readonly MessageShape<string>[];
}

/** Calls operations of SQS in the AWS JSON protocol. */
class SqsCaller {
  readonly #settings: SqsSettings;
  readonly #calls: SignedCalls;
  readonly #forms = new Map<string, CallForm>();

  constructor(settings: SqsSettings, clock: Clock) {
    this.#settings = settings;
    this.#calls = new SignedCalls({ settings, clock, service: 'sqs', readError: jsonErrorOf });
  }

  /** @throws what SQS answered, in the shape of the SDK's errors */
  async call<Answer extends object>(
    operation: string,
    input: { readonly QueueUrl: string },
    options: CallOptions,
  ): Promise<Answer> {
    const text = await this.#calls.call({
      form: this.#formOf(operation, input.QueueUrl),
      body: JSON.stringify(input),
      ...options,
    });
    return parseObject(text) as Answer;
  }

  close(): void {
    this.#calls.close();
  }

  #formOf(operation: string, queueUrl: string): CallForm {
    const key = `${operation} ${queueUrl}`;
    const known = this.#forms.get(key);
    if (known !== undefined) return known;
    const form = callForm(this.#settings.endpointOf(queueUrl), {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    });
    this.#forms.set(key, form);
    return form;
  }
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below: the parser's own words would carry a piece of the answer.
  }
  throw damagedAnswer('the answer is no JSON object');
}

import { limitOf } from '../../contract/limits.js';
import type { ApiResult, Hazard } from '../engine.js';
import type { CallInput } from '../structures/call-input.js';
import type { SqsAccount } from './account.js';
import { deadLetter } from './dead-lettering.js';
import type { QueueCall } from './message-operations.js';
import type { StoredMessage } from './message.js';
import type { SqsQueue } from './queue.js';
import { readProjection, type Projection } from './received-message.js';
import { sqsRefusals } from './refusals.js';

interface ReceiveRequest {
  readonly max: number;
  readonly visibilityMs: number;
  readonly waitSeconds: number;
  readonly attemptId: string | undefined;
  readonly projection: Projection;
}

const ATTEMPT_ID = /^[!-~]{1,128}$/;
const MAX_PER_RECEIVE = 10;

/**
 * `ReceiveMessage`. A long poll becomes a `wait` that holds no message: one that is abandoned strands nothing.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export function receiveMessage({ account, queue, input, now, hazard }: QueueCall): ApiResult {
  const request = readRequest(queue, input);
  if (input.fault !== undefined) return { kind: 'fault', fault: input.fault };
  const first = hazard === 'miss' ? [] : attempt(account, queue, { request, now, hazard });
  if (first.length > 0) return answer(queue, request, first);
  const isShort = request.waitSeconds === 0;
  if (isShort && !queue.settings.isFifo && isAtLimit(account, queue))
    return { kind: 'fault', fault: sqsRefusals.overLimit() };
  if (isShort) return { kind: 'output', output: {} };
  return waitForMessages(account, queue, { request, until: now + request.waitSeconds * 1000 });
}

function waitForMessages(
  account: SqsAccount,
  queue: SqsQueue,
  { request, until }: { readonly request: ReceiveRequest; readonly until: number },
): ApiResult {
  const waiting: ApiResult = {
    kind: 'wait',
    until,
    retry: (now) => {
      if (queue.isDeleted) return { kind: 'fault', fault: sqsRefusals.queueDoesNotExist() };
      account.byName(queue.identity.name, now);
      const messages = attempt(account, queue, { request, now, hazard: undefined });
      account.settle();
      if (messages.length > 0) return answer(queue, request, messages);
      return now < until ? waiting : { kind: 'output', output: {} };
    },
    abandon: () => undefined,
  };
  return waiting;
}

interface Attempt {
  readonly request: ReceiveRequest;
  readonly now: number;
  readonly hazard: Hazard | undefined;
}

function attempt(
  account: SqsAccount,
  queue: SqsQueue,
  { request, now, hazard }: Attempt,
): readonly StoredMessage[] {
  const { attemptId, visibilityMs } = request;
  const replayed = attemptId === undefined ? undefined : queue.attempts.replay(attemptId, now);
  if (replayed !== undefined && replayed.length > 0) {
    for (const message of replayed) queue.hideUntil(message, now + visibilityMs, now);
    queue.attempts.remember(attemptId ?? '', replayed, now);
    return replayed;
  }
  const room = Math.min(request.max, account.maxInFlight - queue.counts['in-flight']);
  if (room <= 0 || !queue.hasReady()) return [];
  if (hazard === 'reorder') queue.rotate(now);
  const taken: StoredMessage[] = [];
  queue.select(room, now, (message) => {
    if (deadLetter(account, queue, { message, now })) return false;
    queue.take(message, now, visibilityMs);
    taken.push(message);
    return true;
  });
  if (hazard === 'duplicate' && !queue.settings.isFifo)
    for (const message of taken) queue.hideUntil(message, now, now);
  if (attemptId !== undefined && taken.length > 0) queue.attempts.remember(attemptId, taken, now);
  return taken;
}

const isAtLimit = (account: SqsAccount, queue: SqsQueue): boolean =>
  queue.counts['in-flight'] >= account.maxInFlight;

const answer = (
  queue: SqsQueue,
  { projection }: ReceiveRequest,
  taken: readonly StoredMessage[],
): ApiResult => ({
  kind: 'output',
  output: { Messages: taken.map((message) => projection(message, queue.handlePrefix)) },
});

function readRequest(queue: SqsQueue, input: CallInput): ReceiveRequest {
  const max = input.optionalInteger('MaxNumberOfMessages', { min: 1, max: MAX_PER_RECEIVE });
  const visibility = input.optionalInteger('VisibilityTimeout', {
    min: 0,
    max: limitOf('sqs.visibilityTimeout.max'),
  });
  const wait = input.optionalInteger('WaitTimeSeconds', { min: 0, max: limitOf('sqs.longPoll.max') });
  const attemptId = input.optionalString('ReceiveRequestAttemptId');
  if (attemptId !== undefined && (!queue.settings.isFifo || !ATTEMPT_ID.test(attemptId)))
    input.refuse(
      sqsRefusals.invalidParameter(
        'ReceiveRequestAttemptId',
        attemptId,
        queue.settings.isFifo
          ? 'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length'
          : 'The request include parameter that is not valid for this queue type',
      ),
    );
  return {
    max: max ?? 1,
    visibilityMs: visibility === undefined ? queue.settings.visibilityMs : visibility * 1000,
    waitSeconds: wait ?? queue.settings.waitSeconds,
    attemptId,
    projection: readProjection(input),
  };
}

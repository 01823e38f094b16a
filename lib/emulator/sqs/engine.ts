import type { ApiCall, ApiResult, Engine } from '../engine.js';
import { CallInput } from '../structures/call-input.js';
import { SqsAccount } from './account.js';
import { deliverToQueue, type DeliveryOutcome, type QueueDelivery } from './delivery.js';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
  sendMessage,
  sendMessageBatch,
  type QueueCall,
} from './message-operations.js';
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './move-operations.js';
import type { SqsEngineOptions } from './options.js';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  listQueueTags,
  purgeQueue,
  setQueueAttributes,
  tagQueue,
  untagQueue,
  type AccountCall,
} from './queue-operations.js';
import type { SqsQueue } from './queue.js';
import { receiveMessage } from './receiving.js';
import { sqsInputRefusals, sqsRefusals } from './refusals.js';

/** The queues of one account in one region, as a state machine on a given clock. */
export interface SqsEngine extends Engine {
  readonly service: 'sqs';
  /** Takes a message from SNS, when the queue exists and its policy allows it. */
  deliver(queueArn: string, delivery: QueueDelivery, now: number): DeliveryOutcome;
}

const ACCOUNT_OPERATIONS: Readonly<Record<string, (call: AccountCall) => ApiResult>> = {
  CancelMessageMoveTask: cancelMessageMoveTask,
  CreateQueue: createQueue,
  GetQueueUrl: getQueueUrl,
  ListMessageMoveTasks: listMessageMoveTasks,
  ListQueues: listQueues,
  StartMessageMoveTask: startMessageMoveTask,
};

const QUEUE_OPERATIONS: Readonly<Record<string, (call: QueueCall) => ApiResult>> = {
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ListQueueTags: listQueueTags,
  PurgeQueue: purgeQueue,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  SetQueueAttributes: setQueueAttributes,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

/**
 * Starts an SQS with no queues. It is as strict as AWS: queue policies are honoured for deliveries of topics, names
 * rest for 60 s after a deletion, FIFO handles expire with their visibility timeout.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function createSqsEngine(options: SqsEngineOptions): SqsEngine {
  const account = new SqsAccount(options);
  return {
    service: 'sqs',
    call: (call, now) => {
      account.moves.advance(now);
      const result = dispatch(account, call, now);
      account.settle();
      return result;
    },
    deliver: (queueArn, delivery, now) => {
      const outcome = deliverToQueue(account, queueArn, { delivery, now });
      account.settle();
      return outcome;
    },
    advance: (now) => account.advance(now),
    nextDeadline: () => account.nextDeadline(),
  };
}

function dispatch(account: SqsAccount, { operation, input: raw, hazard }: ApiCall, now: number): ApiResult {
  const input = new CallInput(raw, sqsInputRefusals);
  const onQueue = QUEUE_OPERATIONS[operation];
  if (onQueue !== undefined) {
    const url = input.string('QueueUrl');
    if (input.fault !== undefined) return { kind: 'fault', fault: input.fault };
    const queue = account.byUrl(url, now);
    if (queue === undefined) return { kind: 'fault', fault: sqsRefusals.queueDoesNotExist() };
    if (isThrottled(account, queue, { operation, input: raw, now }))
      return { kind: 'fault', fault: sqsRefusals.throttled() };
    return onQueue({ account, queue, input, now, hazard });
  }
  const onAccount = ACCOUNT_OPERATIONS[operation];
  if (onAccount !== undefined) return onAccount({ account, input, now });
  return { kind: 'fault', fault: sqsRefusals.unsupported(notEmulated(operation)) };
}

function isThrottled(
  { areLimitsEnforced }: SqsAccount,
  { settings, throughput }: SqsQueue,
  { operation, input, now }: ApiCall & { readonly now: number },
): boolean {
  return areLimitsEnforced && settings.isFifo && !throughput.admits(operation, input, { settings, now });
}

const notEmulated = (operation: string): string =>
  `the local SQS does not do ${operation}; see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_${operation}.html for what AWS does, and set queue policies with SetQueueAttributes`;

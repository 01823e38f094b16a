import { limitOf } from '../../contract/limits.js';
import type { ApiFault, ApiResult } from '../engine.js';
import type { SqsAccount } from './account.js';
import type { MoveTask } from './move-tasks.js';
import type { AccountCall } from './queue-operations.js';
import type { SqsQueue } from './queue.js';
import { sqsRefusals } from './refusals.js';

const MAX_RUNNING = 100;

const fault = (refusal: ApiFault): ApiResult => ({ kind: 'fault', fault: refusal });

/**
 * `StartMessageMoveTask`: only from queues that are the dead-letter queue of another, one task at a time.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export function startMessageMoveTask({ account, input, now }: AccountCall): ApiResult {
  const sourceArn = input.string('SourceArn');
  const destinationArn = input.optionalString('DestinationArn');
  const rate = input.optionalInteger('MaxNumberOfMessagesPerSecond', {
    min: 1,
    max: limitOf('sqs.moveTask.maxRate'),
  });
  if (input.fault !== undefined) return fault(input.fault);
  const source = account.byArn(sourceArn, now);
  if (source === undefined)
    return fault(
      sqsRefusals.resourceNotFound(
        `The resource that you specified for the SourceArn parameter doesn't exist.`,
      ),
    );
  const refusal = refuseTask(account, { source, destinationArn, now });
  if (refusal !== undefined) return fault(refusal);
  const task = account.moves.start({ source, destinationArn, rate, now });
  return { kind: 'output', output: { TaskHandle: task.handle } };
}

interface WantedTask {
  readonly source: SqsQueue;
  readonly destinationArn: string | undefined;
  readonly now: number;
}

function refuseTask(account: SqsAccount, { source, destinationArn, now }: WantedTask): ApiFault | undefined {
  const { arn } = source.identity;
  if (!account.all().some((queue) => queue.settings.redrive?.deadLetterTargetArn === arn))
    return sqsRefusals.invalidParameter(
      'SourceArn',
      arn,
      'Source queue must be configured as a Dead Letter Queue',
    );
  if (account.moves.of(source).some(({ status }) => status === 'RUNNING'))
    return sqsRefusals.invalidParameter(
      'SourceArn',
      arn,
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time',
    );
  if (account.moves.running >= MAX_RUNNING) return sqsRefusals.overLimit();
  if (destinationArn === undefined) return undefined;
  const destination = account.byArn(destinationArn, now);
  if (destination === undefined || destination === source)
    return sqsRefusals.resourceNotFound(
      `The resource that you specified for the DestinationArn parameter doesn't exist.`,
    );
  return destination.settings.isFifo === source.settings.isFifo
    ? undefined
    : sqsRefusals.unsupported('The source and the destination queue must be of the same type.');
}

/** `CancelMessageMoveTask`: what was moved stays moved. */
export function cancelMessageMoveTask({ account, input }: AccountCall): ApiResult {
  const handle = input.string('TaskHandle');
  if (input.fault !== undefined) return fault(input.fault);
  const task = account.moves.find(handle);
  if (task === undefined) return fault(sqsRefusals.resourceNotFound('Task does not exist.'));
  if (task.status !== 'RUNNING') return fault(sqsRefusals.unsupported('Only active tasks can be cancelled.'));
  account.moves.cancel(task);
  return { kind: 'output', output: { ApproximateNumberOfMessagesMoved: task.moved } };
}

/** `ListMessageMoveTasks`: the last ten tasks of a source, newest first. */
export function listMessageMoveTasks({ account, input, now }: AccountCall): ApiResult {
  const sourceArn = input.string('SourceArn');
  const max = input.optionalInteger('MaxResults', { min: 1, max: 10 });
  if (input.fault !== undefined) return fault(input.fault);
  const source = account.byArn(sourceArn, now);
  if (source === undefined)
    return fault(
      sqsRefusals.resourceNotFound(
        `The resource that you specified for the SourceArn parameter doesn't exist.`,
      ),
    );
  const tasks = account.moves.of(source).slice(0, max ?? 1);
  return { kind: 'output', output: { Results: tasks.map(describe) } };
}

const describe = (task: MoveTask): Readonly<Record<string, unknown>> => ({
  ...(task.status === 'RUNNING' ? { TaskHandle: task.handle } : {}),
  Status: task.status,
  SourceArn: task.source.identity.arn,
  ...(task.destinationArn === undefined ? {} : { DestinationArn: task.destinationArn }),
  ...(task.rate === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.rate }),
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  ...(task.failureReason === undefined ? {} : { FailureReason: task.failureReason }),
  StartedTimestamp: task.startedAt,
});

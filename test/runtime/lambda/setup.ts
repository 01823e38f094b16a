import type { QueueBinding } from '../../../lib/contract/index.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import {
  createLambdaHandler,
  on,
  type LambdaHandlerOptions,
  type MessageContext,
} from '../../../lib/runtime/index.js';
import { eventOf } from '../support/event-source-mapping.js';
import { createFakeClock } from '../support/fake-clock.js';
import { scriptedAws, type Script } from '../support/scripted-aws.js';
import { acceptAll, eventLog, JobQueued, queueBinding, sdkMessage } from '../sqs/fixtures.js';

/** The first call of a process loads parts of the SDK: real time, which must not be an invocation's on the fake clock. */
beforeAll(async () => {
  const { handler } = setup({ handle: failUnless(() => false), options: { clock: createSystemClock() } });
  await handler(eventOf(batch('a'), queueBinding().arn), { getRemainingTimeInMillis: () => 10_000 });
});

interface Setup {
  readonly handle?: (job: string, ctx: MessageContext) => Promise<void> | void;
  readonly script?: Script;
  readonly binding?: Partial<QueueBinding>;
  readonly options?: Partial<LambdaHandlerOptions>;
}

/** A handler on scripted AWS and a fake clock. */
export function setup(given: Setup = {}) {
  const clock = createFakeClock();
  const aws = scriptedAws(
    async (operation, input) => (await given.script?.(operation, input)) ?? acceptAll(input),
  );
  const binding = queueBinding(given.binding);
  const started: string[] = [];
  const log = eventLog();
  const handler = createLambdaHandler({
    queue: binding,
    idempotency: 'none',
    handlers: [
      on(JobQueued, ({ job }, ctx) => {
        started.push(job);
        return given.handle?.(job, ctx);
      }),
    ],
    clock,
    random: { next: () => 0.5 },
    clients: { sqs: aws.sqs, dynamodb: aws.dynamodb },
    onEvent: log.onEvent,
    ...given.options,
  });
  return {
    ...log,
    clock,
    binding,
    handler,
    started,
    callsOf: (operation: string) => aws.calls.filter((call) => call.operation === operation),
    /** Invokes with ten seconds to run unless told otherwise; answers the reported ids, and after how long. */
    invoke: async (messages: readonly Record<string, unknown>[], remainingMs = 10_000) => {
      const startedAt = clock.monotonic();
      const event = eventOf(messages, binding.arn);
      const answer = handler(event, { getRemainingTimeInMillis: () => remainingMs }).then(
        ({ batchItemFailures }) => ({
          failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
          afterMs: clock.monotonic() - startedAt,
        }),
      );
      answer.catch(() => undefined);
      for (let step = 0; step < remainingMs; step += 100) await clock.advance(100);
      return answer;
    },
  };
}

/** A handler that hangs. */
export const never = (): Promise<void> => new Promise(() => undefined);
/** A handler that ends when it is asked to. */
export const untilSignal = ({ signal }: MessageContext): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
/** Messages whose group is the first letter of their id. */
export const batch = (...ids: string[]) => ids.map((id) => sdkMessage({ id, group: id.slice(0, 1) }));
/** A handler that fails for some jobs. */
export const failUnless = (isFine: (job: string) => boolean) => (job: string) => {
  if (!isFine(job)) throw new Error('no');
};

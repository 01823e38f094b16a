import type { Build } from './build.js';
import { SOUND_BUILD } from './build.js';
import { listIn, withInput, type Json, type Send, type WireAnswer, type WireCall } from './wire-call.js';

/** A build that is broken on purpose, and how it is. */
export interface Mutant extends Build {
  readonly what: string;
}

const mutant = (name: string, what: string, change: Partial<Build>): Mutant => ({
  ...SOUND_BUILD,
  ...change,
  name,
  what,
});

/** Deliberately broken builds: each must be caught, or the oracle is blind there. */
export const MUTANTS: readonly Mutant[] = [
  mutant('drop-the-fence', 'writes to the idempotency table carry no condition', {
    changeCalls: (send) => async (call, signal) =>
      withoutRefusals(call, await send(withoutConditions(call), signal)),
  }),
  mutant(
    'delete-with-the-old-handle',
    'a message that came again is deleted with the handle of its first receive',
    {
      changeCalls: withFirstHandles,
    },
  ),
  mutant('heartbeat-after-backoff', 'a message that was given back is renewed once more', {
    changeCalls: withLateHeartbeats,
  }),
  mutant('complete-before-the-handler-ends', 'the handler is not awaited', {
    changeHandlers: (handlers) =>
      handlers.map(({ message, handle }) => ({
        message,
        handle: (payload, context) => {
          Promise.resolve(handle(payload, context)).catch(() => undefined);
        },
      })),
  }),
  mutant('renew-without-the-lease', 'the visibility timeout is renewed, the lease is not', {
    changeCalls: (send) => (call, signal) =>
      isEveryStatement(call, LEASE_RENEWAL) ? Promise.resolve(madeAll(call)) : send(call, signal),
  }),
  mutant(
    'ack-poison-silently',
    'what can never be handled is deleted without reaching the dead-letter queue',
    {
      changeCalls: (send) => (call, signal) =>
        isDeadLetter(call) ? Promise.resolve({ status: 200, output: acceptAll(call) }) : send(call, signal),
    },
  ),
  mutant('forget-groups', 'messages of a FIFO group are handled side by side', {
    changeCalls: (send) => async (call, signal) => {
      const answer = await send(call, signal);
      return call.operation === 'ReceiveMessage'
        ? { ...answer, output: withoutGroups(answer.output) }
        : answer;
    },
  }),
  mutant('forget-the-record', 'mode record-after records nothing', {
    changeCalls: (send) => (call, signal) =>
      isEveryStatement(call, INSERT) ? Promise.resolve(madeAll(call)) : send(call, signal),
  }),
  mutant('forget-receives', 'most of what is received is not taken in hand', {
    changeCalls: forgettingReceives,
  }),
  mutant('lose-a-publish', 'publishes are reported before SQS has them', {
    changeCalls: (send) => (call, signal) =>
      isPublish(call) ? Promise.resolve({ status: 200, output: acceptAll(call) }) : send(call, signal),
  }),
];

/** Every condition of a transaction holds, wherever it stands. */
function withoutConditions(call: WireCall): WireCall {
  if (call.operation !== 'TransactWriteItems') return call;
  // Left in place, since DynamoDB refuses names and values that no expression uses.
  const alwaysTrue = (name: string, value: unknown): unknown =>
    name === 'ConditionExpression' && typeof value === 'string'
      ? `(${value}) OR attribute_exists(pk) OR attribute_not_exists(pk)`
      : value;
  return withInput(call, JSON.parse(JSON.stringify(call.input, alwaysTrue)) as Json);
}

/** A statement carries its condition in its text; a build without conditions would be told that it was made. */
function withoutRefusals({ operation }: WireCall, answer: WireAnswer): WireAnswer {
  if (operation !== 'BatchExecuteStatement' || answer.status !== 200) return answer;
  const Responses = listIn(answer.output, 'Responses').map((response) => {
    const { Error: error, ...made } = response as { readonly Error?: { readonly Code?: string } };
    return UNMET.has(error?.Code ?? '') ? made : response;
  });
  return { ...answer, output: { ...answer.output, Responses } };
}

const UNMET: ReadonlySet<string> = new Set(['DuplicateItem', 'ConditionalCheckFailed']);

function withFirstHandles(send: Send): Send {
  const first = new Map<string, string>();
  const byHandle = new Map<string, string>();
  return async (call, signal) => {
    if (call.operation === 'DeleteMessageBatch') {
      const Entries = listIn(call.input, 'Entries').map((entry) => {
        const messageId = byHandle.get(String(entry['ReceiptHandle'])) ?? '';
        return { ...entry, ReceiptHandle: first.get(messageId) ?? entry['ReceiptHandle'] };
      });
      return send(withInput(call, { ...call.input, Entries }), signal);
    }
    const answer = await send(call, signal);
    for (const message of listIn(answer.output, 'Messages')) {
      const messageId = String(message['MessageId']);
      const handle = String(message['ReceiptHandle']);
      byHandle.set(handle, messageId);
      if (!first.has(messageId)) first.set(messageId, handle);
    }
    return answer;
  };
}

const LATE_HEARTBEAT_SECONDS = 30;

function withLateHeartbeats(send: Send): Send {
  return async (call, signal) => {
    const answer = await send(call, signal);
    if (call.operation !== 'ChangeMessageVisibilityBatch' || answer.status !== 200) return answer;
    const Entries = listIn(call.input, 'Entries').map((entry) => ({
      ...entry,
      VisibilityTimeout: LATE_HEARTBEAT_SECONDS,
    }));
    await send(withInput(call, { ...call.input, Entries }), signal);
    return answer;
  };
}

const LEASE_RENEWAL = /^UPDATE "[^"]+" SET "lease" = \? WHERE/;
const INSERT = /^INSERT /;

const isEveryStatement = ({ operation, input }: WireCall, form: RegExp): boolean =>
  operation === 'BatchExecuteStatement' &&
  listIn(input, 'Statements').every(({ Statement }) => form.test(String(Statement)));

const madeAll = ({ input }: WireCall): WireAnswer => ({
  status: 200,
  output: { Responses: listIn(input, 'Statements').map(() => ({})) },
});

const KEPT_ANSWERS = 8;

/** All but every eighth answer that brings messages come to nothing. */
function forgettingReceives(send: Send): Send {
  let answers = 0;
  return async (call, signal) => {
    const answer = await send(call, signal);
    if (listIn(answer.output, 'Messages').length === 0) return answer;
    answers += 1;
    return answers % KEPT_ANSWERS === 0 ? answer : { ...answer, output: {} };
  };
}

const isDeadLetter = ({ operation, input }: WireCall): boolean =>
  operation === 'SendMessageBatch' && String(input['QueueUrl']).includes('jobs-dead');

const isPublish = (call: WireCall): boolean => call.operation === 'SendMessageBatch' && !isDeadLetter(call);

const acceptAll = ({ input }: WireCall): Json => ({
  Successful: listIn(input, 'Entries').map(({ Id }) => ({
    Id,
    MessageId: 'never-sent',
    MD5OfMessageBody: '',
  })),
});

function withoutGroups(output: Json): Json {
  return {
    ...output,
    Messages: listIn(output, 'Messages').map((message) => {
      const { MessageGroupId: _group, ...Attributes } = message['Attributes'] as Json;
      return { ...message, Attributes };
    }),
  };
}

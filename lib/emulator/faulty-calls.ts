import type { Clock, Random } from '../core/clock.js';
import type { ApiFault } from './engine.js';
import type { FaultEffect } from './faults.js';
import { FormerAnswers } from './former-answers.js';
import type { HostAnswer } from './host.js';
import type { ApiService, Route } from './http/route.js';
import type { WireFault } from './http/wire.js';

type Input = Readonly<Record<string, unknown>>;
type EngineRoute = Extract<Route, { readonly kind: 'engine' }>;

/** What each service says when it is asked too much. */
const THROTTLED: Readonly<Record<ApiService, ApiFault>> = {
  sqs: {
    code: 'RequestThrottled',
    message: 'Rate exceeded (injected)',
    status: 403,
    queryCode: 'RequestThrottled',
  },
  sns: {
    code: 'ThrottledException',
    message: 'Rate exceeded (injected)',
    status: 429,
    queryCode: 'Throttled',
  },
  kinesis: {
    code: 'ProvisionedThroughputExceededException',
    message: 'Rate exceeded (injected)',
    status: 400,
  },
  s3: { code: 'SlowDown', message: 'Please reduce your request rate. (injected)', status: 503 },
  dynamodb: {
    code: 'ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded. (injected)',
    status: 400,
  },
};

const INTERNAL: Readonly<Record<ApiService, string>> = {
  sqs: 'InternalError',
  sns: 'InternalError',
  kinesis: 'InternalFailure',
  s3: 'InternalError',
  dynamodb: 'InternalServerError',
};

/** What each service answers when it failed itself. */
export const internalFailureOf = (service: ApiService): ApiFault => ({
  code: INTERNAL[service],
  message: 'We encountered an internal error. Please try again. (injected)',
  status: 500,
});

/** How an answer that was made is to be lost on the way; undefined when it isn't. */
export function wireFaultOf(effect: FaultEffect): WireFault | undefined {
  if (effect.kind === 'silence') return { kind: 'silence' };
  if (effect.kind === 'reset') return { kind: 'reset', afterBytes: effect.afterBytes ?? 0 };
  return undefined;
}

/** Resolves `delayMs` later on the given clock. */
export const delayed = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(delayMs, resolve));

/** What is answered in place of doing the call. */
export type Instead =
  { readonly kind: 'fault'; readonly fault: ApiFault } | { readonly kind: 'wire'; readonly fault: WireFault };

/** Lets effects strike calls of engines. */
export class FaultyCalls {
  readonly #random: Random;
  readonly #former = new FormerAnswers<Extract<HostAnswer, { readonly kind: 'output' }>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What an effect answers without the call being done; undefined when the call is to be done. */
  insteadOf(service: ApiService, effect: FaultEffect): Instead | undefined {
    if (effect.kind === 'throttle') return { kind: 'fault', fault: THROTTLED[service] };
    if (effect.kind === 'error' && effect.when === 'before')
      return { kind: 'fault', fault: internalFailureOf(service) };
    const isLost = (effect.kind === 'silence' || effect.kind === 'reset') && effect.when === 'before';
    const fault = isLost ? wireFaultOf(effect) : undefined;
    return fault === undefined ? undefined : { kind: 'wire', fault };
  }

  /** Does a call with an effect that changes its input or its answer. */
  async around(
    route: EngineRoute,
    effect: FaultEffect,
    ask: (input: Input) => Promise<HostAnswer>,
  ): Promise<HostAnswer> {
    switch (effect.kind) {
      case 'throttle-entries':
        return this.#refuseEntries(route, effect.share, ask);
      case 'stale':
        return this.#stale(route, ask);
      case 'empty-page':
        return emptyPage(route, await ask(route.input));
      default:
        return ask(route.input);
    }
  }

  async #refuseEntries(
    { service, input }: EngineRoute,
    share: number,
    ask: (input: Input) => Promise<HostAnswer>,
  ): Promise<HostAnswer> {
    const member = ['Records', 'Entries', 'PublishBatchRequestEntries'].find((name) =>
      Array.isArray(input[name]),
    );
    if (member === undefined) return ask(input);
    const entries = input[member] as readonly Input[];
    const isRefused = entries.map(() => this.#random.next() < share);
    const kept = entries.filter((_, index) => isRefused[index] === false);
    const answer: HostAnswer =
      kept.length === 0
        ? { kind: 'output', output: service === 'kinesis' ? { Records: [] } : {} }
        : await ask({ ...input, [member]: kept });
    if (answer.kind !== 'output') return answer;
    const merge = service === 'kinesis' ? mergeRecords : mergeBatch;
    return { kind: 'output', output: merge(service, answer.output, { entries, isRefused }) };
  }

  async #stale(route: EngineRoute, ask: (input: Input) => Promise<HostAnswer>): Promise<HostAnswer> {
    const question = `${route.service}.${route.operation} ${JSON.stringify(route.input)}`;
    const answer = await ask(route.input);
    return answer.kind === 'output' ? this.#former.exchange(question, answer) : answer;
  }
}

interface Refusals {
  readonly entries: readonly Input[];
  readonly isRefused: readonly boolean[];
}

/** Kinesis answers by position. */
function mergeRecords(service: ApiService, output: Input, { isRefused }: Refusals): Input {
  const done = [...(output['Records'] as readonly unknown[])];
  const { code: ErrorCode, message: ErrorMessage } = THROTTLED[service];
  const records = isRefused.map((refused) => (refused ? { ErrorCode, ErrorMessage } : done.shift()));
  const failed = Number(output['FailedRecordCount'] ?? 0) + isRefused.filter(Boolean).length;
  return { ...output, Records: records, FailedRecordCount: failed };
}

/** SQS and SNS answer by id. */
function mergeBatch(service: ApiService, output: Input, { entries, isRefused }: Refusals): Input {
  const failed = entries
    .filter((_, index) => isRefused[index] === true)
    .map((entry) => ({
      Id: entry['Id'],
      SenderFault: false,
      Code: THROTTLED[service].queryCode,
      Message: THROTTLED[service].message,
    }));
  const others = Array.isArray(output['Failed']) ? (output['Failed'] as readonly unknown[]) : [];
  return { ...output, Successful: output['Successful'] ?? [], Failed: [...others, ...failed] };
}

function emptyPage({ operation, input }: EngineRoute, answer: HostAnswer): HostAnswer {
  if (operation !== 'GetRecords' || answer.kind !== 'output') return answer;
  const { MillisBehindLatest } = answer.output;
  return {
    kind: 'output',
    output: { Records: [], MillisBehindLatest, NextShardIterator: input['ShardIterator'] },
  };
}

import type { QueueBinding } from '../../lib/contract/index.js';
import {
  createEmbeddedAws,
  createVirtualClock,
  type EmbeddedAws,
  type VirtualClock,
} from '../../lib/testing/index.js';
import { createChance } from './chance.js';
import type { Scenario } from './scenario.js';
import type { AccountNames } from './tap.js';
import { readAnswer, type Json, type Send, type WireAnswer } from './wire-call.js';

/** The services of one run: an emulated account with a queue, its dead-letter queue and the tables. */
export interface Account {
  readonly aws: EmbeddedAws;
  readonly names: AccountNames;
  readonly binding: QueueBinding;
  /** Where handlers publish to. */
  readonly outcomes: QueueBinding;
  /** Serves a call of a process. */
  readonly serve: Send;
  /** Calls to DynamoDB that are being worked on: it answers in turns of the event loop, not on the clock. */
  readonly storeCallsOut: () => number;
  /** An operator's call to SQS, without a network between. */
  ask(operation: string, input: Json): Promise<WireAnswer>;
}

const RECORDS = 'simulated-records';
const EFFECTS = 'simulated-effects';

/** Opens the account of one run. */
export async function openAccount(scenario: Scenario, clock: VirtualClock): Promise<Account> {
  const aws = await createEmbeddedAws({
    clock,
    random: createChance(scenario.seed, 'services'),
    dynamodb: false,
  });
  const store = await openStore();
  const ask = askerOf(aws, 'AmazonSQS');
  const { binding, outcomes } = await createQueues(scenario, ask);
  let storeCallsOut = 0;
  const serve: Send = async (call, signal) => {
    if (call.service === 'sqs')
      return readAnswer(
        (await aws.clientConfig.requestHandler.handle(call.request, { abortSignal: signal })).response,
      );
    storeCallsOut += 1;
    try {
      return readAnswer((await store.clientConfig.requestHandler.handle(call.request)).response);
    } finally {
      storeCallsOut -= 1;
    }
  };
  return {
    aws,
    binding,
    outcomes,
    serve,
    ask,
    storeCallsOut: () => storeCallsOut,
    names: {
      queueUrl: binding.url,
      deadLetterUrl: binding.deadLetterQueue.url,
      outcomesUrl: outcomes.url,
      effectsTable: EFFECTS,
    },
  };
}

type Ask = (operation: string, input: Json) => Promise<WireAnswer>;

const askerOf =
  (aws: EmbeddedAws, target: string): Ask =>
  async (operation, input) => {
    const request = {
      method: 'POST',
      path: '/',
      headers: { 'x-amz-target': `${target}.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify(input),
    };
    return readAnswer((await aws.clientConfig.requestHandler.handle(request)).response);
  };

async function createQueues(
  scenario: Scenario,
  ask: Ask,
): Promise<{ readonly binding: QueueBinding; readonly outcomes: QueueBinding }> {
  const fifo = scenario.queue === 'fifo';
  const suffix = fifo ? '.fifo' : '';
  const create = async (name: string, attributes: Readonly<Record<string, string>>): Promise<string> => {
    const Attributes = { ...attributes, ...(fifo && { FifoQueue: 'true' }) };
    const { output } = await ask('CreateQueue', { QueueName: `${name}${suffix}`, Attributes });
    return String(output['QueueUrl']);
  };
  const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}${suffix}`;
  const deadLetterUrl = await create('jobs-dead', { MessageRetentionPeriod: '1209600' });
  const { maxReceiveCount, visibilityTimeoutSeconds, handlerTimeoutSeconds } = scenario;
  const url = await create('jobs', {
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('jobs-dead'), maxReceiveCount }),
  });
  const outcomesUrl = await create('outcomes', {});
  const binding: QueueBinding = {
    v: 1,
    kind: 'queue',
    name: 'Jobs',
    region: 'us-east-1',
    url,
    arn: arnOf('jobs'),
    fifo,
    delivery: 'raw',
    messages: [{ name: 'job', version: 1 }],
    handlerTimeoutSeconds,
    visibilityTimeoutSeconds,
    maxReceiveCount,
    retentionSeconds: 345_600,
    maxMessageBytes: 262_144,
    deadLetterQueue: { url: deadLetterUrl, arn: arnOf('jobs-dead') },
    idempotency: { table: RECORDS, ttlAttribute: 'expiresAt' },
  };
  return {
    binding,
    outcomes: {
      ...binding,
      name: 'Outcomes',
      url: outcomesUrl,
      arn: arnOf('outcomes'),
      messages: [{ name: 'job-done', version: 1 }],
    },
  };
}

/** Tables take a moment of real time to come up, so runs share them; each has keys of its own. */
let store: Promise<EmbeddedAws> | undefined;

function openStore(): Promise<EmbeddedAws> {
  store ??= createStore();
  return store;
}

async function createStore(): Promise<EmbeddedAws> {
  const aws = await createEmbeddedAws({ clock: createVirtualClock() });
  const ask = askerOf(aws, 'DynamoDB_20120810');
  for (const TableName of [RECORDS, EFFECTS]) {
    await ask('CreateTable', {
      TableName,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    let status: unknown;
    while (status !== 'ACTIVE') {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const { output } = await ask('DescribeTable', { TableName });
      status = (output['Table'] as Json)['TableStatus'];
    }
  }
  return aws;
}

import type { ApiFault } from '../../../lib/emulator/engine.js';
import { createSqsEngine, type SqsEngine } from '../../../lib/emulator/sqs/engine.js';
import type { SqsEngineOptions } from '../../../lib/emulator/sqs/options.js';

export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-1';
export const BASE = 'http://127.0.0.1:4566';

type Members = Readonly<Record<string, unknown>>;

/** A message as a receive returns it. */
export interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Members;
  readonly MD5OfMessageAttributes?: string;
}

/** One SQS on a clock that the test moves. */
export interface Sqs {
  readonly engine: SqsEngine;
  now: number;
  call(operation: string, input: Members): Members;
  refused(operation: string, input: Members): ApiFault;
  create(name: string, attributes?: Readonly<Record<string, string>>): string;
  send(url: string, body: string, more?: Members): Members;
  receive(url: string, more?: Members): readonly Received[];
  bodies(url: string, more?: Members): readonly string[];
  attributes(url: string): Readonly<Record<string, string>>;
}

export const arnOf = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

export function setupSqs(options: Partial<SqsEngineOptions> = {}): Sqs {
  let ids = 0;
  const engine = createSqsEngine({
    region: REGION,
    accountId: ACCOUNT,
    queueUrlBase: () => BASE,
    randomId: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
    random: { next: () => 0.5 },
    ...options,
  });
  const sqs: Sqs = {
    engine,
    now: 1_700_000_000_000,
    call: (operation, input) => {
      const result = engine.call({ operation, input }, sqs.now);
      if (result.kind !== 'output') throw new Error(`${operation}: ${JSON.stringify(result)}`);
      return result.output;
    },
    refused: (operation, input) => {
      const result = engine.call({ operation, input }, sqs.now);
      if (result.kind !== 'fault') throw new Error(`${operation} was not refused: ${JSON.stringify(result)}`);
      return result.fault;
    },
    create: (name, attributes = {}) =>
      sqs.call('CreateQueue', {
        QueueName: name,
        Attributes: { ...(name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}), ...attributes },
      })['QueueUrl'] as string,
    send: (url, body, more = {}) => sqs.call('SendMessage', { QueueUrl: url, MessageBody: body, ...more }),
    receive: (url, more = {}) =>
      (sqs.call('ReceiveMessage', { QueueUrl: url, MessageSystemAttributeNames: ['All'], ...more })[
        'Messages'
      ] ?? []) as readonly Received[],
    bodies: (url, more = {}) =>
      sqs.receive(url, { MaxNumberOfMessages: 10, ...more }).map((message) => message.Body),
    attributes: (url) =>
      sqs.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] })['Attributes'] as Readonly<
        Record<string, string>
      >,
  };
  return sqs;
}

import type { ApiFault } from '../../../lib/emulator/engine.js';
import { createSnsEngine, type SnsEngine } from '../../../lib/emulator/sns/engine.js';
import type { SnsEngineOptions } from '../../../lib/emulator/sns/options.js';
import { ACCOUNT, arnOf, REGION, setupSqs, type Sqs } from '../sqs/setup.js';

type Members = Readonly<Record<string, unknown>>;

/** An SNS beside an SQS, on one clock (`sqs.now`). */
export interface Sns {
  readonly engine: SnsEngine;
  readonly sqs: Sqs;
  call(operation: string, input: Members): Members;
  refused(operation: string, input: Members): ApiFault;
  createTopic(name: string, attributes?: Readonly<Record<string, string>>): string;
  /** A queue whose policy lets the topic in, subscribed to it; gives the queue's URL. */
  subscribeQueue(topicArn: string, queue: string, attributes?: Readonly<Record<string, string>>): string;
}

export const allowTopic = (queue: string, topicArn: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arnOf(queue),
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  });

export function setupSns(options: Partial<SnsEngineOptions> = {}): Sns {
  const sqs = setupSqs();
  let ids = 0;
  const engine = createSnsEngine({
    region: REGION,
    accountId: ACCOUNT,
    randomId: () => `11111111-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
    random: { next: () => 0.5 },
    deliverToQueue: (arn, delivery, now) => sqs.engine.deliver(arn, delivery, now),
    ...options,
  });
  const sns: Sns = {
    engine,
    sqs,
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
    createTopic: (name, attributes = {}) =>
      sns.call('CreateTopic', {
        Name: name,
        Attributes: { ...(name.endsWith('.fifo') ? { FifoTopic: 'true' } : {}), ...attributes },
      })['TopicArn'] as string,
    subscribeQueue: (topicArn, queue, attributes = {}) => {
      const url = sqs.create(queue, { Policy: allowTopic(queue, topicArn) });
      sns.call('Subscribe', {
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: arnOf(queue),
        Attributes: attributes,
      });
      return url;
    },
  };
  return sns;
}

import type { SNSClient } from '@aws-sdk/client-sns';
import type { Clock } from '../../../core/clock.js';
import { alignOutcomes, entryId, type BatchAnswer } from '../batch-outcome.js';
import { http1Config } from '../client-config.js';
import { loadSnsModule, type AwsTarget } from '../load-sdk.js';
import { publishedOf, type PublishedShape, type SnsApi } from '../sns-api.js';
import type { OutgoingMessage, WireAttribute } from '../sqs-api.js';
import { BASE64 } from '../sqs-shapes.js';
import { QueryForm, queryErrorOf, readQueryResult } from './query-protocol.js';
import { readSnsSettings } from './sdk-settings.js';
import { callForm, SignedCalls } from './signed-calls.js';
import { childOf, textOf, type XmlElement } from './xml-element.js';

/** What a lean adapter is made of. */
export interface LeanSnsOptions {
  readonly target: AwsTarget;
  readonly clock: Clock;
  /** Whose credentials, region and endpoint are used; no request is made with it. @default - one made from the target */
  readonly client?: SNSClient | undefined;
}

const API_VERSION = '2010-03-31';
const PUBLISH = {
  timeoutMs: 15_000,
  maxBytes: 1_048_576,
};

/**
 * The SNS port over signed requests of its own, as `createLeanSqsApi` is for SQS; SNS speaks the AWS query protocol: forms
 * there, XML back.
 * @throws {DEPENDENCY_MISSING} the SDK client is not installed
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export async function createLeanSnsApi({ target, clock, client }: LeanSnsOptions): Promise<SnsApi> {
  const guide = client ?? new (await loadSnsModule()).SNSClient(http1Config(target));
  const settings = await readSnsSettings(guide);
  const calls = new SignedCalls({ settings, clock, service: 'sns', readError: queryErrorOf });
  const form = callForm(settings.endpoint, { 'content-type': 'application/x-www-form-urlencoded' });
  return {
    publishBatch: async (topicArn, messages) => {
      const body = publishForm(topicArn, messages);
      const text = await calls.call({ form, body, ...PUBLISH });
      return alignOutcomes(readAnswer(readQueryResult('PublishBatch', text)), messages.length, publishedOf);
    },
    close: () => {
      calls.close();
      if (client === undefined) guide.destroy();
    },
  };
}

function publishForm(topicArn: string, messages: readonly OutgoingMessage[]): string {
  const form = new QueryForm('PublishBatch', API_VERSION);
  form.add('TopicArn', topicArn);
  messages.forEach((message, position) => {
    const entry = `PublishBatchRequestEntries.member.${position + 1}`;
    form.add(`${entry}.Id`, entryId(position));
    form.add(`${entry}.Message`, message.body);
    Object.entries(message.attributes).forEach(([name, attribute], index) =>
      addAttribute(form, `${entry}.MessageAttributes.entry.${index + 1}`, name, attribute),
    );
    if (message.group !== undefined) form.add(`${entry}.MessageGroupId`, message.group);
    if (message.deduplicationId !== undefined)
      form.add(`${entry}.MessageDeduplicationId`, message.deduplicationId);
  });
  return form.toString();
}

function addAttribute(form: QueryForm, entry: string, name: string, attribute: WireAttribute): void {
  form.add(`${entry}.Name`, name);
  form.add(`${entry}.Value.DataType`, attribute.type);
  if ('bytes' in attribute) form.add(`${entry}.Value.BinaryValue`, BASE64.write(attribute.bytes));
  else form.add(`${entry}.Value.StringValue`, attribute.text);
}

function readAnswer(result: XmlElement): BatchAnswer<PublishedShape> {
  const membersOf = (list: string): readonly XmlElement[] => childOf(result, list)?.children ?? [];
  return {
    Successful: membersOf('Successful').map((entry) => ({
      Id: textOf(entry, 'Id'),
      MessageId: textOf(entry, 'MessageId'),
      SequenceNumber: textOf(entry, 'SequenceNumber'),
    })),
    Failed: membersOf('Failed').map((entry) => ({
      Id: textOf(entry, 'Id'),
      Code: textOf(entry, 'Code'),
      SenderFault: textOf(entry, 'SenderFault') === 'true',
    })),
  };
}

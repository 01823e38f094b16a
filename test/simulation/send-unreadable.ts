import { encodeEnvelope } from '../../lib/contract/envelope.js';
import type { MessagePlan } from './scenario.js';
import type { Site } from './site.js';
import type { Json } from './wire-call.js';

/** The envelope our publishers send along, as somebody else might fake it. */
const attributesOf = (type: string, id: string): Json =>
  Object.fromEntries(
    Object.entries(encodeEnvelope({ type, id, schemaVersion: 1, publishedAt: 0 })).map(([name, text]) => [
      name,
      { DataType: 'String', StringValue: text as string },
    ]),
  );

/** Sends what no worker can read: from a foreign producer, straight into the queue. */
export async function sendUnreadable(
  { account, ledger, history, scenario }: Site,
  plan: MessagePlan,
): Promise<void> {
  const { id, group, form } = plan;
  const fifo = scenario.queue === 'fifo';
  const { status, output } = await account.ask('SendMessage', {
    QueueUrl: account.binding.url,
    MessageBody: form === 'wrong-schema' ? JSON.stringify({ nothing: id }) : `{ broken ${id}`,
    ...(fifo && { MessageGroupId: group, MessageDeduplicationId: id }),
    ...(form !== 'no-envelope' && {
      MessageAttributes: attributesOf(form === 'unknown-type' ? 'never-heard-of' : 'job', id),
    }),
  });
  const fact = ledger.facts.get(id);
  if (status !== 200 || fact === undefined) return;
  history.note('foreigner', 'sends', `${id} (${form})`);
  ledger.copyOf({
    messageId: String(output['MessageId']),
    fact,
    group: fifo ? group : undefined,
    sequence: output['SequenceNumber'] as string | undefined,
  });
}

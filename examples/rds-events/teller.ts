import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { rdsEvent } from './messages.js';

/** The part of SNS's event that is read. */
export interface NotificationEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[];
}

/** Storage gone or nearly, an instance that failed or failed over: what somebody should get up for. */
const URGENT: readonly string[] = ['RDS-EVENT-0007', 'RDS-EVENT-0031', 'RDS-EVENT-0049', 'RDS-EVENT-0089'];

const sns = new SNSClient();

/** Tells people. They read mails, not JSON: so this publishes plain text with a subject, and the attribute they filter on. */
export async function handler({ Records }: NotificationEvent): Promise<void> {
  for (const { Sns } of Records) {
    const event = rdsEvent.parse(JSON.parse(Sns.Message)); // what throws is tried again, then kept in the dead-letter queue
    const id = event['Event ID'].split('#').at(-1) ?? '';
    const urgency = URGENT.includes(id) ? 'urgent' : 'fyi';
    await sns.send(
      new PublishCommand({
        TopicArn: process.env.PEOPLE_TOPIC,
        Subject: `${event['Source ID']}: ${event['Event Message']}`.replaceAll(/[^ -~]/g, ' ').slice(0, 99),
        Message: `${event['Event Message']}\n\n${event['Event Source']} ${event['Source ID']}, ${event['Event Time']}\n${event['Event ID']}`,
        MessageAttributes: { urgency: { DataType: 'String', StringValue: urgency } },
      }),
    );
  }
}

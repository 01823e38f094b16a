import { createPublisher } from 'millrace/runtime';
import { PaymentEvent, paymentEvent } from './messages.js';
import { isSigned } from './signature.js';
import { readSecret } from './secret.js';

/** The part of a function URL's event that is read. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

const payments = createPublisher({ queue: 'Payments', messages: [PaymentEvent] });

/** Answers the provider: after the queue has the event, and before anybody works on it. */
export async function handler(request: WebhookRequest): Promise<{ readonly statusCode: number }> {
  const body = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (!isSigned(body, request.headers['x-signature'], await readSecret())) return { statusCode: 401 };
  const event = paymentEvent.safeParse(jsonOf(body));
  if (!event.success) return { statusCode: 400 };
  await payments.publish(PaymentEvent, event.data); // rejects when SQS did not take it: a 500, and the provider tries again
  return { statusCode: 202 };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

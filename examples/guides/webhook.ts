import { createServer, type Server } from 'node:http';
import { createWebhookReceiver, on, type WebhookReceiver } from 'millrace/runtime';
import { createLocalAws } from 'millrace/testing';
import { PushReceived } from '../quickstart/messages.js';

/** Programs of docs/webhook.md; test/examples/guides.test.ts runs them. */
type Push = { readonly delivery: string; readonly ref: string };

export function createReceiver(topicArn: string, build: (push: Push) => Promise<void>): WebhookReceiver {
  // #region receiver
  const receiver = createWebhookReceiver({
    topicArns: [topicArn],
    handlers: [on(PushReceived, async (push) => build(push))],
  });
  // #endregion receiver
  return receiver;
}

export function serve(receiver: WebhookReceiver, port: number): Server {
  // #region serve
  const server = createServer(receiver.nodeListener()); // or: const response = await receiver.handle(request)
  server.listen(port);
  // #endregion serve
  return server;
}

export async function createTestReceiver(topicArn: string, build: (push: Push) => Promise<void>) {
  // #region test
  const aws = await createLocalAws({ signedNotifications: true, dynamodb: false });
  const receiver = createWebhookReceiver({
    topicArns: [topicArn],
    handlers: [on(PushReceived, async (push) => build(push))],
    insecureTrustForTests: { certificateOrigins: [aws.endpoint] },
    endpoint: aws.endpoint,
  });
  // #endregion test
  return { aws, receiver };
}

// An HTTP endpoint behind a topic: TOPIC_ARN=<arn> PORT=8080 receiver.ts, then subscribe its public https URL to the topic.
// Against an embedded AWS: set AWS_ENDPOINT_URL and LOCAL_AWS to its endpoint.
import { createWebhookReceiver, on } from 'millrace/runtime';
import { createServer } from 'node:http';
import { PushReceived } from '../quickstart/messages.js';

const { TOPIC_ARN: topicArn = '', PORT = '8080', LOCAL_AWS } = process.env;

const receiver = createWebhookReceiver({
  topicArns: [topicArn],
  handlers: [
    on(PushReceived, (push, context) => {
      // At least once: whatever this starts should take context.id as its key.
      process.stdout.write(`build ${push.ref} for ${context.id}\n`);
    }),
  ],
  ...(LOCAL_AWS !== undefined && { insecureTrustForTests: { certificateOrigins: [LOCAL_AWS] } }),
  onEvent: (event) => process.stderr.write(`${JSON.stringify(event)}\n`),
});

const server = createServer(receiver.nodeListener());
server.listen(Number(PORT), () => {
  const address = server.address();
  process.stdout.write(`listening on ${typeof address === 'object' ? address?.port : address}\n`);
});

process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
  void receiver.stop(); // what is under way is answered, SNS sends the rest again
});

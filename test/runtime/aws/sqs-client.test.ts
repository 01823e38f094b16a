import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSqsApi } from '../../../lib/runtime/aws/sqs-client.js';
import { LazyAbort } from '../../../lib/runtime/system/lazy-abort.js';

const before = { ...process.env };
beforeAll(
  () => void Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }),
);
afterAll(() => void (process.env = before));

/** More polls than the SDK opens sockets for. */
const POLLS = 60;

describe('SQS over clients of its own', () => {
  it('deletes at once while more long polls are open than there are sockets', async () => {
    const server = createServer((request, response) => {
      if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') return; // a long poll
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end('{"Successful":[{"Id":"0"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sqs = await createSqsApi({ region: 'eu-west-1', endpoint });
    const over = Array.from({ length: POLLS }, () => new LazyAbort());
    const queueUrl = `${endpoint}/000000000000/Jobs`;
    const polls = over.map((cancellation) =>
      sqs.receive({ queueUrl, maxMessages: 1, waitSeconds: 20, visibilityTimeoutSeconds: 30 }, cancellation),
    );
    const ended = Promise.allSettled(polls);
    expect(await sqs.deleteBatch(queueUrl, ['h-1'])).toEqual([{ kind: 'done', value: undefined }]);
    for (const cancellation of over) cancellation.abort('over');
    await ended;
    sqs.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

import { createVerify, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  SetTopicAttributesCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { isMillraceError } from '../../lib/core/errors.js';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from '../../lib/testing/local-aws.js';

interface Bundle extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
}

async function setup(options: LocalAwsOptions = {}): Promise<Bundle> {
  const aws = await createLocalAws(options);
  const sqs = new SQSClient(aws.clientConfig);
  const sns = new SNSClient(aws.clientConfig);
  return {
    aws,
    sqs,
    sns,
    [Symbol.asyncDispose]: async () => {
      sqs.destroy();
      sns.destroy();
      await aws.close();
    },
  };
}

const createQueue = async (sqs: SQSClient, QueueName = 'builds'): Promise<string> => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  return QueueUrl ?? '';
};

/** An HTTP endpoint that confirms its subscription as SNS asks, and keeps what it is sent. */
async function setupEndpoint() {
  const bodies: Record<string, string>[] = [];
  let onNotification: (body: Record<string, string>) => void = () => undefined;
  const notified = new Promise<Record<string, string>>((resolve) => (onNotification = resolve));
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
      bodies.push(body);
      response.end();
      if (body['Type'] === 'Notification') onNotification(body);
      else void fetch(body['SubscribeURL'] ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/hook`, bodies, notified, [Symbol.asyncDispose]: close };
}

describe('createLocalAws', () => {
  it('starts in less than 300 ms', async () => {
    const starts: number[] = [];
    // The quickest of three: the machine may be busy with other tests, the emulator is not slower for it.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const before = performance.now();
      await using aws = await createLocalAws();
      starts.push(performance.now() - before);
      expect(aws.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }

    expect(Math.min(...starts)).toBeLessThan(300);
  });

  it('rejects options it does not know, all at once', async () => {
    const wrong = { prot: 1, region: '' } as unknown as LocalAwsOptions;

    const error: unknown = await createLocalAws(wrong).catch((reason: unknown) => reason);

    expect(isMillraceError(error, 'INVALID_OPTIONS')).toBe(true);
    expect(String(error)).toContain("did you mean 'port'?");
    expect(String(error)).toContain('region');
  });

  it('rejects a port that is taken', async () => {
    await using aws = await createLocalAws();

    const error: unknown = await createLocalAws({ port: Number(new URL(aws.endpoint).port) }).catch(
      (reason: unknown) => reason,
    );

    expect(isMillraceError(error, 'PORT_IN_USE')).toBe(true);
  });

  it('leaves DynamoDB out when told to', async () => {
    await using aws = await createLocalAws({ dynamodb: false });
    const dynamo = new DynamoDBClient(aws.clientConfig);

    await expect(dynamo.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    dynamo.destroy();
  });

  it('counts calls and tells each of them, faults by name', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const told: string[] = [];
    aws.calls.subscribe(({ service, operation, code }) =>
      told.push(`${service}.${operation} ${code ?? 'ok'}`),
    );
    await createQueue(sqs);

    await sqs
      .send(new SendMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/none`, MessageBody: 'x' }))
      .catch(() => undefined);

    expect(told).toEqual(['sqs.CreateQueue ok', 'sqs.SendMessage QueueDoesNotExist']);
    expect(aws.calls.count('sqs')).toBe(2);
    expect(aws.calls.count('sqs', 'CreateQueue')).toBe(1);
  });

  it('serves every service to clients of this machine only', async () => {
    await using bundle = await setup();
    const dynamo = new DynamoDBClient(bundle.aws.clientConfig);

    await dynamo.send(
      new CreateTableCommand({
        TableName: 'jobs',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );

    expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual(['jobs']);
    dynamo.destroy();
  });
});

describe('SQS through the SDK', () => {
  it('names queues by a URL that clients can post to', async () => {
    await using bundle = await setup();

    const url = await createQueue(bundle.sqs);

    expect(url).toBe(`${bundle.aws.endpoint}/000000000000/builds`);
  });

  it('is reached by clients that know it from the environment only', async () => {
    await using bundle = await setup();
    process.env['AWS_ENDPOINT_URL'] = bundle.aws.endpoint;
    const { credentials, region } = bundle.aws.clientConfig;
    const sqs = new SQSClient({ credentials, region });

    const QueueUrl = await createQueue(sqs);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    delete process.env['AWS_ENDPOINT_URL'];
    sqs.destroy();

    expect(bundle.aws.calls.count('sqs', 'SendMessage')).toBe(1);
  });

  it('hands out what was sent, with the sums the client checks', async () => {
    await using bundle = await setup();
    const { sqs } = bundle;
    const QueueUrl = await createQueue(sqs);
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'grüß 🚀',
        MessageAttributes: {
          type: { DataType: 'String', StringValue: 'push' },
          blob: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
        },
      }),
    );

    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 }),
    );

    expect(Messages?.[0]?.Body).toBe('grüß 🚀');
    expect(Buffer.from(Messages?.[0]?.MessageAttributes?.['blob']?.BinaryValue ?? [])).toEqual(
      Buffer.from([0, 255]),
    );
  });

  it('wakes a long poll as soon as a message comes', async () => {
    await using bundle = await setup();
    const { sqs } = bundle;
    const QueueUrl = await createQueue(sqs);
    const before = performance.now();
    const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));

    expect((await polled).Messages?.[0]?.Body).toBe('now');
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('never gives a message to a poller that went away', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const QueueUrl = await createQueue(sqs);
    const abort = new AbortController();
    const gone = sqs
      .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: abort.signal })
      .catch(() => 'gone');
    // A second poller proves by its answer that the first one's poll has begun: calls come in order on one port.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    abort.abort();
    await gone;
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(Messages?.[0]?.Body).toBe('kept');
    expect(aws.calls.count('sqs', 'ReceiveMessage')).toBe(2);
  });

  it('names refusals as the SDK knows them', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const QueueUrl = `${aws.endpoint}/000000000000/none`;

    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});

describe('SNS through the SDK', () => {
  async function setupTopic(bundle: Bundle) {
    const { sns, sqs } = bundle;
    const { TopicArn = '' } = await sns.send(
      new CreateTopicCommand({
        Name: 'events',
        Attributes: { DisplayName: 'Events <&> "more"' },
        Tags: [{ Key: 'team', Value: 'core' }],
      }),
    );
    const QueueUrl = await createQueue(sqs);
    const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:builds';
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: {
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'sns.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: QueueArn,
              },
            ],
          }),
        },
      }),
    );
    return { TopicArn, QueueUrl, QueueArn };
  }

  it('reads and writes attributes, tags and lists in the query protocol', async () => {
    await using bundle = await setup();
    const { sns } = bundle;
    const { TopicArn, QueueArn } = await setupTopic(bundle);

    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: QueueArn,
        ReturnSubscriptionArn: true,
        Attributes: { RawMessageDelivery: 'true', FilterPolicy: '{"type":["push"]}' },
      }),
    );
    await sns.send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'a & b' }),
    );

    const attributes = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const tags = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(attributes.Attributes?.['DisplayName']).toBe('a & b');
    expect(tags.Tags).toEqual([{ Key: 'team', Value: 'core' }]);
    expect(Subscriptions).toEqual([
      expect.objectContaining({ SubscriptionArn, Protocol: 'sqs', Endpoint: QueueArn, TopicArn }),
    ]);
  });

  it('fans a publish out to the queues whose filter it passes', async () => {
    await using bundle = await setup();
    const { sns, sqs } = bundle;
    const { TopicArn, QueueArn, QueueUrl } = await setupTopic(bundle);
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: QueueArn,
        Attributes: { RawMessageDelivery: 'true', FilterPolicy: '{"type":["push"]}' },
      }),
    );
    const type = (value: string) => ({ type: { DataType: 'String', StringValue: value } });

    const published = await sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'one', Message: 'wanted', MessageAttributes: type('push') },
          { Id: 'two', Message: 'not wanted', MessageAttributes: type('issue') },
        ],
      }),
    );
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );

    expect(published.Successful?.map(({ Id }) => Id)).toEqual(['one', 'two']);
    expect(Messages?.map(({ Body }) => Body)).toEqual(['wanted']);
  });

  it('wakes a long poll on a queue that the topic delivers to', async () => {
    await using bundle = await setup();
    const { sns, sqs } = bundle;
    const { TopicArn, QueueArn, QueueUrl } = await setupTopic(bundle);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QueueArn }));
    const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));

    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));

    const { Messages } = await polled;
    expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({ Message: 'hello', TopicArn });
  });

  it('confirms an HTTP endpoint and delivers to it', async () => {
    await using bundle = await setup();
    await using endpoint = await setupEndpoint();
    const { sns } = bundle;
    const { TopicArn } = await setupTopic(bundle);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: endpoint.url }));
    await untilConfirmed(sns, TopicArn);

    await sns.send(new PublishCommand({ TopicArn, Message: 'by http' }));

    expect((await endpoint.notified)['Message']).toBe('by http');
    expect(endpoint.bodies.map((body) => body['Type'])).toEqual(['SubscriptionConfirmation', 'Notification']);
  });

  it.each([
    ['1', 'sha1'],
    ['2', 'sha256'],
  ])(
    'signs notifications in version %s so that the certificate they name verifies them',
    async (version, digest) => {
      await using bundle = await setup({ signedNotifications: true });
      const { sns, sqs } = bundle;
      const { TopicArn, QueueArn, QueueUrl } = await setupTopic(bundle);
      await sns.send(
        new SetTopicAttributesCommand({
          TopicArn,
          AttributeName: 'SignatureVersion',
          AttributeValue: version,
        }),
      );
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QueueArn }));

      await sns.send(new PublishCommand({ TopicArn, Message: 'signed', Subject: 'sub' }));
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      const body = JSON.parse(Messages?.[0]?.Body ?? '{}') as Record<string, string>;
      const certificate = new X509Certificate(await (await fetch(body['SigningCertURL'] ?? '')).text());
      const text = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        .map((name) => `${name}\n${body[name] ?? ''}\n`)
        .join('');

      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(
        createVerify(digest)
          .update(text)
          .verify(certificate.publicKey, body['Signature'] ?? '', 'base64'),
      ).toBe(true);
    },
  );

  it('invokes functions that are subscribed', async () => {
    let onEvent: (event: string) => void = () => undefined;
    const invoked = new Promise<string>((resolve) => (onEvent = resolve));
    await using bundle = await setup({
      invokeFunction: (_, event) => {
        onEvent(event);
        return Promise.resolve();
      },
    });
    const { sns } = bundle;
    const { TopicArn } = await setupTopic(bundle);
    const Endpoint = 'arn:aws:lambda:us-east-1:000000000000:function:on-push';
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint }));

    await sns.send(new PublishCommand({ TopicArn, Message: 'to a function' }));

    expect(JSON.parse(await invoked)).toMatchObject({
      Records: [{ EventSource: 'aws:sns', Sns: { Message: 'to a function' } }],
    });
  });

  it('gives up a delivery to a function that is not here, and says so', async () => {
    await using bundle = await setup();
    const { aws, sns } = bundle;
    const { TopicArn } = await setupTopic(bundle);
    const Endpoint = 'arn:aws:lambda:us-east-1:000000000000:function:nowhere';
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint }));

    await sns.send(new PublishCommand({ TopicArn, Message: 'lost' }));
    await sns.send(new GetTopicAttributesCommand({ TopicArn }));

    expect(aws.lostDeliveries()).toEqual([
      expect.objectContaining({ reason: expect.stringContaining('function') as string }),
    ]);
  });

  it('names refusals as the SDK knows them', async () => {
    await using bundle = await setup();
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:none';

    await expect(bundle.sns.send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it('keeps a batch that a queue takes only in part apart by id', async () => {
    await using bundle = await setup();
    const QueueUrl = await createQueue(bundle.sqs);

    const sent = await bundle.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'x' },
          { Id: 'bad', MessageBody: 'x', DelaySeconds: 9_999 },
        ],
      }),
    );

    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(sent.Failed?.map(({ Id }) => Id)).toEqual(['bad']);
  });

  it('lets a received message be deleted for good', async () => {
    await using bundle = await setup();
    const { sqs } = bundle;
    const QueueUrl = await createQueue(sqs);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));

    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));

    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? []).toEqual([]);
  });
});

async function untilConfirmed(sns: SNSClient, TopicArn: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    if (Subscriptions?.[0]?.SubscriptionArn?.startsWith('arn:') === true) return;
  }
  throw new Error('the subscription was not confirmed');
}

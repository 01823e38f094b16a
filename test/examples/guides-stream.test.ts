import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { FlightsStack } from '../../examples/flights/stack.js';
import { putFlight, readDelays } from '../../examples/guides/stream.js';
import { createLocalAws, deployAssembly, type LocalAws } from '../../lib/testing/index.js';
import { eventually } from '../runtime/support/local-queue.js';

const environment = { ...process.env };
let aws: LocalAws;
let outdir: string;
let dynamodb: DynamoDBClient;
beforeEach(async () => {
  aws = await createLocalAws();
  dynamodb = new DynamoDBClient(aws.clientConfig);
  outdir = mkdtempSync(join(tmpdir(), 'millrace-stream-guide-'));
  const app = new App({ outdir, analyticsReporting: false });
  new FlightsStack(app, 'flights');
  app.synth();
  const deployment = await deployAssembly({ assembly: outdir, aws: aws.clientConfig });
  Object.assign(process.env, deployment.environment);
});
afterEach(async () => {
  process.env = { ...environment };
  dynamodb.destroy();
  rmSync(outdir, { recursive: true });
  await aws.close();
});

describe('the guide to the stream reader and producer', () => {
  it('reads what it put, and keeps rows and position together', async () => {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'delays',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'flight', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'flight', KeyType: 'HASH' }],
      }),
    );
    const { shardId } = await putFlight({
      date: 0,
      delay: 12,
      distance: 100,
      origin: 'ORD',
      destination: 'JFK',
      leg: 1,
    });
    expect(shardId).toMatch(/^shardId-/);
    const rows = async () => (await dynamodb.send(new ScanCommand({ TableName: 'delays' }))).Items ?? [];
    let stopped: Promise<void> | undefined;
    await readDelays('delays', (reader) => {
      stopped = eventually('the flight is counted', () => reader.stats().records === 1).finally(() =>
        reader.stop(),
      );
    });
    await stopped;
    expect(await rows()).toEqual([{ flight: { S: 'ORD 1' }, delay: { N: '12' } }]);
  });
});

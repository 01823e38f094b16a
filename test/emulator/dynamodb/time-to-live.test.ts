import { openDynamoService } from '../../../lib/emulator/dynamodb/dynamo-service.js';

const START = Date.UTC(2026, 10, 22);

async function setup() {
  const dynamo = await openDynamoService({
    region: 'us-east-1',
    accountId: '000000000000',
    tableTransitionMs: 0,
    ttlLatenessMs: 60_000,
  });
  const call = (operation: string, request: object) =>
    dynamo.call(operation, JSON.stringify({ TableName: 'keys', ...request }), START);
  await call('CreateTable', {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
  await untilActive(() => call('DescribeTable', {}));
  await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
  const put = (id: string, expires: number) =>
    call('PutItem', { Item: { id: { S: id }, expires: { N: String(Math.floor(expires / 1_000)) } } });
  const count = async () => (JSON.parse((await call('Scan', {})).body) as { Count: number }).Count;
  return { dynamo, put, count };
}

async function untilActive(describe: () => Promise<{ readonly body: string }>): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1)
    if ((await describe()).body.includes('"TableStatus":"ACTIVE"')) return;
  throw new Error('the table did not become ACTIVE');
}

describe('TimeToLive', () => {
  it('keeps an expired item until it is late enough', async () => {
    const { dynamo, put, count } = await setup();
    await put('a', START);

    await dynamo.sweep(START + 59_000);

    expect(await count()).toBe(1);
  });

  it('deletes what expired long enough ago and nothing else', async () => {
    const { dynamo, put, count } = await setup();
    await put('a', START);
    await put('b', START + 3_600_000);

    const deleted = await dynamo.sweep(START + 62_000);

    expect(deleted).toBe(1);
    expect(await count()).toBe(1);
  });
});

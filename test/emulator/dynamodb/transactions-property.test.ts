import fc from 'fast-check';
import { openDynamoService } from '../../../lib/emulator/dynamodb/dynamo-service.js';

const ACCOUNTS = ['a', 'b', 'c'] as const;
const OPENING = 10;
const TableName = 'accounts';

interface Transfer {
  readonly from: (typeof ACCOUNTS)[number];
  readonly to: (typeof ACCOUNTS)[number];
  readonly amount: number;
}

const account = fc.constantFrom(...ACCOUNTS);
const transfers = fc.array(
  fc
    .record<Transfer>({ from: account, to: account, amount: fc.integer({ min: 1, max: 15 }) })
    .filter(({ from, to }) => from !== to),
  { minLength: 1, maxLength: 15 },
);

async function setup() {
  const dynamo = await openDynamoService({
    region: 'us-east-1',
    accountId: '000000000000',
    tableTransitionMs: 0,
  });
  const call = async (operation: string, input: Readonly<Record<string, unknown>>) => {
    const { status, body } = await dynamo.call(operation, JSON.stringify(input), 0);
    return { isDone: status === 200, output: JSON.parse(body) as Readonly<Record<string, unknown>> };
  };
  const created = await call('CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
  expect(created.isDone).toBe(true);
  for (let state: unknown; state !== 'ACTIVE';) {
    const { output } = await call('DescribeTable', { TableName });
    state = (output['Table'] as { readonly TableStatus?: string }).TableStatus;
  }
  return {
    open: async () => {
      for (const id of ACCOUNTS)
        await call('PutItem', { TableName, Item: { id: { S: id }, balance: { N: String(OPENING) } } });
    },
    /** Whether there was enough to transfer. */
    transfer: async ({ from, to, amount }: Transfer): Promise<boolean> => {
      const change = (id: string, by: number, ConditionExpression: string) => ({
        Update: {
          TableName,
          Key: { id: { S: id } },
          UpdateExpression: 'ADD balance :by',
          ConditionExpression,
          ExpressionAttributeValues: {
            ':by': { N: String(by) },
            ...(by < 0 && { ':least': { N: String(-by) } }),
          },
        },
      });
      const TransactItems = [
        change(to, amount, 'attribute_exists(id)'),
        change(from, -amount, 'balance >= :least'),
      ];
      return (await call('TransactWriteItems', { TransactItems })).isDone;
    },
    balances: async (): Promise<readonly number[]> => {
      const TransactItems = ACCOUNTS.map((id) => ({ Get: { TableName, Key: { id: { S: id } } } }));
      const { output } = await call('TransactGetItems', { TransactItems });
      return (
        output['Responses'] as readonly { readonly Item: { readonly balance: { readonly N: string } } }[]
      ).map(({ Item }) => Number(Item.balance.N));
    },
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

test('transactions beside each other make and lose nothing, and no read sees half of one', async () => {
  const bank = await setup();
  await fc.assert(
    fc.asyncProperty(transfers, async (all) => {
      await bank.open();
      const reads: Promise<readonly number[]>[] = [];
      const outcomes = await Promise.all(
        all.map((one) => {
          reads.push(bank.balances());
          return bank.transfer(one);
        }),
      );
      for (const seen of await Promise.all(reads)) {
        expect(sumOf(seen)).toBe(ACCOUNTS.length * OPENING);
        expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
      }
      const done = all.filter((_, at) => outcomes[at]);
      const expected = ACCOUNTS.map(
        (id) =>
          OPENING +
          sumOf(done.map(({ from, to, amount }) => (to === id ? amount : 0) - (from === id ? amount : 0))),
      );
      expect(await bank.balances()).toEqual(expected);
    }),
    { numRuns: 25 },
  );
}, 30_000);

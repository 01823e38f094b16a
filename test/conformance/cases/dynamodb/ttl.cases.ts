import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, present, refusal, same } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, putItem } from '../../fixtures/tables.js';

const setTtl = (context: CaseContext, TableName: string, Enabled: boolean): Promise<unknown> =>
  context.dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled },
    }),
  );

/** Items that end. */
export const ttlCases = caseGroup('dynamodb.ttl', {
  'TTL is disabled on a new table': {
    page: dynamoApi('DescribeTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      const { TimeToLiveDescription } = await context.dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      same(TimeToLiveDescription?.TimeToLiveStatus, 'DISABLED', 'TimeToLiveStatus');
    },
  },
  'TTL is enabled on an attribute': {
    page: dynamoApi('UpdateTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      await setTtl(context, TableName, true);
      const { TimeToLiveDescription } = await context.dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      const description = present(TimeToLiveDescription, 'TimeToLiveDescription');
      same(description.AttributeName, 'expires', 'AttributeName');
      check(['ENABLED', 'ENABLING'].includes(description.TimeToLiveStatus ?? ''), 'it is not enabled');
    },
  },
  'enabling TTL twice is refused': {
    page: dynamoApi('UpdateTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      await setTtl(context, TableName, true);
      await refusal(setTtl(context, TableName, true), 'ValidationException');
    },
  },
  'an expired item can still be read for a while': {
    page: dynamoGuide('TTL'),
    run: async (context) => {
      const table = await createTable(context);
      await setTtl(context, table, true);
      await putItem(context, table, {
        pk: { S: 'a' },
        expires: { N: `${Math.floor(Date.now() / 1_000) - 10}` },
      });
      same((await getItem(context, table, 'a'))?.pk?.S, 'a', 'pk');
    },
  },
  'an expired item is deleted within days': {
    page: dynamoGuide('TTL'),
    needs: ['clock'],
    run: async (context) => {
      const table = await createTable(context);
      await setTtl(context, table, true);
      const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;
      await putItem(context, table, { pk: { S: 'ends' }, expires: { N: `${inAnHour}` } });
      await putItem(context, table, { pk: { S: 'stays' }, expires: { S: `${inAnHour}` } });
      await context.advance(3 * 86_400_000);
      await eventually(async () => {
        await context.advance(3_600_000);
        same(await getItem(context, table, 'ends'), undefined, 'Item');
      });
      same((await getItem(context, table, 'stays'))?.pk?.S, 'stays', 'pk');
    },
  },
});

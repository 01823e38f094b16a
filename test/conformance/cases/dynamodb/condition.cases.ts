import { PutItemCommand } from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseDeclaration } from '../../conformance-case.js';
import { refusal } from '../../fixtures/expectations.js';
import { dynamoGuide } from '../../fixtures/pages.js';
import { createTable, putItem, type Item } from '../../fixtures/tables.js';

const OPERATORS = dynamoGuide('Expressions.OperatorsAndFunctions');
const FAILED = 'ConditionalCheckFailedException';

/** A condition that holds for the row's item, and one that does not. */
const conditionRows: Readonly<Record<string, readonly [holds: string, fails: string]>> = {
  equal: ['n = :five', 'n = :six'],
  'not equal': ['n <> :six', 'n <> :five'],
  less: ['n < :six', 'n < :five'],
  'at least': ['n >= :five', 'n >= :six'],
  BETWEEN: ['n BETWEEN :five AND :six', 'n BETWEEN :six AND :six'],
  IN: ['n IN (:five, :six)', 'n IN (:six)'],
  AND: ['n = :five AND attribute_exists(pk)', 'n = :five AND n = :six'],
  OR: ['n = :six OR n = :five', 'n = :six OR attribute_not_exists(pk)'],
  NOT: ['NOT n = :six', 'NOT n = :five'],
  attribute_exists: ['attribute_exists(m.k)', 'attribute_exists(m.absent)'],
  attribute_not_exists: ['attribute_not_exists(absent)', 'attribute_not_exists(n)'],
  attribute_type: ['attribute_type(n, :N)', 'attribute_type(t, :N)'],
  begins_with: ['begins_with(t, :mill)', 'begins_with(t, :race)'],
  contains: ['contains(t, :race)', 'contains(t, :N)'],
  size: ['size(t) > :five', 'size(t) > :hundred'],
  'a comparison of different types': ['t <> :five', 't = :five'],
};

/** Condition expressions, operator by operator. */
export const conditionCases = caseGroup(
  'dynamodb.condition',
  Object.fromEntries(
    Object.entries(conditionRows).map(([title, [holds, fails]]) => [
      title,
      {
        page: OPERATORS,
        run: async (context) => {
          const TableName = await createTable(context);
          const Item = { pk: { S: 'a' }, n: { N: '5' }, t: { S: 'millrace' }, m: { M: { k: { S: 'v' } } } };
          await putItem(context, TableName, Item);
          const values: Item = {
            ':five': { N: '5' },
            ':six': { N: '6' },
            ':hundred': { N: '100' },
            ':N': { S: 'N' },
            ':mill': { S: 'mill' },
            ':race': { S: 'race' },
          };
          const put = (ConditionExpression: string): Promise<unknown> => {
            const used = Object.entries(values).filter(([name]) => ConditionExpression.includes(name));
            return context.dynamodb.send(
              new PutItemCommand({
                TableName,
                Item,
                ConditionExpression,
                ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }),
              }),
            );
          };
          await put(holds);
          await refusal(put(fails), FAILED);
        },
      } satisfies CaseDeclaration,
    ]),
  ),
);

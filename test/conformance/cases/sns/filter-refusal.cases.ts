import { caseGroup, type CaseDeclaration } from '../../conformance-case.js';
import { refusal } from '../../fixtures/expectations.js';
import { createQueue } from '../../fixtures/queues.js';
import { createTopic, subscribeQueue } from '../../fixtures/topics.js';
import { CONSTRAINTS } from '../../fixtures/filters.js';

const values = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `v${index}`);

const refusedPolicies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a policy that is not JSON': { FilterPolicy: 'not json' },
  'a value that is no list': { FilterPolicy: '{"a":"x"}' },
  'an unknown operator': { FilterPolicy: '{"a":[{"contains":"x"}]}' },
  'six keys': { FilterPolicy: JSON.stringify(Object.fromEntries(values(6).map((key) => [key, ['x']]))) },
  'more than 150 combinations': { FilterPolicy: JSON.stringify({ a: values(20), b: values(8) }) },
  'a nested policy in attribute scope': { FilterPolicy: '{"a":{"b":["x"]}}' },
  'a numeric condition on text': { FilterPolicy: '{"a":[{"numeric":["=","x"]}]}' },
  'a numeric condition with an unknown comparison': { FilterPolicy: '{"a":[{"numeric":["!=",1]}]}' },
  'exists with text': { FilterPolicy: '{"a":[{"exists":"yes"}]}' },
  'an unknown scope': { FilterPolicyScope: 'Headers', FilterPolicy: '{"a":["x"]}' },
};

/** Filter policies that a subscription cannot have. */
export const filterRefusalCases = caseGroup(
  'sns.filter-refusal',
  Object.fromEntries(
    Object.entries(refusedPolicies).map(([title, attributes]) => [
      `${title}: InvalidParameter`,
      {
        page: CONSTRAINTS,
        run: async (context) => {
          const topicArn = await createTopic(context);
          const queue = await createQueue(context);
          await refusal(subscribeQueue(context, topicArn, [queue, attributes]), 'InvalidParameter');
        },
      } satisfies CaseDeclaration,
    ]),
  ),
);

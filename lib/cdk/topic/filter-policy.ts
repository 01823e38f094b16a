import type { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { aws_sns as sns } from 'aws-cdk-lib';
import { TYPE_ATTRIBUTE } from '../../contract/envelope.js';
import type { AttributesOf, MessageDefinition } from '../../contract/message.js';
import { ATTRIBUTE_NAME } from '../../contract/names.js';
import { show } from '../bounds.js';
import { sizeViolations, type FilterPolicy } from './filter-size.js';

/** Values an attribute may have, or any condition that aws-cdk-lib's `SubscriptionFilter` can say. */
export type AttributeCondition<Value> =
  (Value extends number ? readonly number[] : readonly string[]) | SubscriptionFilter;

/**
 * Conditions on the attributes that *every* one of the chosen messages declares: SNS drops a message that lacks an
 * attribute of the filter, so a condition on one message's attribute would silence the others.
 */
export type AttributeConditions<M extends MessageDefinition> = {
  readonly [Name in keyof AttributesOf<M>]?: AttributeCondition<AttributesOf<M>[Name]>;
};

/** Conditions whose names the type system no longer knows. */
export type AnyConditions = Readonly<
  Record<string, readonly (string | number)[] | SubscriptionFilter | undefined>
>;

/**
 * The filter policy of a subscription: the message names on the type attribute, and the conditions beside it. Undefined
 * when all messages of the topic are wanted: a policy less is one less of the 200 a topic may have.
 */
export function filterPolicyOf(
  messages: readonly MessageDefinition[] | undefined,
  where: AnyConditions,
): FilterPolicy | undefined {
  const policy: Record<string, SubscriptionFilter> = {};
  if (messages !== undefined) policy[TYPE_ATTRIBUTE] = typeFilter(messages);
  for (const [name, condition] of Object.entries(where)) {
    if (condition !== undefined) policy[name] = new sns.SubscriptionFilter([...conditionsOf(condition)]);
  }
  return Object.keys(policy).length === 0 ? undefined : policy;
}

/** What SNS would refuse of a filter, and what could never match. */
export function filterViolations(
  messages: readonly MessageDefinition[] | undefined,
  where: AnyConditions,
): string[] {
  const wrong = Object.entries(where).flatMap(([name, condition]) => conditionViolations(name, condition));
  return wrong.length > 0 ? wrong : sizeViolations(filterPolicyOf(messages, where));
}

const typeFilter = (messages: readonly MessageDefinition[]): SubscriptionFilter =>
  sns.SubscriptionFilter.stringFilter({ allowlist: messages.map(({ name }) => name) });

function conditionsOf(condition: readonly (string | number)[] | SubscriptionFilter): readonly unknown[] {
  return 'conditions' in condition ? (condition.conditions as readonly unknown[]) : condition;
}

function conditionViolations(name: string, condition: AnyConditions[string]): string[] {
  if (condition === undefined) return [];
  const wrongName =
    !ATTRIBUTE_NAME.test(name) || name.toLowerCase().startsWith('millrace-')
      ? [`where names '${name}', which is no attribute a message can declare`]
      : [];
  return [...wrongName, ...valueViolations(name, condition)];
}

function valueViolations(name: string, condition: unknown): string[] {
  if (isFilter(condition)) {
    return condition.conditions.length === 0
      ? [`where.${name} has no conditions: leave it out to match all`]
      : [];
  }
  if (!Array.isArray(condition)) {
    return [`where.${name} must be a list of values or a SubscriptionFilter, got ${show(condition)}`];
  }
  if (condition.length === 0)
    return [`where.${name} is an empty list and would match nothing: leave it out to match all`];
  const limit = 1_000_000_000; // SNS compares numbers from -10^9 to 10^9
  return condition
    .filter(
      (value: unknown) =>
        typeof value !== 'string' && !(typeof value === 'number' && Math.abs(value) <= limit),
    )
    .map(
      (value: unknown) => `where.${name} must hold texts or numbers from -10^9 to 10^9, got ${show(value)}`,
    );
}

const isFilter = (value: unknown): value is { readonly conditions: unknown[] } =>
  typeof value === 'object' && value !== null && 'conditions' in value && Array.isArray(value.conditions);

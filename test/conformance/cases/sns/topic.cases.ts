import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
  type SubscribeCommandInput,
} from '@aws-sdk/client-sns';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, present, refusal, same } from '../../fixtures/expectations.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { bodies, createFifoQueue, createQueue, receive } from '../../fixtures/queues.js';
import {
  createFifoTopic,
  createSubscribedQueue,
  createTopic,
  publish,
  subscribeQueue,
} from '../../fixtures/topics.js';

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const topicAttributes = async (context: CaseContext, TopicArn: string): Promise<Record<string, string>> =>
  (await context.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};

const subscriptionAttributes = async (
  context: CaseContext,
  SubscriptionArn: string,
): Promise<Record<string, string>> =>
  (await context.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes ?? {};

const createNamed = (
  context: CaseContext,
  Name: string,
  Attributes: Record<string, string> = {},
): Promise<unknown> => context.sns.send(new CreateTopicCommand({ Name, Attributes }));

/** Topics: made, described, tagged and taken away. */
export const topicCases = caseGroup('sns.topic', {
  'CreateTopic with the same name answers the same ARN': {
    page: snsApi('CreateTopic'),
    run: async (context) => {
      const arn = await createTopic(context);
      const { TopicArn } = await context.sns.send(new CreateTopicCommand({ Name: nameOf(arn) }));
      same(TopicArn, arn, 'TopicArn');
    },
  },
  'CreateTopic with the same name and another attribute is refused': {
    page: snsApi('CreateTopic'),
    run: async (context) => {
      const arn = await createTopic(context, { DisplayName: 'one' });
      await refusal(createNamed(context, nameOf(arn), { DisplayName: 'two' }), 'InvalidParameter');
    },
  },
  'CreateTopic with the same name and other tags is refused': {
    page: snsApi('CreateTopic'),
    run: async (context) => {
      const Name = nameOf(await createTopic(context));
      const again = new CreateTopicCommand({ Name, Tags: [{ Key: 'team', Value: 'wheel' }] });
      await refusal(context.sns.send(again), 'InvalidParameter');
    },
  },
  'a topic name with a space is refused': {
    page: snsApi('CreateTopic'),
    run: async (context) => await refusal(createNamed(context, 'mill race'), 'InvalidParameter'),
  },
  'a topic name of 257 characters is refused': {
    page: snsApi('CreateTopic'),
    run: async (context) => await refusal(createNamed(context, 't'.repeat(257)), 'InvalidParameter'),
  },
  'a FIFO topic name must end with .fifo': {
    page: snsApi('CreateTopic'),
    run: async (context) => {
      const create = createNamed(context, context.unique('topic'), { FifoTopic: 'true' });
      await refusal(create, 'InvalidParameter');
    },
  },
  'a new topic says what it is': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => {
      const arn = await createTopic(context, { DisplayName: 'Wheel' });
      const found = await topicAttributes(context, arn);
      same([found.TopicArn, found.DisplayName], [arn, 'Wheel'], 'attributes');
      same(found.Owner, arn.split(':')[4], 'Owner');
      same([found.SubscriptionsConfirmed, found.SubscriptionsPending], ['0', '0'], 'subscriptions');
      check(found.Policy !== undefined, 'Policy is missing');
    },
  },
  'a FIFO topic says so': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => {
      const found = await topicAttributes(context, await createFifoTopic(context));
      same([found.FifoTopic, found.ContentBasedDeduplication], ['true', 'true'], 'attributes');
    },
  },
  'confirmed subscriptions are counted': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => {
      const { topicArn } = await createSubscribedQueue(context);
      await eventually(async () =>
        same(
          (await topicAttributes(context, topicArn)).SubscriptionsConfirmed,
          '1',
          'SubscriptionsConfirmed',
        ),
      );
    },
  },
  'SetTopicAttributes changes the display name': {
    page: snsApi('SetTopicAttributes'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const change = { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'Race' };
      await context.sns.send(new SetTopicAttributesCommand(change));
      same((await topicAttributes(context, TopicArn)).DisplayName, 'Race', 'DisplayName');
    },
  },
  'SetTopicAttributes with an unknown name is refused': {
    page: snsApi('SetTopicAttributes'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const change = { TopicArn, AttributeName: 'Wheel', AttributeValue: 'x' };
      await refusal(context.sns.send(new SetTopicAttributesCommand(change)), 'InvalidParameter');
    },
  },
  'FifoTopic cannot be set later': {
    page: snsApi('SetTopicAttributes'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const change = { TopicArn, AttributeName: 'FifoTopic', AttributeValue: 'true' };
      await refusal(context.sns.send(new SetTopicAttributesCommand(change)), 'InvalidParameter');
    },
  },
  'attributes of an unknown topic are not found': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => {
      const arn = await createTopic(context);
      await refusal(topicAttributes(context, `${arn}-absent`), 'NotFound');
    },
  },
  'attributes of something that is no ARN are refused': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => await refusal(topicAttributes(context, 'wheel'), 'InvalidParameter'),
  },
  'DeleteTopic can be repeated': {
    page: snsApi('DeleteTopic'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      await context.sns.send(new DeleteTopicCommand({ TopicArn }));
      await context.sns.send(new DeleteTopicCommand({ TopicArn }));
    },
  },
  'publishing to a deleted topic is refused': {
    page: snsApi('Publish'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      await context.sns.send(new DeleteTopicCommand({ TopicArn }));
      await eventually(() => refusal(publish(context, TopicArn, { Message: 'm' }), 'NotFound'));
    },
  },
  'TagResource adds and overwrites, UntagResource takes away': {
    page: snsApi('TagResource'),
    run: async (context) => {
      const ResourceArn = await createTopic(context);
      const tag = (Key: string, Value: string): Promise<unknown> =>
        context.sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key, Value }] }));
      await tag('a', '1');
      await tag('b', '2');
      await tag('b', '3');
      await context.sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
      const { Tags } = await context.sns.send(new ListTagsForResourceCommand({ ResourceArn }));
      same(Tags, [{ Key: 'b', Value: '3' }], 'Tags');
    },
  },
  'tags of an unknown topic are not found': {
    page: snsApi('ListTagsForResource'),
    run: async (context) => {
      const ResourceArn = `${await createTopic(context)}-absent`;
      const list = context.sns.send(new ListTagsForResourceCommand({ ResourceArn }));
      await refusal(list, 'ResourceNotFound');
    },
  },
});

const subscribe = (
  context: CaseContext,
  input: Omit<SubscribeCommandInput, 'ReturnSubscriptionArn'>,
): Promise<unknown> => context.sns.send(new SubscribeCommand({ ...input, ReturnSubscriptionArn: true }));

/** Subscriptions: made, described, changed and taken away. */
export const subscriptionCases = caseGroup('sns.subscription', {
  'Subscribe twice answers the same ARN': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const { topicArn, queue, subscriptionArn } = await createSubscribedQueue(context);
      same(await subscribeQueue(context, topicArn, [queue]), subscriptionArn, 'SubscriptionArn');
    },
  },
  'Subscribe twice with other attributes is refused': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const again = subscribeQueue(context, topicArn, [queue, { RawMessageDelivery: 'false' }]);
      await refusal(again, 'InvalidParameter');
    },
  },
  'subscription ARNs start with the topic ARN': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const { topicArn, subscriptionArn } = await createSubscribedQueue(context);
      check(subscriptionArn.startsWith(`${topicArn}:`), `ARN is ${subscriptionArn}`);
    },
  },
  'a queue subscription is confirmed at once': {
    page: snsApi('GetSubscriptionAttributes'),
    run: async (context) => {
      const { topicArn, queue, subscriptionArn } = await createSubscribedQueue(context);
      const found = await subscriptionAttributes(context, subscriptionArn);
      same([found.Protocol, found.Endpoint, found.TopicArn], ['sqs', queue.arn, topicArn], 'attributes');
      same([found.PendingConfirmation, found.RawMessageDelivery], ['false', 'true'], 'attributes');
    },
  },
  'the scope of a filter policy is MessageAttributes by default': {
    page: snsGuide('sns-message-filtering-scope'),
    run: async (context) => {
      const FilterPolicy = '{"a":["x"]}';
      const { subscriptionArn } = await createSubscribedQueue(context, { FilterPolicy });
      const found = await subscriptionAttributes(context, subscriptionArn);
      same(JSON.parse(found.FilterPolicy ?? 'null'), { a: ['x'] }, 'FilterPolicy');
      same(found.FilterPolicyScope, 'MessageAttributes', 'FilterPolicyScope');
    },
  },
  'SetSubscriptionAttributes switches raw delivery': {
    page: snsApi('SetSubscriptionAttributes'),
    run: async (context) => {
      const { topicArn, queue, subscriptionArn: SubscriptionArn } = await createSubscribedQueue(context);
      const change = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'false' };
      await context.sns.send(new SetSubscriptionAttributesCommand(change));
      await publish(context, topicArn, { Message: 'm' });
      const [body] = bodies(await receive(context, queue));
      same((JSON.parse(present(body, 'the message')) as { Type?: string }).Type, 'Notification', 'Type');
    },
  },
  'SetSubscriptionAttributes with an unknown name is refused': {
    page: snsApi('SetSubscriptionAttributes'),
    run: async (context) => {
      const { subscriptionArn: SubscriptionArn } = await createSubscribedQueue(context);
      const change = { SubscriptionArn, AttributeName: 'Wheel', AttributeValue: 'x' };
      await refusal(context.sns.send(new SetSubscriptionAttributesCommand(change)), 'InvalidParameter');
    },
  },
  'a redrive policy without a queue ARN is refused': {
    page: snsGuide('sns-dead-letter-queues'),
    run: async (context) => {
      const { subscriptionArn: SubscriptionArn } = await createSubscribedQueue(context);
      const change = {
        SubscriptionArn,
        AttributeName: 'RedrivePolicy',
        AttributeValue: '{"deadLetterTargetArn":"x"}',
      };
      await refusal(context.sns.send(new SetSubscriptionAttributesCommand(change)), 'InvalidParameter');
    },
  },
  'Unsubscribe ends delivery': {
    page: snsApi('Unsubscribe'),
    run: async (context) => {
      const { topicArn, queue, subscriptionArn } = await createSubscribedQueue(context);
      await context.sns.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn }));
      await publish(context, topicArn, { Message: 'm' });
      same(bodies(await receive(context, queue)), [], 'messages');
    },
  },
  'ListSubscriptionsByTopic lists them': {
    page: snsApi('ListSubscriptionsByTopic'),
    run: async (context) => {
      const { topicArn, queue, subscriptionArn } = await createSubscribedQueue(context);
      const { Subscriptions } = await context.sns.send(
        new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
      );
      same(
        Subscriptions?.map((one) => [one.SubscriptionArn, one.Endpoint]),
        [[subscriptionArn, queue.arn]],
        'list',
      );
    },
  },
  'an unknown protocol is refused': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      await refusal(
        subscribe(context, { TopicArn, Protocol: 'pigeon', Endpoint: 'loft' }),
        'InvalidParameter',
      );
    },
  },
  'a queue endpoint that is no ARN is refused': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      await refusal(subscribe(context, { TopicArn, Protocol: 'sqs', Endpoint: 'queue' }), 'InvalidParameter');
    },
  },
  'an http endpoint with another scheme is refused': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const input = { TopicArn, Protocol: 'http', Endpoint: 'https://example.com/' };
      await refusal(subscribe(context, input), 'InvalidParameter');
    },
  },
  'subscribing to an unknown topic is refused': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const queue = await createQueue(context);
      const topicArn = `${await createTopic(context)}-absent`;
      await refusal(subscribeQueue(context, topicArn, [queue]), 'NotFound');
    },
  },
  'a FIFO queue cannot subscribe to a standard topic': {
    page: snsGuide('fifo-topic-message-ordering'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await refusal(subscribeQueue(context, await createTopic(context), [queue]), 'InvalidParameter');
    },
  },
  'a FIFO topic takes no email subscription': {
    page: snsGuide('fifo-message-delivery'),
    run: async (context) => {
      const TopicArn = await createFifoTopic(context);
      const input = { TopicArn, Protocol: 'email', Endpoint: 'wheel@example.com' };
      await refusal(subscribe(context, input), 'InvalidParameter');
    },
  },
  'an email subscription is pending': {
    page: snsApi('Subscribe'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const { SubscriptionArn } = await context.sns.send(
        new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'wheel@example.com' }),
      );
      same(SubscriptionArn?.toLowerCase(), 'pending confirmation', 'SubscriptionArn');
    },
  },
  'attributes of an unknown subscription are not found': {
    page: snsApi('GetSubscriptionAttributes'),
    run: async (context) => {
      const topicArn = await createTopic(context);
      const absent = `${topicArn}:00000000-0000-4000-8000-000000000000`;
      await refusal(subscriptionAttributes(context, absent), 'NotFound');
    },
  },
});

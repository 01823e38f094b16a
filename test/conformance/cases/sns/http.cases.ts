import { ConfirmSubscriptionCommand, SubscribeCommand } from '@aws-sdk/client-sns';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, pause, present, refusal, same } from '../../fixtures/expectations.js';
import { createHttpListener, type HttpListener } from '../../fixtures/http-listener.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { createTopic, publish } from '../../fixtures/topics.js';

type Posted = Readonly<Record<string, string>>;

const subscribeListener = async (
  context: CaseContext,
  attributes: Record<string, string> = {},
): Promise<{ readonly topicArn: string; readonly listener: HttpListener }> => {
  const topicArn = await createTopic(context);
  const listener = await createHttpListener(context);
  await context.sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'http',
      Endpoint: listener.url,
      Attributes: attributes,
    }),
  );
  return { topicArn, listener };
};

const confirm = async (context: CaseContext, topicArn: string, listener: HttpListener): Promise<void> => {
  const { Token } = JSON.parse((await listener.next('SubscriptionConfirmation')).body) as Posted;
  await context.sns.send(
    new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token: present(Token, 'Token') }),
  );
};

/** Webhooks. */
export const snsHttpCases = caseGroup('sns.http', {
  'Subscribe posts a confirmation with a token': {
    page: snsGuide('sns-message-and-json-formats'),
    needs: ['loopback'],
    run: async (context) => {
      const { topicArn, listener } = await subscribeListener(context);
      const got = JSON.parse((await listener.next('SubscriptionConfirmation')).body) as Posted;
      same([got.Type, got.TopicArn], ['SubscriptionConfirmation', topicArn], 'members');
      const missing = [
        'MessageId',
        'Token',
        'Message',
        'SubscribeURL',
        'Timestamp',
        'SignatureVersion',
        'Signature',
        'SigningCertURL',
      ].filter((name) => got[name] === undefined);
      same(missing, [], 'members that are missing');
    },
  },
  'nothing is posted before the confirmation': {
    page: snsGuide('SendMessageToHttp.prepare'),
    needs: ['loopback'],
    run: async (context) => {
      const { topicArn, listener } = await subscribeListener(context);
      await listener.next('SubscriptionConfirmation');
      await publish(context, topicArn, { Message: 'early' });
      await pause(400);
      const notifications = listener.posts.filter(({ body }) => body.includes('early'));
      same(notifications.length, 0, 'notifications');
    },
  },
  'a confirmed endpoint gets notifications': {
    page: snsGuide('sns-http-https-endpoint-as-subscriber'),
    needs: ['loopback'],
    run: async (context) => {
      const { topicArn, listener } = await subscribeListener(context);
      await confirm(context, topicArn, listener);
      const { MessageId } = await publish(context, topicArn, { Message: 'm' });
      const { headers, body } = await listener.next('Notification');
      const got = JSON.parse(body) as Posted;
      same([got.Message, got.MessageId], ['m', MessageId], 'members');
      same(headers['x-amz-sns-topic-arn'], topicArn, 'x-amz-sns-topic-arn');
      check(
        headers['content-type']?.startsWith('text/plain') === true,
        `content-type is ${headers['content-type'] ?? 'missing'}`,
      );
    },
  },
  'raw delivery posts the message alone and says so': {
    page: snsGuide('sns-large-payload-raw-message-delivery'),
    needs: ['loopback'],
    run: async (context) => {
      const { topicArn, listener } = await subscribeListener(context, { RawMessageDelivery: 'true' });
      await confirm(context, topicArn, listener);
      await publish(context, topicArn, { Message: 'plain' });
      const { headers, body } = await listener.next('Notification');
      same([body, headers['x-amz-sns-rawdelivery']], ['plain', 'true'], 'post');
    },
  },
  'a token that is none is refused': {
    page: snsApi('ConfirmSubscription'),
    run: async (context) => {
      const TopicArn = await createTopic(context);
      const call = new ConfirmSubscriptionCommand({ TopicArn, Token: 'bogus' });
      await refusal(context.sns.send(call), 'InvalidParameter', 'NotFound');
    },
  },
});

import { limitOf } from '../../contract/limits.js';
import type { ApiFault, ApiResult } from '../engine.js';
import type { SnsAccount } from './account.js';
import { confirmationForm } from './delivery-forms.js';
import { replayArchive } from './fan-out.js';
import { fault, output } from './answers.js';
import { readArn } from './arn.js';
import { pageOf } from './paging.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';
import { applySettings, readSettings, subscriptionAttributes } from './subscription-attributes.js';
import { allowsLarge } from './topic-operations.js';
import type { SnsProtocol } from './published-message.js';
import type { Subscription, Topic } from './topic.js';

const PAGE = 100;
/** Confirmation tokens are valid for two days. */
const TOKEN_MS = 2 * 86_400_000;
const MAX_FILTERS_PER_TOPIC = 200;

/** What an endpoint of each protocol looks like, and whether it must confirm. */
const PROTOCOLS: Readonly<Record<SnsProtocol, { readonly endpoint: RegExp; readonly confirms: boolean }>> = {
  sqs: { endpoint: /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$/, confirms: false },
  lambda: { endpoint: /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:.+$/, confirms: false },
  firehose: { endpoint: /^arn:aws[a-z-]*:firehose:[a-z0-9-]+:\d{12}:deliverystream\/.+$/, confirms: false },
  http: { endpoint: /^http:\/\/.+$/, confirms: true },
  https: { endpoint: /^https:\/\/.+$/, confirms: true },
  email: { endpoint: /^[^@\s]+@[^@\s]+$/, confirms: true },
  'email-json': { endpoint: /^[^@\s]+@[^@\s]+$/, confirms: true },
  sms: { endpoint: /^\+?[0-9][0-9 ()./-]{4,24}$/, confirms: false },
  application: { endpoint: /^arn:aws[a-z-]*:sns:.+:endpoint\/.+$/, confirms: false },
};

const isProtocol = (text: string): text is SnsProtocol => text in PROTOCOLS;

/**
 * `Subscribe`: HTTP(S) and e-mail endpoints have to confirm first; the same endpoint twice is one subscription.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
 */
export function subscribe({ account, input, now }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  const protocol = input.string('Protocol');
  const endpoint = input.optionalString('Endpoint') ?? '';
  const attributes = new Map(Object.entries(input.stringMap('Attributes')));
  const wantsArn = input.optionalBoolean('ReturnSubscriptionArn') ?? false;
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  if (!isProtocol(protocol))
    return fault(
      snsRefusals.invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`),
    );
  const refusal = refuseEndpoint(topic, protocol, endpoint);
  if (refusal !== undefined) return fault(refusal);
  const settings = readSettings(attributes, { topic, protocol });
  if (settings.kind === 'refused') return fault(settings.fault);
  const existing = findSame(topic, protocol, endpoint);
  if (existing !== undefined) return answerExisting(existing, attributes, wantsArn);
  const limit = refuseLimits(topic, { protocol, hasFilter: settings.filter !== undefined });
  if (limit !== undefined) return fault(limit);
  const subscription = newSubscription(account, topic, { protocol, endpoint, attributes, subscribedAt: now });
  applySettings(subscription, settings);
  account.addSubscription(subscription);
  replayArchive(account, subscription, now);
  if (subscription.state === 'pending') {
    const at = { messageId: account.options.randomId(), now };
    account.deliveries.askConfirmation(subscription, confirmationForm(subscription, at, account.options));
  }
  return output({ SubscriptionArn: shownArn(subscription, wantsArn) });
}

function refuseEndpoint(topic: Topic, protocol: SnsProtocol, endpoint: string): ApiFault | undefined {
  if (!PROTOCOLS[protocol].endpoint.test(endpoint))
    return protocol === 'sqs'
      ? snsRefusals.invalidParameter('SQS endpoint ARN')
      : snsRefusals.invalidMember('Endpoint', `not a valid endpoint for the protocol ${protocol}`);
  if (topic.isFifo && protocol !== 'sqs')
    return snsRefusals.invalidMember(
      'Invalid parameter: Endpoint',
      'Please use FIFO SQS queue or a standard one: FIFO topics deliver to SQS only',
    );
  if (!topic.isFifo && protocol === 'sqs' && endpoint.endsWith('.fifo'))
    return snsRefusals.invalidMember(
      'Invalid parameter: Endpoint',
      'FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  if (!allowsLarge(topic, protocol))
    return snsRefusals.invalidMember(
      'Protocol',
      'a topic with MaximumMessageSize above 262144 takes up to 100 sqs, lambda and firehose subscriptions',
    );
  return undefined;
}

function refuseLimits(
  topic: Topic,
  { protocol, hasFilter }: { readonly protocol: SnsProtocol; readonly hasFilter: boolean },
): ApiFault | undefined {
  const most = limitOf('sns.fifo.maxSubscriptions');
  if (topic.isFifo && topic.subscriptions.size >= most)
    return snsRefusals.subscriptionLimit(
      `a FIFO topic has at most ${most} subscriptions, ${protocol} would be one more`,
    );
  return hasFilter ? refuseOneMoreFilter(topic) : undefined;
}

function refuseOneMoreFilter(topic: Topic): ApiFault | undefined {
  const filters = [...topic.subscriptions.values()].filter(({ filter }) => filter !== undefined).length;
  return filters < MAX_FILTERS_PER_TOPIC
    ? undefined
    : snsRefusals.filterPolicyLimit(`a topic has at most ${MAX_FILTERS_PER_TOPIC} filter policies`);
}

const findSame = (topic: Topic, protocol: SnsProtocol, endpoint: string): Subscription | undefined =>
  [...topic.subscriptions.values()].find((one) => one.protocol === protocol && one.endpoint === endpoint);

function answerExisting(
  subscription: Subscription,
  attributes: ReadonlyMap<string, string>,
  wantsArn: boolean,
): ApiResult {
  const differs = [...attributes].some(([name, value]) => subscription.attributes.get(name) !== value);
  return differs
    ? fault(snsRefusals.invalidMember('Attributes', 'Subscription already exists with different attributes'))
    : output({ SubscriptionArn: shownArn(subscription, wantsArn) });
}

interface NewSubscription {
  readonly protocol: SnsProtocol;
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  readonly subscribedAt: number;
}

function newSubscription(account: SnsAccount, topic: Topic, given: NewSubscription): Subscription {
  const { confirms } = PROTOCOLS[given.protocol];
  const { randomId } = account.options;
  return {
    arn: `${topic.arn}:${randomId()}`,
    topic,
    ...given,
    state: confirms ? 'pending' : 'confirmed',
    token: confirms ? `${randomId()}${randomId()}`.replaceAll('-', '') : undefined,
    wasAuthenticated: !confirms,
    filter: undefined,
    isRaw: false,
    deadLetterArn: undefined,
    replay: undefined,
  };
}

const shownArn = ({ state, arn }: Subscription, wantsArn: boolean): string =>
  state === 'pending' && !wantsArn ? 'pending confirmation' : arn;

/** `ConfirmSubscription` with the token the endpoint got; a second time is fine. */
export function confirmSubscription({ account, input, now }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  const token = input.string('Token');
  const isAuthenticated = input.optionalBoolean('AuthenticateOnUnsubscribe') ?? false;
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  const subscription = [...topic.subscriptions.values()].find((one) => one.token === token);
  if (subscription === undefined || now >= subscription.subscribedAt + TOKEN_MS)
    return fault(snsRefusals.invalidParameter('Token'));
  subscription.state = 'confirmed';
  subscription.wasAuthenticated = isAuthenticated;
  return output({ SubscriptionArn: subscription.arn });
}

/** `Unsubscribe`: one that is not there is fine. */
export function unsubscribe({ account, input }: SnsCall): ApiResult {
  const arn = input.string('SubscriptionArn');
  if (input.fault !== undefined) return fault(input.fault);
  if (!isSubscriptionArn(arn)) return fault(snsRefusals.invalidParameter('SubscriptionArn'));
  const subscription = account.subscription(arn);
  if (subscription !== undefined) account.deleteSubscription(subscription);
  return output();
}

const isSubscriptionArn = (arn: string): boolean => /^arn:aws[a-z-]*:sns:[^:]*:\d{12}:[^:]+:[^:]+$/.test(arn);

/** `GetSubscriptionAttributes`. */
export function getSubscriptionAttributes({ account, input }: SnsCall): ApiResult {
  const subscription = account.subscription(readArn(input, 'SubscriptionArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (subscription === undefined) return fault(snsRefusals.notFound('Subscription'));
  return output({ Attributes: subscriptionAttributes(subscription, account.options.accountId) });
}

/** `SetSubscriptionAttributes`, one at a time; no value takes the attribute away. */
export function setSubscriptionAttributes({ account, input, now }: SnsCall): ApiResult {
  const subscription = account.subscription(readArn(input, 'SubscriptionArn'));
  const name = input.string('AttributeName');
  const value = input.optionalString('AttributeValue') ?? '';
  if (input.fault !== undefined) return fault(input.fault);
  if (subscription === undefined) return fault(snsRefusals.notFound('Subscription'));
  const attributes = new Map(subscription.attributes);
  if (value === '') attributes.delete(name);
  else attributes.set(name, value);
  const settings = readSettings(attributes, subscription);
  if (settings.kind === 'refused') return fault(settings.fault);
  const isNewFilter = settings.filter !== undefined && subscription.filter === undefined;
  const limit = isNewFilter ? refuseOneMoreFilter(subscription.topic) : undefined;
  if (limit !== undefined) return fault(limit);
  if (value === '') subscription.attributes.delete(name);
  else subscription.attributes.set(name, value);
  applySettings(subscription, settings);
  if (name === 'ReplayPolicy') replayArchive(account, subscription, now);
  return output();
}

/** `ListSubscriptions`, 100 a page. */
export function listSubscriptions({ account, input }: SnsCall): ApiResult {
  return listPage(account, input, account.subscriptions());
}

/** `ListSubscriptionsByTopic`, 100 a page. */
export function listSubscriptionsByTopic({ account, input }: SnsCall): ApiResult {
  const topic = account.topic(readArn(input, 'TopicArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (topic === undefined) return fault(snsRefusals.noTopic(input.string('TopicArn')));
  return listPage(account, input, [...topic.subscriptions.values()]);
}

function listPage(account: SnsAccount, input: SnsCall['input'], all: readonly Subscription[]): ApiResult {
  const token = input.optionalString('NextToken');
  if (input.fault !== undefined) return fault(input.fault);
  const page = pageOf(all, token, PAGE);
  if (page === undefined) return fault(snsRefusals.invalidParameter('NextToken'));
  const subscriptions = page.items.map((one) => ({
    SubscriptionArn: one.state === 'pending' ? 'PendingConfirmation' : one.arn,
    Owner: account.options.accountId,
    Protocol: one.protocol,
    Endpoint: one.endpoint,
    TopicArn: one.topic.arn,
  }));
  return output({ Subscriptions: subscriptions, ...page.next });
}

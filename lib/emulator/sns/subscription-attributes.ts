import type { ApiFault } from '../engine.js';
import { readFilterPolicy, type FilterPolicy, type FilterScope } from '../filter/policy.js';
import { isRecord } from '../structures/call-input.js';
import { readReplayPolicy, type ReplayPolicy } from './archive.js';
import { snsRefusals } from './refusals.js';
import { readDeliveryPolicy } from './retry-policy.js';
import type { SnsProtocol } from './published-message.js';
import type { Subscription, Topic } from './topic.js';

/** What the attributes of a subscription mean for its deliveries. */
export interface SubscriptionSettings {
  readonly kind: 'settings';
  readonly filter: FilterPolicy | undefined;
  readonly isRaw: boolean;
  readonly deadLetterArn: string | undefined;
  readonly replay: ReplayPolicy | undefined;
}

/** Settings, or the refusal of the first attribute that can't be set. */
export type SettingsReading = SubscriptionSettings | { readonly kind: 'refused'; readonly fault: ApiFault };

const KNOWN = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
]);
const RAW_PROTOCOLS: readonly SnsProtocol[] = ['sqs', 'http', 'https', 'firehose'];

const refused = (fault: ApiFault): SettingsReading => ({ kind: 'refused', fault });

/**
 * Reads all attributes of a subscription together, as scope and policy depend on each other.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
 */
export function readSettings(
  attributes: ReadonlyMap<string, string>,
  { topic, protocol }: { readonly topic: Topic; readonly protocol: SnsProtocol },
): SettingsReading {
  const unknown = [...attributes.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return refused(snsRefusals.invalidParameter(`AttributeName: ${unknown}`));
  const raw = attributes.get('RawMessageDelivery') ?? 'false';
  if (raw !== 'true' && raw !== 'false')
    return refused(snsRefusals.invalidMember('RawMessageDelivery', 'must be true or false'));
  if (raw === 'true' && !RAW_PROTOCOLS.includes(protocol))
    return refused(
      snsRefusals.invalidMember(
        'Attributes',
        `Delivery protocol [${protocol}] does not support raw message delivery`,
      ),
    );
  const delivery = attributes.get('DeliveryPolicy');
  if (delivery !== undefined && readDeliveryPolicy(delivery) === undefined)
    return refused(snsRefusals.invalidMember('DeliveryPolicy', 'not a valid delivery policy'));
  const scope = attributes.get('FilterPolicyScope') ?? 'MessageAttributes';
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody')
    return refused(
      snsRefusals.invalidMember(
        'FilterPolicyScope',
        `Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
      ),
    );
  const filter = readFilter(attributes.get('FilterPolicy'), scope);
  if (filter?.kind === 'refused')
    return refused(snsRefusals.invalidParameter(`FilterPolicy: ${filter.reason}`));
  const redrive = readRedrive(attributes.get('RedrivePolicy'), topic);
  if (redrive.kind === 'refused') return redrive;
  const replay = readReplay(attributes.get('ReplayPolicy'), topic);
  if (replay.kind === 'refused') return replay;
  return {
    kind: 'settings',
    filter,
    isRaw: raw === 'true',
    deadLetterArn: redrive.arn,
    replay: replay.policy,
  };
}

type Replay =
  | { readonly kind: 'replay'; readonly policy: ReplayPolicy | undefined }
  | { readonly kind: 'refused'; readonly fault: ApiFault };

function readReplay(text: string | undefined, { archive, attributes }: Topic): Replay {
  if (text === undefined || text === '' || text === '{}') return { kind: 'replay', policy: undefined };
  const invalid = (reason: string): Replay => ({
    kind: 'refused',
    fault: snsRefusals.invalidParameter(`ReplayPolicy: ${reason}`),
  });
  if (archive === undefined || !attributes.has('ArchivePolicy'))
    return invalid('the topic has no ArchivePolicy, so nothing can be replayed');
  const policy = readReplayPolicy(text);
  if (policy === undefined)
    return invalid(
      'wanted is {"PointType":"Timestamp","StartingPoint":"<ISO time>"} and an optional EndingPoint',
    );
  return policy.from < archive.since
    ? invalid(
        `StartingPoint is before the archive's BeginningArchiveTime ${new Date(archive.since).toISOString()}`,
      )
    : { kind: 'replay', policy };
}

const readFilter = (
  text: string | undefined,
  scope: FilterScope,
): ReturnType<typeof readFilterPolicy> | undefined =>
  text === undefined || text === '' || text === '{}' ? undefined : readFilterPolicy(text, scope);

type Redrive =
  | { readonly kind: 'redrive'; readonly arn: string | undefined }
  | { readonly kind: 'refused'; readonly fault: ApiFault };

function readRedrive(text: string | undefined, topic: Topic): Redrive {
  if (text === undefined || text === '' || text === '{}') return { kind: 'redrive', arn: undefined };
  const invalid = (reason: string): Redrive => ({
    kind: 'refused',
    fault: snsRefusals.invalidParameter(`RedrivePolicy: ${reason}`),
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return invalid('failed to parse JSON');
  }
  const arn = isRecord(json) ? json['deadLetterTargetArn'] : undefined;
  if (typeof arn !== 'string' || !/^arn:aws[a-z-]*:sqs:/.test(arn))
    return invalid('deadLetterTargetArn must be the ARN of an SQS queue');
  if (arn.endsWith('.fifo') && !topic.isFifo)
    return invalid('the dead-letter queue of a standard topic must be a standard queue');
  return { kind: 'redrive', arn };
}

/** Puts settings that were read into force. */
export function applySettings(subscription: Subscription, settings: SubscriptionSettings): void {
  subscription.filter = settings.filter;
  subscription.isRaw = settings.isRaw;
  subscription.deadLetterArn = settings.deadLetterArn;
  subscription.replay = settings.replay;
}

/** What `GetSubscriptionAttributes` answers. */
export function subscriptionAttributes(
  subscription: Subscription,
  accountId: string,
): Readonly<Record<string, string>> {
  const { attributes } = subscription;
  return {
    SubscriptionArn: subscription.arn,
    TopicArn: subscription.topic.arn,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    Owner: accountId,
    PendingConfirmation: String(subscription.state === 'pending'),
    ConfirmationWasAuthenticated: String(subscription.wasAuthenticated),
    RawMessageDelivery: 'false',
    SubscriptionPrincipal: `arn:aws:iam::${accountId}:root`,
    ...(attributes.has('FilterPolicy') ? { FilterPolicyScope: 'MessageAttributes' } : {}),
    ...Object.fromEntries(attributes),
    // A replay is handed to the queue at once, so that nothing else is ever seen.
    ...(subscription.replay === undefined ? {} : { ReplayStatus: 'Completed' }),
  };
}

import type { ApiResult, Engine } from '../engine.js';
import { CallInput } from '../structures/call-input.js';
import { SnsAccount } from './account.js';
import type { LostDelivery } from './deliveries.js';
import type { PerformedOutcome } from './performed-outcome.js';
import type { OutboundDelivery } from './delivery-forms.js';
import {
  createPlatformEndpoint,
  deleteEndpoint,
  getEndpointAttributes,
  listEndpointsByPlatformApplication,
  setEndpointAttributes,
} from './endpoint-operations.js';
import type { SnsEngineOptions } from './options.js';
import type { OutboxEntry } from './outbox.js';
import {
  createPlatformApplication,
  deletePlatformApplication,
  getPlatformApplicationAttributes,
  listPlatformApplications,
  setPlatformApplicationAttributes,
} from './platform-operations.js';
import type { SnsCall } from './call.js';
import { publish, publishBatch } from './publishing.js';
import { snsInputRefusals, snsRefusals } from './refusals.js';
import {
  checkIfPhoneNumberIsOptedOut,
  getSmsAttributes,
  listPhoneNumbersOptedOut,
  optInPhoneNumber,
  setSmsAttributes,
} from './sms-operations.js';
import {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from './subscription-operations.js';
import {
  createTopic,
  deleteTopic,
  getTopicAttributes,
  listTagsForResource,
  listTopics,
  setTopicAttributes,
  tagResource,
  untagResource,
} from './topic-operations.js';

/**
 * The topics of one account in one region, as a state machine on a given clock. Input and output have the shapes of
 * the SDK; the query protocol is taken off and put on by whoever serves it.
 */
export interface SnsEngine extends Engine {
  readonly service: 'sns';
  /** Requests to HTTP(S) endpoints and Lambda functions that are to be performed now; ask after every call. */
  takeDeliveries(): readonly OutboundDelivery[];
  /** Reports how a taken delivery ended; failures are tried again as the retry policy says. */
  deliveryOutcome(id: string, outcome: PerformedOutcome, now: number): void;
  /** E-mails, SMS, push notifications and Firehose records, oldest first. */
  outbox(): readonly OutboxEntry[];
  /** Telephone numbers that get no SMS, in the order they said so. */
  optedOut(): readonly string[];
  /** Replaces them, as if their owners had answered STOP: no call of the API can. */
  setOptedOut(phoneNumbers: readonly string[]): void;
  /** The last thousand deliveries that were given up, with the reason. */
  lostDeliveries(): readonly LostDelivery[];
}

const OPERATIONS: Readonly<Record<string, (call: SnsCall) => ApiResult>> = {
  CheckIfPhoneNumberIsOptedOut: checkIfPhoneNumberIsOptedOut,
  ConfirmSubscription: confirmSubscription,
  CreatePlatformApplication: createPlatformApplication,
  CreatePlatformEndpoint: createPlatformEndpoint,
  CreateTopic: createTopic,
  DeleteEndpoint: deleteEndpoint,
  DeletePlatformApplication: deletePlatformApplication,
  DeleteTopic: deleteTopic,
  GetEndpointAttributes: getEndpointAttributes,
  GetPlatformApplicationAttributes: getPlatformApplicationAttributes,
  GetSMSAttributes: getSmsAttributes,
  GetSubscriptionAttributes: getSubscriptionAttributes,
  GetTopicAttributes: getTopicAttributes,
  ListEndpointsByPlatformApplication: listEndpointsByPlatformApplication,
  ListPhoneNumbersOptedOut: listPhoneNumbersOptedOut,
  ListPlatformApplications: listPlatformApplications,
  ListSubscriptions: listSubscriptions,
  ListSubscriptionsByTopic: listSubscriptionsByTopic,
  ListTagsForResource: listTagsForResource,
  ListTopics: listTopics,
  OptInPhoneNumber: optInPhoneNumber,
  Publish: publish,
  PublishBatch: publishBatch,
  SetEndpointAttributes: setEndpointAttributes,
  SetPlatformApplicationAttributes: setPlatformApplicationAttributes,
  SetSMSAttributes: setSmsAttributes,
  SetSubscriptionAttributes: setSubscriptionAttributes,
  SetTopicAttributes: setTopicAttributes,
  Subscribe: subscribe,
  TagResource: tagResource,
  Unsubscribe: unsubscribe,
  UntagResource: untagResource,
};

/**
 * Starts an SNS with no topics.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Operations.html
 */
export function createSnsEngine(options: SnsEngineOptions): SnsEngine {
  const account = new SnsAccount(options);
  const { deliveries } = account;
  return {
    service: 'sns',
    call: ({ operation, input, hazard }, now) => {
      deliveries.advance(now);
      const run = OPERATIONS[operation];
      if (run === undefined)
        return { kind: 'fault', fault: snsRefusals.invalidAction(notEmulated(operation)) };
      return run({ account, input: new CallInput(input, snsInputRefusals), now, hazard });
    },
    takeDeliveries: () => deliveries.takeOutbound(),
    deliveryOutcome: (id, outcome, now) => deliveries.conclude(id, outcome, now),
    outbox: () => account.departures.outbox.entries(),
    optedOut: () => account.platforms.optedOut(),
    setOptedOut: (phoneNumbers) => account.platforms.setOptedOut(phoneNumbers),
    lostDeliveries: () => deliveries.lost(),
    advance: (now) => deliveries.advance(now),
    nextDeadline: () => deliveries.nextDeadline(),
  };
}

const notEmulated = (operation: string): string =>
  `the local SNS does not do ${operation}; see https://docs.aws.amazon.com/sns/latest/api/API_${operation}.html for what AWS does`;

import type { SNSClient } from '@aws-sdk/client-sns';
import { placeOfTopic } from '../../core/webhook/certificate-policy.js';
import { http1Config } from '../aws/client-config.js';
import { awsFailureError, classifyAwsError } from '../aws/errors.js';
import { loadSnsModule } from '../aws/load-sdk.js';
import type { SubscriptionRequest } from './webhook-options.js';

/** Confirms subscriptions through the SNS API. */
export interface Confirmations {
  confirm(request: SubscriptionRequest): Promise<void>;
  /** Closes the clients that were made here. */
  close(): void;
}

/**
 * `ConfirmSubscription` with topic and token. The URL in the message does the same and is never fetched: whoever forges
 * one has this machine call where they like. Unsubscribing is authenticated, so that the `UnsubscribeURL` that every
 * notification shows to whoever reads it ends nothing.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
 */
export function createConfirmations(
  endpoint: string | undefined,
  client: SNSClient | undefined,
): Confirmations {
  const own = new Map<string, SNSClient>();
  return {
    confirm: async ({ topicArn, token }) => {
      const sdk = await loadSnsModule();
      const region = placeOfTopic(topicArn)?.region ?? '';
      const target = { region, ...(endpoint !== undefined && { endpoint }) };
      const sns = client ?? own.get(region) ?? new sdk.SNSClient(http1Config(target));
      if (client === undefined) own.set(region, sns);
      try {
        await sns.send(
          new sdk.ConfirmSubscriptionCommand({
            TopicArn: topicArn,
            Token: token,
            AuthenticateOnUnsubscribe: 'true',
          }),
        );
      } catch (error) {
        throw awsFailureError(classifyAwsError(error), {
          action: `confirm the subscription to ${topicArn}`,
          ...target,
        });
      }
    },
    close: () => {
      for (const sns of own.values()) sns.destroy();
      own.clear();
    },
  };
}

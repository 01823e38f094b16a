import { Token, aws_sns as sns, type Size } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic, ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TopicBinding } from '../../contract/binding.js';
import type { MessageDefinition } from '../../contract/message.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import { alarmPropsOf, underMonitoring } from '../alarms.js';
import { alarmViolations } from '../monitoring/alarm-catalogue.js';
import { environmentOf, referenceTo } from '../bound-resource.js';
import { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';
import {
  compileClaimCheckAttributes,
  type ClaimCheckAttributes,
} from '../claim-check/claim-check-options.js';
import { warnOfForeignPayloads } from '../claim-check/foreign-payloads.js';
import { warnOfForeignUse } from '../foreign-account.js';
import type { SubscriptionOptions } from './endpoint-options.js';
import type { FanOutOptions } from './fan-out-options.js';
import type { FanoutSubscription } from './fanout-subscription.js';
import type { IFanoutTopic } from './fanout-topic-interface.js';
import { compileFanoutTopic } from './fanout-topic-options.js';
import { allowPublishFrom } from './service-publishing.js';
import type { TopicPublisher } from './topic-publisher.js';
import { TopicSubscriptions } from './topic-subscriptions.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';

/** What is known of a topic that another app manages. */
export interface FanoutTopicAttributes<M extends MessageDefinition = MessageDefinition> extends AlarmProps {
  /** The topic. Its Region and account are read off it. */
  readonly topicArn: string;

  /** The messages this topic carries. */
  readonly messages: readonly M[];

  /**
   * Whether the topic is FIFO.
   *
   * @default - what the ARN's ending says; false where the ARN is known at deployment only
   */
  readonly fifo?: boolean;

  /**
   * Whether SNS hashes the body of a message without a deduplication id.
   *
   * @default false
   */
  readonly contentBasedDeduplication?: boolean;

  /**
   * The largest message the topic takes.
   *
   * @default Size.kibibytes(256)
   */
  readonly maxMessageSize?: Size;

  /**
   * The customer managed key of the topic, which publishers must be allowed to use.
   *
   * @default - none
   */
  readonly encryptionKeyArn?: string;

  /**
   * Where payloads of its publishers are kept that are too large for a message.
   *
   * @default - none
   */
  readonly claimCheck?: ClaimCheckAttributes;

  /**
   * The name clients ask for.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;
}

const ATTRIBUTES = {
  alarms: true,
  alarmTopic: true,
  bindingName: true,
  claimCheck: true,
  contentBasedDeduplication: true,
  encryptionKeyArn: true,
  fifo: true,
  maxMessageSize: true,
  messages: true,
  topicArn: true,
} satisfies Record<keyof FanoutTopicAttributes, true>;

/** A topic of another app. Made by `FanoutTopic.fromFanoutTopicAttributes`. */
export class ImportedFanoutTopic<M extends MessageDefinition> extends Construct implements IFanoutTopic<M> {
  readonly topic: ITopic;
  readonly binding: TopicBinding;
  private readonly made: TopicSubscriptions;
  private readonly claimCheck: ClaimCheckBucket | undefined;

  constructor(scope: Construct, id: string, attributes: FanoutTopicAttributes<M>) {
    super(scope, id);
    const { topicArn, encryptionKeyArn, bindingName = id, messages } = attributes;
    refuseAll(`topic '${this.node.path}' can't be imported`, [
      ...unknownNames(attributes, Object.keys(ATTRIBUTES)),
      ...alarmViolations(attributes.alarms),
    ]);
    const settings = compileFanoutTopic(this.node.path, {
      messages,
      fifo: attributes.fifo ?? (!Token.isUnresolved(topicArn) && topicArn.endsWith('.fifo')),
      ...(attributes.contentBasedDeduplication !== undefined && {
        contentBasedDeduplication: attributes.contentBasedDeduplication,
      }),
      ...(attributes.maxMessageSize && { maxMessageSize: attributes.maxMessageSize }),
    });
    const { fifo, contentBasedDeduplication, maxMessageBytes } = settings;
    this.topic = sns.Topic.fromTopicAttributes(this, 'Default', {
      topicArn,
      ...(encryptionKeyArn !== undefined && { keyArn: encryptionKeyArn }),
    });
    this.claimCheck = this.importClaimCheck(attributes, { bindingName, maxMessageBytes });
    this.made = new TopicSubscriptions({
      ...settings,
      ...(this.claimCheck && { claimCheckBucket: this.claimCheck }),
      construct: this,
      topic: this.topic,
      alarmProps: alarmPropsOf(underMonitoring(this, attributes)),
    });
    this.binding = {
      v: 1,
      kind: 'topic',
      name: bindingName,
      region: this.topic.env.region,
      arn: topicArn,
      fifo,
      contentBasedDeduplication,
      maxMessageBytes,
      messages: messages.map(referenceTo),
      ...(this.claimCheck && { claimCheck: this.claimCheck.binding }),
    };
  }

  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  get subscriptions(): readonly FanoutSubscription[] {
    return this.made.all;
  }

  fanOutTo<Chosen extends M>(
    queue: IWorkQueue | IQueue,
    options: FanOutOptions<Chosen> = {},
  ): FanoutSubscription {
    return this.made.fanOutTo(queue, options);
  }

  addSubscription<Chosen extends M>(
    subscription: ITopicSubscription,
    options: SubscriptionOptions<Chosen> = {},
  ): FanoutSubscription {
    return this.made.addSubscription(subscription, options);
  }

  /** Allows it to the publisher; a topic of another account must allow it too, and the synth says by which statements. */
  grantPublish(grantee: IGrantable): Grant {
    const { topic, claimCheck } = this;
    const grant = topic.grantPublish(grantee);
    const [name, { masterKey }] = ['grantPublish', topic];
    const resources = [topic.topicArn];
    warnOfForeignUse(this, { grant: name, owner: topic, actions: ['sns:Publish'], resources });
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    if (masterKey) warnOfForeignUse(this, { grant: name, owner: masterKey, actions, resources: ['*'] });
    warnOfForeignPayloads(this, claimCheck, { grant: name, use: 'store' });
    return claimCheck ? grant.combine(claimCheck.grantStore(grantee)) : grant;
  }

  allowPublishFrom(publisher: TopicPublisher): Grant {
    const { topic, binding } = this;
    return allowPublishFrom(this, { topic, fifo: binding.fifo, key: topic.masterKey }, publisher);
  }

  private importClaimCheck(
    { claimCheck: given }: FanoutTopicAttributes<M>,
    frame: { readonly bindingName: string; readonly maxMessageBytes: number },
  ): ClaimCheckBucket | undefined {
    const { violations, settings } = compileClaimCheckAttributes(given, frame);
    refuseAll(`topic '${this.node.path}' can't be imported`, violations);
    const { account } = this.topic.env;
    return settings && ClaimCheckBucket.import(this, { ...settings, account });
  }
}

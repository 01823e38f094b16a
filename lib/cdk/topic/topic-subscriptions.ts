import { Resource, Token } from 'aws-cdk-lib';
import type { ITopic, ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { MessageDefinition } from '../../contract/message.js';
import type { AlarmProps } from '../alarms.js';
import { compileEndpoint, type SubscriptionOptions } from './endpoint-options.js';
import {
  compileFanOut,
  fanOutTarget,
  type CompiledFanOut,
  type EarlierFanOut,
  type FanOutOptions,
  type FanOutTarget,
} from './fan-out-options.js';
import { unionOf, type Wish } from './filter-union.js';
import type { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';
import { warnOfForeignPayloads } from '../claim-check/foreign-payloads.js';
import { FanoutSubscription } from './fanout-subscription.js';
import { queueEndpoint } from './queue-endpoint.js';
import type { IWorkQueue } from '../queue/work-queue-interface.js';
import type { CompiledFanoutTopic } from './fanout-topic-options.js';

/** The topic whose subscriptions these are. */
export interface SubscribedTopic extends CompiledFanoutTopic {
  /** The construct people wrote. */
  readonly construct: Construct;
  readonly topic: ITopic;
  readonly alarmProps: AlarmProps;
  /** Where the payloads of its messages may be. */
  readonly claimCheckBucket?: ClaimCheckBucket;
}

/** A queue's subscription, and what was asked of it. */
interface FannedOut extends EarlierFanOut {
  readonly subscription: FanoutSubscription;
  readonly queue: IQueue;
  readonly wishes: Wish[];
}

/** The subscriptions of one topic, ours or imported: decides, makes and remembers them. */
export class TopicSubscriptions {
  private readonly source: SubscribedTopic;
  private readonly made: FanoutSubscription[] = [];
  private readonly fannedOut: FannedOut[] = [];

  constructor(source: SubscribedTopic) {
    this.source = source;
  }

  get all(): readonly FanoutSubscription[] {
    return [...this.made];
  }

  fanOutTo<Chosen extends MessageDefinition>(
    given: IWorkQueue | IQueue,
    options: FanOutOptions<Chosen>,
  ): FanoutSubscription {
    const target = fanOutTarget(given);
    const earlier = this.fannedOut.find(({ queue }) => isSameQueue(queue, target.queue));
    const compiled = compileFanOut({ topic: this.side(), target, earlier }, options);
    const claimCheck = this.source.claimCheckBucket;
    target.work?._learn({ ...compiled.source, ...(claimCheck && { claimCheck }) });
    if (target.work) warnOfForeignPayloads(target.scope, claimCheck, { grant: 'fanOutTo', use: 'read' });
    if (earlier === undefined) return this.subscribe(target, compiled, options);
    earlier.wishes.push(compiled.filterPolicy);
    earlier.subscription._filterBy(unionOf(earlier.wishes));
    return earlier.subscription;
  }

  private subscribe(
    { queue, scope }: FanOutTarget,
    { id, raw, filterPolicy }: CompiledFanOut,
    options: FanOutOptions,
  ): FanoutSubscription {
    const subscription = new FanoutSubscription(scope, id, {
      ...this.shared(options),
      endpoint: { ...queueEndpoint(this.source.topic, queue), rawMessageDelivery: raw },
      queue,
      ...(options.replayFrom && { replayFrom: options.replayFrom }),
      ...(filterPolicy && { filterPolicy }),
    });
    const { deadLetterQueue } = subscription;
    this.fannedOut.push({ subscription, queue, id, raw, deadLetterQueue, options, wishes: [filterPolicy] });
    this.made.push(subscription);
    return subscription;
  }

  addSubscription<Chosen extends MessageDefinition>(
    given: ITopicSubscription,
    options: SubscriptionOptions<Chosen>,
  ): FanoutSubscription {
    const endpoint = given.bind(this.source.topic);
    const compiled = compileEndpoint(this.side(), endpoint, options);
    const subscription = new FanoutSubscription(
      endpoint.subscriberScope ?? this.source.construct,
      compiled.id,
      {
        ...this.shared(options),
        endpoint,
        ...(compiled.filterPolicy && { filterPolicy: compiled.filterPolicy }),
      },
    );
    this.made.push(subscription);
    return subscription;
  }

  private side(): CompiledFanoutTopic & {
    path: string;
    scope: Construct;
    region: string;
    isImported: boolean;
    id: string;
    subscribed: readonly FanoutSubscription[];
  } {
    const {
      construct,
      messages,
      fifo,
      highThroughput,
      contentBasedDeduplication,
      maxMessageBytes,
      archiveDays,
    } = this.source;
    return {
      path: construct.node.path,
      scope: construct,
      region: this.source.topic.env.region,
      isImported: !Resource.isOwnedResource(this.source.topic),
      id: Token.isUnresolved(construct.node.id) ? 'Topic' : construct.node.id,
      subscribed: this.made,
      messages,
      fifo,
      highThroughput,
      contentBasedDeduplication,
      maxMessageBytes,
      ...(archiveDays !== undefined && { archiveDays }),
    };
  }

  private shared(options: SubscriptionOptions): {
    topic: ITopic;
    deadLetterQueue?: IQueue;
  } & AlarmProps &
    Pick<SubscriptionOptions, 'removalPolicy'> {
    return {
      ...this.source.alarmProps,
      topic: this.source.topic,
      ...(options.deadLetterQueue && { deadLetterQueue: options.deadLetterQueue }),
      ...(options.removalPolicy && { removalPolicy: options.removalPolicy }),
    };
  }
}

/** By its ARN too: one queue may be imported twice. */
const isSameQueue = (one: IQueue, two: IQueue): boolean => one === two || one.queueArn === two.queueArn;

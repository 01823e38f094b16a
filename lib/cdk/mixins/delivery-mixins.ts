import { aws_lambda as lambda, aws_sns as sns } from 'aws-cdk-lib';
import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IMixin } from 'constructs';

/**
 * Subscriptions whose filter says what it looks at. One that once said it and then leaves it out fails to update
 * (aws-cdk#24804), and L2 subscriptions leave it out for attributes.
 *
 * @example
 * Mixins.of(app).apply(new FilterScope());
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
export class FilterScope implements IMixin {
  /** Whether it is a subscription with a filter. */
  supports(construct: IConstruct): construct is CfnSubscription {
    return sns.CfnSubscription.isCfnSubscription(construct) && construct.filterPolicy !== undefined;
  }

  /** Writes `FilterPolicyScope: MessageAttributes` where nothing is said; `MessageBody` stays. */
  applyTo(construct: IConstruct): void {
    if (this.supports(construct)) construct.filterPolicyScope ??= 'MessageAttributes';
  }
}

/**
 * Functions that report the messages or records that failed, so that one bad one does not bring back its whole batch. The function
 * must return `batchItemFailures`; one that returns nothing counts as having handled all. Mappings of brokers and databases, which
 * know no partial batches, are left alone.
 *
 * @example
 * Mixins.of(app).apply(new PartialBatches());
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class PartialBatches implements IMixin {
  /** Whether it is an event source mapping, and of no broker or database. */
  supports(construct: IConstruct): construct is CfnEventSourceMapping {
    return lambda.CfnEventSourceMapping.isCfnEventSourceMapping(construct) && !isBroker(construct);
  }

  /** Writes `FunctionResponseTypes: [ReportBatchItemFailures]`; a list that was given stays, an empty one too. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.functionResponseTypes ??= ['ReportBatchItemFailures'];
  }
}

const isBroker = (mapping: CfnEventSourceMapping): boolean =>
  [mapping.topics, mapping.queues, mapping.selfManagedEventSource, mapping.documentDbEventSourceConfig].some(
    (given) => given !== undefined,
  );

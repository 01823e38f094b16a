import { Stack, aws_iam as iam, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';

/** Resources whose policy is a resource of its own. */
export type PolicyHolder = CfnQueue | CfnTopic;

/**
 * Adds a statement to the one policy of a queue or topic: a second policy resource on the same one would overwrite the first.
 * Goes through the L2 around the resource, or adds to an L1 policy that names it, or makes one.
 */
export function addToPolicy(resource: PolicyHolder, statement: PolicyStatement): void {
  const owner = resource.node.scope;
  if (owner !== undefined && owner.node.defaultChild === resource && takesStatements(owner)) {
    owner.addToResourcePolicy(statement);
    return;
  }
  const policy = policyOf(resource) ?? createPolicy(resource);
  const document: unknown = policy.policyDocument;
  if (document instanceof iam.PolicyDocument) {
    document.addStatements(statement);
    return;
  }
  const readable = iam.PolicyDocument.fromJson(Stack.of(resource).resolve(document));
  readable.addStatements(statement);
  policy.policyDocument = readable;
}

interface TakesStatements {
  addToResourcePolicy(statement: PolicyStatement): unknown;
}

const takesStatements = (owner: IConstruct): owner is IConstruct & TakesStatements =>
  'addToResourcePolicy' in owner;

function policyOf(resource: PolicyHolder): CfnQueuePolicy | CfnTopicPolicy | undefined {
  const stack = Stack.of(resource);
  const own = JSON.stringify(stack.resolve(resource.ref));
  const names = (list: readonly string[]): boolean =>
    list.some((name) => JSON.stringify(stack.resolve(name)) === own);
  return stack.node
    .findAll()
    .find(
      (construct) =>
        (sqs.CfnQueuePolicy.isCfnQueuePolicy(construct) && names(construct.queues)) ||
        (sns.CfnTopicPolicy.isCfnTopicPolicy(construct) && names(construct.topics)),
    ) as CfnQueuePolicy | CfnTopicPolicy | undefined;
}

/** Under the id that aws-cdk-lib's own grants use on an L1. */
function createPolicy(resource: PolicyHolder): CfnQueuePolicy | CfnTopicPolicy {
  const policyDocument = new iam.PolicyDocument();
  return sqs.CfnQueue.isCfnQueue(resource)
    ? new sqs.CfnQueuePolicy(resource, 'QueuePolicy', { queues: [resource.ref], policyDocument })
    : new sns.CfnTopicPolicy(resource, 'TopicPolicy', { topics: [resource.ref], policyDocument });
}

import { Resource, Stack, Validations, aws_iam as iam } from 'aws-cdk-lib';
import type { Grant } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { warnOfForeignPolicy } from './foreign-policies.js';
import { publisherKeyStatement, publishStatement } from './publisher-statements.js';
import { publisherViolations, type TopicPublisher } from './topic-publisher.js';

/** The topic a service is to publish to. */
export interface PublishedTopic {
  readonly topic: ITopic;
  readonly fifo: boolean;
  /** Its key, where it is known. */
  readonly key: IKey | undefined;
}

/** Lets an AWS service publish to a topic and use its key, or says what the owner of an imported one must add. */
export function allowPublishFrom(
  scope: Construct,
  { topic, fifo, key }: PublishedTopic,
  publisher: TopicPublisher,
): Grant {
  const violations = publisherViolations(publisher);
  refuseAll(
    `allowPublishFrom of topic '${scope.node.path}' can't be used`,
    violations.length > 0 ? violations : topicViolations(publisher, { topic, fifo, key }),
  );
  const { account } = Stack.of(scope);
  const statement = publishStatement(topic, publisher, account);
  warnOfForeignPolicy(scope, { id: 'millrace:FanoutTopic.publisherPolicy', owner: topic, statement, loses });
  if (key !== undefined) openKey(scope, { topic, key }, publisher);
  const grantee = new iam.ServicePrincipal(publisher.facts.service);
  if (!Resource.isOwnedResource(topic)) return iam.Grant.drop(grantee, 'the topic is imported');
  return iam.Grant.addStatementToResourcePolicy({
    grantee,
    actions: statement.actions,
    resourceArns: [topic.topicArn],
    resource: topic,
    statement,
  });
}

function openKey(
  scope: Construct,
  { topic, key }: { readonly topic: ITopic; readonly key: IKey },
  publisher: TopicPublisher,
): void {
  const statement = publisherKeyStatement(topic, publisher, Stack.of(scope).account);
  warnOfForeignPolicy(scope, { id: 'millrace:FanoutTopic.publisherKeyPolicy', owner: key, statement, loses });
  key.addToResourcePolicy(statement);
  const { encryptionDoubt } = publisher.facts;
  if (encryptionDoubt === undefined) return;
  Validations.of(scope).addWarning(
    'millrace:FanoutTopic.encryptedPublisher',
    `${encryptionDoubt}: policy and key allow them, but see one arrive before you rely on it, or use a topic of its own without a key`,
  );
}

function topicViolations({ facts }: TopicPublisher, { fifo, key }: PublishedTopic): string[] {
  return [
    ...(fifo && facts.takesFifo === false
      ? [`${facts.service} can't publish to FIFO topics: use a standard topic for it`]
      : []),
    ...(key !== undefined && isManagedByAws(key)
      ? [
          `the topic is encrypted with the key AWS manages (alias/aws/sns), which ${facts.service} can't use and whose policy can't be changed: give the topic a customer managed key, or none`,
        ]
      : []),
  ];
}

/** By every name a key may go by: an alias has no key of its own, and an imported ARN may be that of an alias. */
const isManagedByAws = (key: IKey): boolean =>
  [key.keyId, key.keyArn].some((name) => name.includes('alias/aws/'));

const loses = 'the service is denied and what it publishes is lost';

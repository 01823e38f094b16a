import type { Acknowledgement, Scanner } from './findings.js';

/** The packs of cdk-nag that hold templates against a catalogue of controls. */
const CONTROL_PACKS: readonly Scanner[] = [
  'cdk-nag HIPAA Security',
  'cdk-nag NIST 800-53 R4',
  'cdk-nag NIST 800-53 R5',
  'cdk-nag PCI DSS 3.2.1',
];

const CLAIM_CHECKS = /\/ClaimCheckBucket$/;

/**
 * Every finding on our constructs that stays, and why. `npm run scanners` refuses a finding that is not here, and a row here
 * that no longer matches one: delete it then.
 */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    scanners: ['cdk-nag AwsSolutions'],
    rule: /^AwsSolutions-SQS3$/,
    postures: ['standard', 'cmk', 'regulated'],
    resource: /\/From\w+\/DeadLetterQueue$|\/FailedBatches$/,
    on: 'dead-letter queues of subscriptions and of Lambda readers',
    kind: 'false positive',
    reason:
      'it is a dead-letter queue: the rule knows those of queues and functions only, not those of SNS subscriptions and event source mappings',
    link: 'https://github.com/cdklabs/cdk-nag/pull/2374',
  },
  {
    scanners: ['cdk-nag AwsSolutions'],
    rule: /^AwsSolutions-KDS3$/,
    postures: ['standard', 'cmk', 'regulated'],
    resource: /^Clicks\/Default$/,
    on: 'streams with a key of yours',
    kind: 'choice',
    reason:
      'the rule advises the key AWS manages, for its price; a customer managed key is what these postures are for, and what another account needs to read a stream',
    link: 'https://docs.aws.amazon.com/streams/latest/dev/creating-using-sse-master-keys.html',
  },
  {
    scanners: ['cdk-nag HIPAA Security', 'cdk-nag NIST 800-53 R4', 'cdk-nag NIST 800-53 R5'],
    rule: /-DynamoDBInBackupPlan$/,
    postures: ['standard', 'cmk', 'regulated'],
    resource: /(IdempotencyTable|LeaseTable)$/,
    on: 'idempotency and lease tables',
    kind: 'choice',
    reason:
      'they hold work in progress: point-in-time recovery restores any second of 35 days, and a nightly copy would bring back leases and completions that are no longer true; where an auditor insists, give the table to `BackupPlan.addSelection`',
    link: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html',
  },
  {
    scanners: [
      'cdk-nag HIPAA Security',
      'cdk-nag NIST 800-53 R4',
      'cdk-nag NIST 800-53 R5',
      'cdk-nag PCI DSS 3.2.1',
    ],
    rule: /-SNSEncryptedKMS$/,
    postures: ['standard'],
    resource: /^Events\/Default$/,
    on: 'topics',
    kind: 'choice',
    reason:
      "a key costs money, and the free one AWS manages shuts out every AWS service that publishes: who must encrypt topics takes posture 'cmk'",
    link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
  },
  {
    scanners: ['cdk-nag HIPAA Security', 'cdk-nag NIST 800-53 R4', 'cdk-nag NIST 800-53 R5'],
    rule: /-CloudWatchAlarmAction$/,
    postures: ['standard', 'cmk', 'regulated'],
    resource: /^(Events\/FailedDeliveryAlarm|Clicks\/LagAlarm)$/,
    on: 'alarms on failed deliveries, and on the lag of streams that functions read',
    kind: 'false positive',
    reason:
      'a composite alarm has its actions, and rings for it where no more specific alarm does; the rule looks at single alarms only',
    link: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html',
  },
  {
    scanners: ['checkov'],
    rule: /^CKV_AWS_26$/,
    postures: ['standard'],
    resource: /^Events\/Default$/,
    on: 'topics',
    kind: 'choice',
    reason: "as the row above: posture 'cmk' encrypts topics",
    link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
  },
  {
    scanners: ['checkov'],
    rule: /^CKV_AWS_27$/,
    postures: ['standard'],
    resource: /^(Builds|Events)\/.*(Default|DeadLetterQueue)$|^Foreign\/.*DeadLetterQueue$|\/FailedBatches$/,
    on: 'queues',
    kind: 'false positive',
    reason: 'they are encrypted with SSE-SQS; on CloudFormation the check looks for a KMS key only',
    link: 'https://github.com/bridgecrewio/checkov/issues/7381',
  },
  {
    scanners: ['checkov'],
    rule: /^CKV_AWS_119$/,
    postures: ['standard'],
    resource: /(IdempotencyTable|LeaseTable)$/,
    on: 'idempotency and lease tables',
    kind: 'choice',
    reason: "they are encrypted with the key AWS owns, free of charge; posture 'cmk' uses the stack's key",
    link: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html',
  },
  ...forEveryPosture([
    {
      scanners: CONTROL_PACKS,
      rule: /-IAMNoInlinePolicy$/,
      resource: /\/DefaultPolicy$/,
      on: 'roles of Fargate tasks and of Firehose',
      kind: 'choice',
      reason:
        'grants of aws-cdk-lib are policies of the one role they are for, and go with it; a managed policy could be attached to others',
      link: 'https://github.com/aws/aws-cdk/issues/24258',
    },
    {
      scanners: ['cdk-nag AwsSolutions'],
      rule: /^AwsSolutions-IAM5\[(Action::s3:|Resource::<\w+\.Arn>\/\*)/,
      name: 'AwsSolutions-IAM5',
      resource: /\/S3 Destination Role\/DefaultPolicy$/,
      on: "an archive's role",
      kind: 'choice',
      reason:
        "aws-cdk-lib's own grant on one bucket, whose object names have their hour in them: no narrower pattern would last",
      link: 'https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html',
    },
    {
      scanners: ['cdk-nag AwsSolutions'],
      rule: /^AwsSolutions-KDF1$/,
      resource: /\/DeliveryStream$/,
      on: 'archives',
      kind: 'false positive',
      reason:
        'Firehose stores nothing of what it reads from a stream, and refuses encryption of its own for it: the stream is encrypted',
      link: 'https://docs.aws.amazon.com/firehose/latest/dev/encryption.html',
    },
    {
      scanners: ['cdk-nag AwsSolutions'],
      rule: /^AwsSolutions-ECS2$/,
      resource: /\/TaskDefinition$/,
      on: 'workers on Fargate',
      kind: 'false positive',
      reason:
        'the variables are bindings: names, ARNs and limits, no secrets; those come by `secrets`, from Secrets Manager or Parameter Store',
      link: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html',
    },
    {
      scanners: [...CONTROL_PACKS, 'cdk-nag AwsSolutions', 'checkov'],
      rule: /-(S3BucketLoggingEnabled|S1)$|^CKV_AWS_18$/,
      name: 'S3BucketLoggingEnabled, S1, CKV_AWS_18',
      resource: CLAIM_CHECKS,
      on: 'claim-check buckets',
      kind: 'choice',
      reason:
        'every read and write of a payload has its message; who must log them all the same logs data events with CloudTrail, or sets `serverAccessLogsBucket` on `claimCheckBucket`',
      link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html',
    },
    {
      scanners: [...CONTROL_PACKS, 'checkov'],
      rule: /-(S3BucketReplicationEnabled|S3BucketVersioningEnabled)$|^CKV_AWS_21$/,
      name: 'S3BucketReplicationEnabled, S3BucketVersioningEnabled, CKV_AWS_21',
      resource: CLAIM_CHECKS,
      on: 'claim-check buckets',
      kind: 'choice',
      reason:
        'a payload is written once and lives as long as its message: a second copy would outlive both, in a place the lifecycle rule does not clear',
      link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html',
    },
    {
      scanners: ['cdk-nag NIST 800-53 R4'],
      rule: /-S3BucketDefaultLockEnabled$/,
      resource: CLAIM_CHECKS,
      on: 'claim-check buckets',
      kind: 'choice',
      reason: 'workers delete the payloads of messages that are done: a lock would keep them from it',
      link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html',
    },
  ]),
  {
    scanners: [...CONTROL_PACKS, 'checkov'],
    rule: /-CloudWatchLogGroupEncrypted$|^CKV_AWS_158$/,
    name: 'CloudWatchLogGroupEncrypted, CKV_AWS_158',
    postures: ['standard'],
    resource: /\/(Logs|Successes|Failures)$/,
    on: 'log groups of workers, archives and deliveries',
    kind: 'choice',
    reason:
      "CloudWatch Logs encrypts with keys of its own, free of charge; posture 'cmk' uses the stack's key",
    link: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html',
  },
  {
    scanners: ['cdk-nag HIPAA Security', 'cdk-nag NIST 800-53 R5', 'cdk-nag PCI DSS 3.2.1'],
    rule: /-S3DefaultEncryptionKMS$/,
    postures: ['standard'],
    resource: CLAIM_CHECKS,
    on: 'claim-check buckets',
    kind: 'choice',
    reason: "they are encrypted with the keys of S3, free of charge; posture 'cmk' uses the stack's key",
    link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html',
  },
  {
    scanners: ['cdk-nag AwsSolutions'],
    rule: /^AwsSolutions-IAM5\[Action::kms:(GenerateDataKey|ReEncrypt)\*\]$/,
    name: 'AwsSolutions-IAM5',
    postures: ['cmk', 'regulated'],
    resource: /\/TaskRole\/DefaultPolicy$/,
    on: 'roles of Fargate tasks',
    kind: 'false positive',
    reason:
      "the names of KMS's two pairs of actions, on the one key of the idempotency or lease table: aws-cdk-lib's own grant",
    link: 'https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html',
  },
];

function forEveryPosture(
  acknowledgements: readonly Omit<Acknowledgement, 'postures'>[],
): readonly Acknowledgement[] {
  return acknowledgements.map((known) => ({ ...known, postures: ['standard', 'cmk', 'regulated'] }));
}

import type { Acknowledgement } from './findings.js';

/**
 * Every finding on our constructs that stays, and why. `npm run scanners` refuses a finding that is not here, and a row here
 * that no longer matches one: delete it then.
 */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    scanners: ['cdk-nag AwsSolutions'],
    rule: /^AwsSolutions-SQS3$/,
    postures: ['standard', 'cmk', 'regulated'],
    resource: /\/From\w+\/DeadLetterQueue$/,
    on: 'dead-letter queues of subscriptions',
    kind: 'false positive',
    reason:
      'it is a dead-letter queue: the rule knows those of queues and functions only, not those of SNS subscriptions',
    link: 'https://github.com/cdklabs/cdk-nag/pull/2374',
  },
  {
    scanners: ['cdk-nag AwsSolutions'],
    rule: /^AwsSolutions-KDS3$/,
    postures: ['cmk', 'regulated'],
    resource: /^Clicks\/Default$/,
    on: 'streams',
    kind: 'choice',
    reason:
      'the rule advises the key AWS manages, for its price; a customer managed key is what these postures are for',
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
    resource: /^Events\/FailedDeliveryAlarm$/,
    on: 'alarms on failed deliveries',
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
    resource: /^(Builds|Events)\/.*(Default|DeadLetterQueue)$|^Foreign\/.*DeadLetterQueue$/,
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
];

import { createHash } from 'node:crypto';

/** Makes ARNs in the partition, region and account of a deployment. */
export type ArnOf = (service: string, resource: string) => string;

/** What stands in for a resource that is not created, where other resources only mention it. */
export interface Placeholder {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Stands in for resources that an emulator lets be mentioned without having them: keys, roles, alarms, log groups,
 * buckets, in policies and settings. Everything else (a function that a subscription would deliver to) has none, and
 * what needs it is not created either.
 */
export function placeholderOf(
  type: string,
  at: { readonly stack: string; readonly logicalId: string; readonly arnOf: ArnOf },
): Placeholder | undefined {
  const { logicalId, stack, arnOf } = at;
  const named = (arn: string): Placeholder => ({ physicalId: logicalId, attributes: { Arn: arn } });
  switch (type) {
    case 'AWS::KMS::Key': {
      const id = uuidFrom(`${stack}/${logicalId}`);
      return { physicalId: id, attributes: { Arn: arnOf('kms', `key/${id}`), KeyId: id } };
    }
    case 'AWS::KMS::Alias':
      return { physicalId: `alias/${logicalId}`, attributes: { AliasName: `alias/${logicalId}` } };
    case 'AWS::IAM::Role':
      return named(arnOf('iam', `role/${logicalId}`));
    case 'AWS::IAM::User':
      return named(arnOf('iam', `user/${logicalId}`));
    case 'AWS::IAM::ManagedPolicy': {
      const arn = arnOf('iam', `policy/${logicalId}`);
      return { physicalId: arn, attributes: { PolicyArn: arn } };
    }
    case 'AWS::CloudWatch::Alarm':
    case 'AWS::CloudWatch::CompositeAlarm':
      return named(arnOf('cloudwatch', `alarm:${logicalId}`));
    case 'AWS::CloudWatch::Dashboard':
      return named(arnOf('cloudwatch', `dashboard/${logicalId}`));
    case 'AWS::Logs::LogGroup':
      return named(arnOf('logs', `log-group:${logicalId}:*`));
    case 'AWS::S3::Bucket':
      return named(arnOf('s3', logicalId.toLowerCase()));
    default:
      return undefined;
  }
}

/** The same id for the same resource every time, in the form of a UUID. */
function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

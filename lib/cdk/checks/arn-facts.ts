/** An ARN as far as a template tells it; undefined parts are known at deployment only. */
export interface ArnFacts {
  /** Such as `sqs`. */
  readonly service: string | undefined;
  readonly region: string | undefined;
  readonly account: string | undefined;
  /** What comes after the account: a queue's or topic's name, `stream/<name>`. */
  readonly resource: string | undefined;
}

/** Where a template is deployed to, where the app says it. */
export interface Place {
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
}

/** Stands for what only the deployment knows. No ARN has it. */
const UNKNOWN = '\u0000';

/** The ARN that a property's value writes out, with `Fn::Join` and `Fn::Sub` too. Undefined for what is none. */
export function arnOf(value: unknown, here: Place): ArnFacts | undefined {
  const [prefix, , service, region, account, ...resource] = textOf(value, here).split(':');
  if (prefix !== 'arn' || resource.length === 0) return undefined;
  return {
    service: knownOf(service),
    region: knownOf(region),
    account: knownOf(account),
    resource: knownOf(resource.join(':')),
  };
}

const knownOf = (part: string | undefined): string | undefined =>
  part === undefined || part === '' || part.includes(UNKNOWN) ? undefined : part;

function textOf(value: unknown, here: Place): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return UNKNOWN;
  if ('Ref' in value && typeof value.Ref === 'string') return pseudo(value.Ref, here);
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
    const [separator, parts] = value['Fn::Join'] as readonly unknown[];
    return Array.isArray(parts)
      ? parts.map((part: unknown) => textOf(part, here)).join(String(separator))
      : UNKNOWN;
  }
  const template = 'Fn::Sub' in value ? value['Fn::Sub'] : undefined;
  return typeof template === 'string'
    ? template.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => pseudo(name, here))
    : UNKNOWN;
}

function pseudo(name: string, { accountId, region }: Place): string {
  if (name === 'AWS::AccountId') return accountId ?? UNKNOWN;
  if (name === 'AWS::Region') return region ?? UNKNOWN;
  return UNKNOWN;
}

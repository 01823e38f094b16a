import { Stack, Token, region_info } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * A statement as people of another account or app can paste it into a policy: partition, Region and account are written out where
 * the stack knows them, since an intrinsic function is no JSON of IAM.
 */
export function statementJson(scope: Construct, statement: PolicyStatement): string {
  const stack = Stack.of(scope);
  return JSON.stringify(literalOf(stack.resolve(statement.toStatementJson()), pseudosOf(stack)));
}

type Pseudos = Readonly<Record<string, string>>;

function pseudosOf({ account, region }: Stack): Pseudos {
  const partition = Token.isUnresolved(region) ? undefined : region_info.RegionInfo.get(region).partition;
  return {
    ...(Token.isUnresolved(account) ? {} : { 'AWS::AccountId': account }),
    ...(Token.isUnresolved(region) ? {} : { 'AWS::Region': region }),
    ...(partition !== undefined && { 'AWS::Partition': partition }),
  };
}

function literalOf(value: unknown, pseudos: Pseudos): unknown {
  if (Array.isArray(value)) return value.map((one) => literalOf(one, pseudos));
  if (typeof value !== 'object' || value === null) return value;
  const plain = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, literalOf(inner, pseudos)]),
  );
  const { Ref: ref, 'Fn::Join': join } = plain;
  if (typeof ref === 'string') return pseudos[ref] ?? plain;
  const parts: unknown = Array.isArray(join) && join[0] === '' ? join[1] : undefined;
  return isTexts(parts) ? parts.join('') : plain;
}

const isTexts = (parts: unknown): parts is readonly string[] =>
  Array.isArray(parts) && parts.every((part) => typeof part === 'string');

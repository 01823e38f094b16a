import { Stack, Token, Validations, aws_iam as iam, type IResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { statementJson } from './statement-json.js';

/** What principals of this account were allowed to do with what another account has. */
export interface ForeignUse {
  /** Of the warning: `grantPublish` and the like. */
  readonly grant: string;
  readonly owner: IResource;
  readonly actions: readonly string[];
  /** As the owner's policy must name them; a key names itself by `*`. */
  readonly resources: readonly string[];
}

/**
 * A right across accounts has to be given on both sides, and only one is in this app. This warns with the statement that the
 * other side's policy needs, where both accounts are known to differ.
 */
export function warnOfForeignUse(scope: Construct, { grant, owner, actions, resources }: ForeignUse): void {
  const { account } = Stack.of(scope);
  const theirs = owner.env.account;
  if (!isOther(theirs, account)) return;
  const statement = new iam.PolicyStatement({
    principals: [new iam.AccountPrincipal(account)],
    actions: [...actions],
    resources: [...resources],
  });
  const json = statementJson(scope, statement);
  Validations.of(scope).addWarning(
    `millrace:Imported.${grant}.${owner.node.id}`,
    `'${owner.node.path}' is of account ${theirs}: besides what ${grant} allows here, its policy there needs this statement, or all of it is denied: ${json}`,
  );
}

/** Whether a resource may be of the account of `scope`: what is known at deployment only may be anybody's. */
export const isSameAccount = (scope: Construct, { env }: IResource): boolean =>
  !isOther(env.account, Stack.of(scope).account);

/** Whether two accounts or Regions surely differ. */
export const isOther = (theirs: string, own: string): boolean =>
  !Token.isUnresolved(theirs) && !Token.isUnresolved(own) && theirs !== own;

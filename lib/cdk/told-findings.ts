import { Validations, type CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Template metadata of a resource: ids of the rules whose finding a construct has warned of already. */
export const TOLD_METADATA = 'millrace:told';

/** A warning of a construct about what a rule of `MillraceChecks` would find too. */
export interface ToldFinding {
  /** Id of the warning, to acknowledge it by. */
  readonly id: string;
  readonly words: string;
  /** The rule, and the resource it would find it on. */
  readonly rule: string;
  readonly resource: CfnResource;
}

/** Warns, and has the checks leave it at that: one finding for one fact. */
export function warnOfFinding(construct: IConstruct, { id, words, rule, resource }: ToldFinding): void {
  Validations.of(construct).addWarning(id, words);
  const told = (resource.getMetadata(TOLD_METADATA) ?? []) as readonly string[];
  if (!told.includes(rule)) resource.addMetadata(TOLD_METADATA, [...told, rule]);
}

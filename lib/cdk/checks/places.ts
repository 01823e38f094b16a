import { arnOf, type Place } from './arn-facts.js';
import { isSame, type Json, type StackTemplate, type TemplateGraph } from './template-graph.js';

/** Where what a value names is deployed, whether it is of this app or an ARN that is written out. */
export function placeOf(graph: TemplateGraph, value: Json, from: StackTemplate): Place {
  const found = graph.follow(value, from);
  if (found !== undefined) return { accountId: found.stack.accountId, region: found.stack.region };
  const arn = arnOf(value, from);
  return { accountId: arn?.account, region: arn?.region };
}

/** Whether two places may be one; what is not known may be anywhere. */
export const isOnePlace = (one: Place, other: Place): boolean =>
  isSame(one.accountId, other.accountId) && isSame(one.region, other.region);

/** A place in words. */
export const placeInWords = ({ accountId, region }: Place): string =>
  [accountId === undefined ? [] : `account ${accountId}`, region ?? []].flat().join(', ');

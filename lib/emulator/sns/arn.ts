import type { CallInput } from '../structures/call-input.js';
import { snsRefusals } from './refusals.js';

/** `arn:partition:service:region:account:resource` has so many parts. */
const ARN_PARTS = 6;

/** Reads a member that must be an ARN; whether there is such a thing is another question. */
export function readArn(input: CallInput, member: string): string {
  const arn = input.string(member);
  refuseNoArn(input, member, arn);
  return arn;
}

/** Refuses text that is no ARN, as SNS does before it looks for what the ARN names. */
export function refuseNoArn(input: CallInput, member: string, arn: string): void {
  const parts = arn.split(':').length;
  if (parts < ARN_PARTS || !arn.startsWith('arn:'))
    input.refuse(
      snsRefusals.invalidMember(member, `An ARN must have at least ${ARN_PARTS} elements, not ${parts}`),
    );
}

import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { show } from './bounds.js';
import { postureViolations, type PosturedProps } from './posture/posture.js';

/** The props that queues, topics, streams and readers have in common. */
export interface SharedProps extends PosturedProps {
  /** @default - the construct's id */
  readonly bindingName?: string;
}

/** What is wrong with the props that all constructs have. */
export function sharedViolations(props: SharedProps): string[] {
  return [
    ...postureViolations(props),
    ...nameViolations('bindingName', props.bindingName),
    ...constructViolations('alarmTopic', props.alarmTopic, { is: 'topic', by: 'topicArn' }),
    ...constructViolations('encryptionKey', props.encryptionKey, { is: 'key', by: 'keyArn' }),
    ...removalViolations(props.removalPolicy),
  ];
}

/** Violations of a name that is used at synth: empty, or a token, whose value comes too late. */
export function nameViolations(prop: string, name: unknown): string[] {
  if (name === undefined) return [];
  if (Token.isUnresolved(name)) return [`${prop} must be known at synth, got a token: write the name itself`];
  return typeof name === 'string' && /[A-Za-z0-9]/.test(name)
    ? []
    : [`${prop} must be a name with a letter or digit in it, got ${show(name)}`];
}

/** Violations of a prop that takes a construct: commonly an ARN is given in its place. */
export function constructViolations(
  prop: string,
  given: unknown,
  wanted: { readonly is: string; readonly by: string },
): string[] {
  if (given === undefined) return [];
  const isRight = Construct.isConstruct(given) && wanted.by in given;
  return isRight
    ? []
    : [`${prop} must be a ${wanted.is} of aws-cdk-lib, got ${show(given)}: import it by its ARN first`];
}

/** Violations of a removal policy, which plain JavaScript users write in any spelling. */
export function removalViolations(policy: unknown): string[] {
  const known: readonly unknown[] = Object.values(RemovalPolicy);
  return policy === undefined || known.includes(policy)
    ? []
    : [`removalPolicy must be a RemovalPolicy, such as RemovalPolicy.RETAIN, got ${show(policy)}`];
}

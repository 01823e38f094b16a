import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RemovalPolicy } from 'aws-cdk-lib';
import { choiceViolations } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import { alarmsTurnedOff } from '../monitoring/alarm-catalogue.js';

/**
 * How far a construct goes in what costs money, ties hands, or is asked for by auditors only:
 *
 * - `standard`: encrypted with keys AWS keeps free of charge, TLS only, watched, easily torn down;
 * - `cmk`: the same under a customer managed key of the stack;
 * - `regulated`: the same, nothing is deleted with its stack, tables are protected, and alarms must reach somebody.
 *
 * What each decides is a table in `docs/postures.md`, with what the scanners say of it.
 */
export type Posture = 'standard' | 'cmk' | 'regulated';

/** What a posture decides wherever the props of a construct are silent. */
export interface PostureDecisions {
  /** Whether queues, topics, streams and tables are encrypted with a customer managed key, made where none is given. */
  readonly isKeyCustomers: boolean;

  /** Whether every alarm must have a topic to ring at, and none may be turned off. */
  readonly areAlarmsRequired: boolean;

  /** Whether queues, topics, streams and tables stay when they leave their stack, and must. */
  readonly isRetained: boolean;

  /** Whether tables refuse to be deleted until somebody lifts their protection. */
  readonly areTablesProtected: boolean;
}

/** The decisions of every posture. */
export const POSTURES: Readonly<Record<Posture, PostureDecisions>> = Object.freeze({
  standard: Object.freeze({
    isKeyCustomers: false,
    areAlarmsRequired: false,
    isRetained: false,
    areTablesProtected: false,
  }),
  cmk: Object.freeze({
    isKeyCustomers: true,
    areAlarmsRequired: false,
    isRetained: false,
    areTablesProtected: false,
  }),
  regulated: Object.freeze({
    isKeyCustomers: true,
    areAlarmsRequired: true,
    isRetained: true,
    areTablesProtected: true,
  }),
});

/** The posture of a construct. */
export interface PostureProps {
  /**
   * How far the construct goes in encryption, retention and alarms.
   *
   * @default - what `Postures.of(scope).use()` chose for the nearest scope, or else the context value `millrace:posture`, or else 'standard'
   */
  readonly posture?: Posture;
}

/** The props a posture has a say in. */
export interface PosturedProps extends PostureProps, AlarmProps {
  /** @default - as the posture decides */
  readonly encryptionKey?: IKey;
  /** @default - as the posture decides */
  readonly removalPolicy?: RemovalPolicy;
}

/** What is wrong with a posture, or with props that would undo what it stands for. */
export function postureViolations(props: PosturedProps): string[] {
  const { posture = 'standard', alarms, alarmTopic, removalPolicy } = props;
  const unknown = choiceViolations('posture', posture, Object.keys(POSTURES));
  if (unknown.length > 0) return unknown;
  const { areAlarmsRequired, isRetained } = POSTURES[posture];
  return [
    ...(areAlarmsRequired && alarms === false
      ? [`alarms can't be false under posture '${posture}': leave it out`]
      : []),
    ...(areAlarmsRequired && alarms !== false && alarmTopic === undefined
      ? [`alarmTopic must be given under posture '${posture}': an alarm that tells nobody is none`]
      : []),
    ...(areAlarmsRequired
      ? alarmsTurnedOff(alarms).map(
          (name) => `alarms.${name} can't be false under posture '${posture}': leave it out`,
        )
      : []),
    ...(isRetained && removalPolicy !== undefined && !RETAINING.includes(removalPolicy)
      ? [`removalPolicy must retain under posture '${posture}', got '${removalPolicy}': leave it out`]
      : []),
  ];
}

const RETAINING: readonly RemovalPolicy[] = [RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

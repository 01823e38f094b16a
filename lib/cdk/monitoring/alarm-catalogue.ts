import { Token } from 'aws-cdk-lib';
import { unknownNames } from '../../core/options.js';
import { show } from '../bounds.js';

/** Every alarm the constructs make, with its section of `docs/runbook.md`, which its description names. */
export const ALARM_SECTIONS = Object.freeze({
  /** A queue's dead letters. */
  deadLetters: 'dead-letters',
  /** Dead letters that nobody looks at, days before they are gone. */
  deadLetterExpiry: 'dead-letters-about-to-expire',
  /** The age of a queue's oldest message. */
  backlog: 'backlog',
  /** Messages in flight, near the most SQS allows. */
  inFlight: 'too-many-messages-in-flight',
  /** Deliveries a topic gave up on. */
  failedDeliveries: 'failed-deliveries',
  /** Failed deliveries that did not reach their dead-letter queue either. */
  lostDeliveries: 'lost-deliveries',
  /** Messages whose attributes no filter can read. */
  invalidAttributes: 'invalid-attributes',
  /** What waits in a subscription's dead-letter queue. */
  undelivered: 'undelivered-messages',
  /** Readers of a stream that are behind. */
  lag: 'lag',
  /** A stream that nobody reads: its lag has no samples then. */
  unread: 'unread-stream',
  /** Producers of a stream that are throttled. */
  throttles: 'throttled-producers',
  /** Batches of records that a function gave up. */
  failedBatches: 'failed-batches',
  /** Records that do not arrive in a stream's archive. */
  freshness: 'stale-archive',
});

/** The name of an alarm, by which it can be turned off. */
export type AlarmName = keyof typeof ALARM_SECTIONS;

/** Which alarms are made. What is not named is. */
export type AlarmSwitches = Readonly<Partial<Record<AlarmName, boolean>>>;

/** Whether one alarm is made. */
export function isAlarmOn(alarms: boolean | AlarmSwitches | undefined, name: AlarmName): boolean {
  return typeof alarms === 'object' ? (alarms[name] ?? true) : (alarms ?? true);
}

/** What a construct says of its alarms, over what its scope says. */
export function mergeAlarms(
  own: boolean | AlarmSwitches | undefined,
  inherited: boolean | AlarmSwitches | undefined,
): boolean | AlarmSwitches | undefined {
  if (typeof own !== 'object' || inherited === undefined || Token.isUnresolved(own)) return own ?? inherited;
  const all = Object.keys(ALARM_SECTIONS) as readonly AlarmName[];
  const above = Object.fromEntries(all.map((name) => [name, isAlarmOn(inherited, name)]));
  // Misspelt names stay, to be refused with the construct's path.
  return {
    ...above,
    ...Object.fromEntries(
      Object.entries(own).filter(([, isOn]: readonly [string, unknown]) => isOn !== undefined),
    ),
  };
}

/** The alarms that are turned off by name; `alarms: false` names none. */
export function alarmsTurnedOff(alarms: boolean | AlarmSwitches | undefined): readonly AlarmName[] {
  if (typeof alarms !== 'object') return [];
  const all = Object.keys(ALARM_SECTIONS) as readonly AlarmName[];
  return all.filter((name) => alarms[name] === false);
}

/** What is wrong with the prop `alarms`. */
export function alarmViolations(alarms: unknown): string[] {
  if (alarms === undefined || typeof alarms === 'boolean') return [];
  if (typeof alarms !== 'object' || alarms === null || Array.isArray(alarms) || Token.isUnresolved(alarms)) {
    return [`alarms must be true, false, or alarms by name, such as { backlog: false }, got ${show(alarms)}`];
  }
  const wrong = Object.entries(alarms).filter(([, isOn]) => isOn !== undefined && typeof isOn !== 'boolean');
  return [
    ...unknownNames(alarms, Object.keys(ALARM_SECTIONS), 'alarms.'),
    ...wrong.map(([name, isOn]) => `alarms.${name} must be true or false, got ${show(isOn)}`),
  ];
}

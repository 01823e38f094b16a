import { isMillraceError } from '../../core/errors.js';
import type { CallLog } from '../calls.js';
import type { FaultRule, Faults } from '../faults.js';
import { isPhoneNumber } from '../sns/sms-operations.js';
import type { SnsEngine } from '../sns/engine.js';
import type { WireRequest, WireResponse } from './wire.js';

/** What the control endpoint shows and changes. */
export interface Controlled {
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly sns: Pick<SnsEngine, 'outbox' | 'optedOut' | 'setOptedOut'>;
}

/**
 * The emulator's own endpoint, for processes that can't hold the object:
 *
 * | request | does |
 * |---|---|
 * | `GET /_millrace/health` | 200 when it serves |
 * | `GET /_millrace/calls` | counters, as `{"sqs.SendMessage": 12}` |
 * | `GET /_millrace/faults` | the rules in force and how often they struck |
 * | `PUT /_millrace/faults` | replaces the rules by the body, a JSON list |
 * | `DELETE /_millrace/faults` | takes all rules away |
 * | `GET /_millrace/outbox` | e-mails, SMS, push notifications and Firehose records, oldest first |
 * | `GET /_millrace/opted-out` | telephone numbers that get no SMS |
 * | `PUT /_millrace/opted-out` | replaces them by the body, a JSON list |
 */
export function answerControl(
  path: string,
  request: WireRequest,
  { calls, faults, sns }: Controlled,
): WireResponse {
  switch (`${request.method} ${path}`) {
    case 'GET health':
      return json(200, { status: 'serving' });
    case 'GET calls':
      return json(200, calls.counts());
    case 'GET faults':
      return json(200, { rules: faults.rules, injected: faults.injected });
    case 'PUT faults':
      return setFaults(faults, request.body);
    case 'DELETE faults':
      faults.clear();
      return json(200, { rules: [] });
    case 'GET outbox':
      return json(200, sns.outbox());
    case 'GET opted-out':
      return json(200, sns.optedOut());
    case 'PUT opted-out':
      return setOptedOut(sns, request.body);
    default:
      return json(404, { message: `${request.method} /_millrace/${path} is no control call` });
  }
}

const setFaults = (faults: Faults, body: string): WireResponse =>
  withList(body, 'fault rules', (rules) => {
    faults.set(rules as readonly FaultRule[]);
    return json(200, { rules: faults.rules });
  });

const setOptedOut = (sns: Controlled['sns'], body: string): WireResponse =>
  withList(body, 'telephone numbers', (numbers) => {
    if (!numbers.every((number): number is string => typeof number === 'string' && isPhoneNumber(number)))
      return json(400, { message: 'write telephone numbers as E.164 does, as in +15550100' });
    sns.setOptedOut(numbers);
    return json(200, sns.optedOut());
  });

function withList(body: string, what: string, use: (list: readonly unknown[]) => WireResponse): WireResponse {
  try {
    const list: unknown = JSON.parse(body);
    return Array.isArray(list)
      ? use(list)
      : json(400, { message: `the body must be a JSON list of ${what}` });
  } catch (error) {
    if (error instanceof SyntaxError || isMillraceError(error)) return json(400, { message: error.message });
    throw error;
  }
}

const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

import { isMillraceError } from '../../core/errors.js';
import type { CallLog } from '../calls.js';
import type { FaultRule, Faults } from '../faults.js';
import type { WireRequest, WireResponse } from './wire.js';

/** What the control endpoint shows and changes. */
export interface Controlled {
  readonly calls: CallLog;
  readonly faults: Faults;
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
 */
export function answerControl(
  path: string,
  request: WireRequest,
  { calls, faults }: Controlled,
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
    default:
      return json(404, { message: `${request.method} /_millrace/${path} is no control call` });
  }
}

function setFaults(faults: Faults, body: string): WireResponse {
  try {
    const rules: unknown = JSON.parse(body);
    if (!Array.isArray(rules)) return json(400, { message: 'the body must be a JSON list of fault rules' });
    faults.set(rules as readonly FaultRule[]);
    return json(200, { rules: faults.rules });
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

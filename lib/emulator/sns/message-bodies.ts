import { isRecord, type CallInput } from '../structures/call-input.js';
import { snsRefusals } from './refusals.js';

/**
 * The texts for single protocols and platforms of a `MessageStructure` of `json`; none without it. Values that are no
 * strings are left out, a `default` must be there.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function readBodies(input: CallInput, text: string): Readonly<Record<string, string>> {
  const structure = input.optionalString('MessageStructure');
  if (structure === undefined) return {};
  if (structure !== 'json') {
    input.refuse(snsRefusals.invalidMember('MessageStructure', 'only json is allowed'));
    return {};
  }
  const bodies = parseBodies(text);
  if (typeof bodies !== 'string') return bodies;
  input.refuse(snsRefusals.invalidParameter(`Message Structure - ${bodies}`));
  return {};
}

/** The texts, or why there are none. */
function parseBodies(text: string): Readonly<Record<string, string>> | string {
  const unreadable = 'JSON message body failed to parse';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable;
  }
  if (!isRecord(json)) return unreadable;
  const bodies = Object.fromEntries(
    Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return bodies['default'] === undefined ? 'No default entry in JSON message body' : bodies;
}
